"""One invented patient as the report room gets it: a call of each kind, made by hand."""

from dataclasses import replace
from datetime import date
from typing import Any, Literal

from mrdkit.ngs import load_rules
from mrdkit.patient.mrd_pairs import comparisons_of
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.mrd_trend import trends_of
from mrdkit.patient.records import Event, EventKind, PatientRecord, Subject
from mrdkit.report import Figure
from mrdkit.report.figures import Section
from mrdkit.results import (
    Evidence,
    EvolvedClone,
    FeatureShift,
    FishCall,
    FishClass,
    FishPattern,
    FlowMrdCall,
    GateCount,
    InputDigest,
    KaryotypeCall,
    KaryotypeClone,
    LineageArm,
    Metaphases,
    MrdStatus,
    NewDominant,
    NgsMrdCall,
    PhenotypeDetection,
    ResponseCall,
    RuleUsed,
    Specimen,
    Tp53Call,
    Tp53Variant,
    TrackedTarget,
    VisibleGate,
)

EVIDENCE = Evidence(
    inputs=(InputDigest(role="followup", sha256="0123456789abcdef" * 4),),
    rules=(RuleUsed(id="b_all_fixed", version="1", source="a demonstration panel"),),
    software_version="0.0.0",
)
BASELINE = Specimen(subject_id="P-01", visit="baseline", specimen_id="S-0", collected_on=date(2024, 1, 2))
COURSE_1 = Specimen(subject_id="P-01", visit="course 1", specimen_id="S-1", collected_on=date(2024, 2, 4))
SUBJECT = Subject(
    subject_id="P-01",
    sex="F",
    age=41.0,
    treatment_start=date(2024, 1, 8),
    arm="A",
    salvage="1",
    cr1_duration_months=26.0,
    prior_sct="N",
    extra={},
)


def flow_call(**changes: Any) -> FlowMrdCall:  # fields of the record
    """Return a positive flow call with some fields changed."""
    fields: dict[str, Any] = {
        "specimen": COURSE_1,
        "state": "positive",
        "status": {"1e-4": MrdStatus.POSITIVE},
        "detected": True,
        "quantifiable": True,
        "n_target": 345,
        "n_denominator": 148_063,
        "denominator": "nucleated",
        "n_hematogones": 1490,
        "fraction": 345 / 148_063,
        "ci_low": 2.09e-3,
        "ci_high": 2.59e-3,
        "lob": None,
        "lod": 6.8e-5,
        "loq": 2.7e-4,
        "sensitivity": 6.8e-5,
        "lineage_arms": (LineageArm(markers=("CD19",), n=6450), LineageArm(markers=("CD22",), n=2736)),
        "gates": (
            GateCount(
                id="cells", path=("cells",), count=155_000, percent_of_parent=97.0, percent_of_total=97.0
            ),
        ),
        "panel": "b_all_fixed",
        "flags": ("BACKGROUND_NOT_MEASURED",),
        "reasons": ("345 target events of 148063 nucleated cells.",),
        "evidence": EVIDENCE,
    }
    return FlowMrdCall(**{**fields, **changes})


#: What a second model and the visible gates say of the positive tube.
DETECTION = PhenotypeDetection(
    method="diagnosis",
    n_expected=3.4,
    recall=0.91,
    alignment=(
        FeatureShift(feature="CD10", decades=0.041),
        FeatureShift(feature="CD38", decades=-0.12),
        FeatureShift(feature="CD58", decades=0.0),
    ),
    shift=(
        FeatureShift(feature="CD10", decades=-0.35),
        FeatureShift(feature="CD38", decades=0.05),
        FeatureShift(feature="CD58", decades=0.11),
    ),
    second_opinion_n=97,
    second_opinion_lob=11.5,
    visible_gates=(
        VisibleGate(x="CD38", y="CD58", vertices=((0.2, 0.5), (0.5, 0.5), (0.4, 0.8))),
        VisibleGate(x="CD10", y="CD58", vertices=((0.5, 0.5), (0.9, 0.5), (0.7, 0.8))),
    ),
    visible_recall=0.961,
    visible_precision=0.874,
)


def phenotype_call(**changes: Any) -> FlowMrdCall:  # fields of the record
    """Return a positive call of a tube whose cells were found by phenotype, with some fields changed."""
    fields: dict[str, Any] = {
        "n_target": 102,
        "n_denominator": 443_953,
        "n_hematogones": 6419,
        "fraction": 2.44e-4,
        "ci_low": 1.93e-4,
        "ci_high": 3.04e-4,
        "lob": 2.1e-5,
        "lod": 3.6e-5,
        "loq": 9.9e-5,
        "sensitivity": 3.6e-5,
        "lineage_arms": (
            LineageArm(markers=("CD19",), n=14_450, targeted=True),
            LineageArm(markers=("CD22",), n=12_736, targeted=False),
        ),
        "panel": "b_all_mrd",
        "flags": ("GATES_FOUND_IN_DATA",),
        "reasons": ("A cluster of 102 events stands above the limit of blank of 9.3 events.",),
        "n_blanks": 84,
        "provisional": False,
        "detection": DETECTION,
    }
    return flow_call(**{**fields, **changes})


#: The same panel on a tube in which nothing was called: no shift, no gates, no second model above its limit.
NOTHING_CALLED = replace(
    DETECTION,
    shift=(),
    second_opinion_n=4,
    visible_gates=(),
    visible_recall=None,
    visible_precision=None,
)
NEGATIVE = phenotype_call(
    state="negative",
    status={"1e-4": MrdStatus.NEGATIVE},
    detected=False,
    quantifiable=False,
    n_target=2,
    fraction=0.0,
    ci_low=0.0,
    ci_high=1.3e-5,
    n_blanks=35,
    provisional=True,
    reasons=("2 events, not above the limit of blank of 9.3 events.",),
    detection=NOTHING_CALLED,
)
INSUFFICIENT = replace(
    NEGATIVE,
    state="insufficient",
    status={"1e-4": MrdStatus.INDETERMINATE},
    n_denominator=41_200,
    ci_high=1.6e-4,
    lod=2.5e-4,
    sensitivity=2.5e-4,
    flags=("INSUFFICIENT_SENSITIVITY",),
)
NOT_EVALUABLE = phenotype_call(
    state="not_evaluable",
    status={"1e-4": MrdStatus.NOT_EVALUABLE},
    detected=None,
    quantifiable=None,
    n_target=None,
    fraction=None,
    ci_low=None,
    ci_high=None,
    lob=None,
    lod=None,
    loq=None,
    sensitivity=None,
    n_blanks=None,
    provisional=None,
    detection=None,
    flags=("BATCH_SHIFT",),
    reasons=("CD38 stands 0.61 decades above the reference, at most 0.5 can be aligned.",),
)


def figure_of(section: Section, *, tube: str = "0123456789abcdef" * 4) -> Figure:
    """Return a picture of one section of a tube's report."""
    return Figure(
        specimen_id="S-1",
        input_sha256=tube,
        section=section,
        name=section,
        title=f"A picture of the section {section}",
        caption="The first line.\nThe second line.",
        png=b"png",
    )


#: The rules that a sequencing call rests on, as they are shipped.
NGS_EVIDENCE = replace(EVIDENCE, rules=load_rules().used())


def ngs_call(**changes: Any) -> NgsMrdCall:  # fields of the record
    """Return a sequencing call with some fields changed: positive at 1e-4, one target."""
    target = TrackedTarget(
        target_id="b8ea0bee396d885d",
        locus="IGH",
        v="IGHV04-39",
        templates=182,
        templates_tolerant=None,
        per_million=174.035,
        per_ml=None,
        ci_low=149.668,
        ci_high=201.238,
        lod=2.8647,
        loq=2.8647,
        lod_source="poisson",
        sensitivity_bin=1e-6,
        log_reduction=3.6605,
    )
    fields: dict[str, Any] = {
        "specimen": COURSE_1,
        "sample_id": "S-1",
        "compartment": "cellular",
        "cells": 1_045_767.05,
        "cells_source": "reference_loci",
        "plasma_ml": None,
        "tracking": (target,),
        "mrd_per_million": 174.035,
        "mrd_per_ml": None,
        "driving_target": "b8ea0bee396d885d",
        "aggregation": "maximum",
        "detected": True,
        "quantifiable": True,
        "upper_limit": 1.97e-4,
        "status": {
            "1e-4": MrdStatus.POSITIVE,
            "1e-5": MrdStatus.POSITIVE,
            "1e-6": MrdStatus.POSITIVE,
        },
        "log_reduction": 3.6605,
        "new_dominant": (),
        "evolved": (),
        "discordant_targets": (),
        "flags": (),
        "reasons": ("At 1e-6: positive, 182 templates in 1,045,767 cells are 0.000174.",),
        "evidence": NGS_EVIDENCE,
    }
    return NgsMrdCall(**{**fields, **changes})


#: A blood sample with a lost target, a sub-clone and a sequence that is no target.
NGS_EVOLVED = ngs_call(
    specimen=replace(COURSE_1, specimen_type="PB"),
    tracking=(
        replace(ngs_call().tracking[0], templates_tolerant=190),
        replace(
            ngs_call().tracking[0],
            target_id="0c1fa3e7b0d4592a",
            locus="IGK",
            v="IGKV01",
            templates=0,
            templates_tolerant=0,
            per_million=0.0,
            ci_low=0.0,
            ci_high=3.53,
            sensitivity_bin=-1.0,
            log_reduction=None,
        ),
    ),
    discordant_targets=("0c1fa3e7b0d4592a",),
    evolved=(
        EvolvedClone(
            target_id="b8ea0bee396d885d",
            clone_id="5c0de5c0de5c0de5",
            sequence="ACGTACGT",
            v="IGHV03-23",
            templates=12,
            overlap=61,
            mismatches=0,
            stem_length=47,
            per_million=11.4748,
            per_ml=None,
            ci_low=5.9293,
            ci_high=20.0444,
        ),
    ),
    new_dominant=(
        NewDominant(
            locus="IGL",
            like_group="IGL",
            sequence="ACGT" * 20,
            v="IGLV02-14",
            d=None,
            j="IGLJ03",
            templates=61,
            fraction_of_group=0.277,
            fraction_of_cells=5.83e-5,
            dominant=False,
            failed_criteria=("CELLS_0_2PCT",),
        ),
    ),
    flags=("TARGETS_DISCORDANT",),
)
#: Nothing found among too few cells for 1e-6.
NGS_TOO_FEW = ngs_call(
    mrd_per_million=0.0,
    driving_target=None,
    detected=False,
    quantifiable=False,
    upper_limit=2.86e-6,
    status={"1e-4": MrdStatus.NEGATIVE, "1e-5": MrdStatus.NEGATIVE, "1e-6": MrdStatus.INDETERMINATE},
    log_reduction=None,
    tracking=(),
    reasons=("At 1e-6: indeterminate, 0 templates in 1,045,767 cells.",),
)
#: Plasma: templates per mL, and no status per cell.
NGS_PLASMA = ngs_call(
    compartment="cell_free",
    plasma_ml=4.0,
    mrd_per_million=None,
    mrd_per_ml=45.5,
    upper_limit=None,
    status=dict.fromkeys(("1e-4", "1e-5", "1e-6"), MrdStatus.NOT_EVALUABLE),
    log_reduction=None,
    tracking=(),
    flags=("CELL_FREE",),
    reasons=("Not evaluable at thresholds per cell: the sample is cell-free.",),
)
#: A sample whose cells nobody stated.
NGS_NO_CELLS = ngs_call(
    cells=None,
    cells_source="none",
    mrd_per_million=None,
    detected=None,
    quantifiable=None,
    upper_limit=None,
    status=dict.fromkeys(("1e-4", "1e-5", "1e-6"), MrdStatus.NOT_EVALUABLE),
    log_reduction=None,
    tracking=(),
    flags=("CELLS_MISSING",),
    reasons=("Not evaluable: there is no denominator.",),
)


TP53 = Tp53Call(
    specimen=BASELINE,
    build="GRCh38",
    build_evidence="contig length",
    sample=None,
    status="mutated",
    n_counted=1,
    max_vaf=0.41,
    allelic_state="monoallelic_or_unknown",
    allelic_evidence="one counted variant",
    policy="tp53_default",
    variants=(
        Tp53Variant(
            chrom="chr17",
            pos=7_675_088,
            ref="C",
            alt="T",
            key="17-7675088-C-T",
            hgvs_g="NC_000017.11:g.7675088C>T",
            hgvs_c="c.524G>A",
            hgvs_p="p.(Arg175His)",
            transcript="NM_000546.6",
            consequence="missense",
            class_=None,
            counted=True,
            count_reason="counted",
            alt_reads=246,
            depth=600,
            vaf=0.41,
            vaf_source="AD",
            filter="PASS",
            flags=("GERMLINE_POSSIBLE",),
            exon=5,
            hotspot=True,
            functional_class="non-functional",
        ),
    ),
    flags=(),
    reasons=(
        "c.524G>A p.(Arg175His) counts (missense).",
        "c.524G>A may be of the germline: confirm on non-leukemic tissue.",
    ),
    evidence=EVIDENCE,
)
FISH = FishCall(
    specimen=BASELINE,
    probe_id="CRLF2_BA",
    call="rearranged_split",
    classes=(
        FishClass(
            class_="split", n=85, percent=42.5, ci_low=35.56, ci_high=49.67, cutoff=2.35, abnormal=True
        ),
    ),
    patterns=(
        FishPattern(class_="split", fusions=1, isolated_3prime=1, isolated_5prime=1, n=85, percent=42.5),
        FishPattern(class_="normal", fusions=2, isolated_3prime=0, isolated_5prime=0, n=115, percent=57.5),
    ),
    n_scored=200,
    n_dropped=0,
    percent=42.5,
    ci_low=35.56,
    ci_high=49.67,
    iscn_2024="nuc ish (CRLF2)\u00d72(3\u2032CRLF2 sep 5\u2032CRLF2)\u00d71[85/200]",
    iscn_2020="nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]",
    flags=(),
    reasons=("85 of 200 nuclei are split, above the cut-off of 2.35 %.",),
    evidence=EVIDENCE,
)
KARYOTYPE = KaryotypeCall(
    specimen=BASELINE,
    text="46,XX,t(4;11)(q21;q23)[18]/46,XX[2]",
    cleaned="46,XX,t(4;11)(q21;q23)[18]/46,XX[2]",
    changes=(),
    status="parsed",
    error=None,
    clones=(
        KaryotypeClone(
            role="stem",
            population="recipient",
            count_low=46,
            count_high=46,
            sex="XX",
            items=("t(4;11)(q21;q23)",),
            cells=18,
            clonal=True,
        ),
    ),
    ploidy="pseudodiploid",
    ploidy_group=None,
    modal_number=46,
    n_abnormalities_iscn=1,
    n_abnormalities_tokens=1,
    complex_raw=False,
    complex_all=False,
    kmt2a="yes",
    ph="no",
    findings={"kmt2a_aff1": "yes", "t_1_19": "no"},
    high_risk={"minihcvd2023": True, "ukall14": True},
    metaphases=Metaphases(total=20, recipient=20, donor=0, normal=2),
    excluded_level=0.139,
    unparsed=(),
    flags=(),
    reasons=(),
    evidence=EVIDENCE,
)
RESPONSE = ResponseCall(
    subject_id="P-01",
    visit="course 1",
    course="1",
    marrow_date=date(2024, 2, 4),
    response="CR",
    responder="Y",
    cytogenetic_response="not_evaluable",
    mrd_flow="positive",
    mrd_ngs={"1e-4": "positive", "1e-5": "positive", "1e-6": "positive"},
    mrd_combined="positive",
    flags=(),
    reasons=(),
    criteria="jabbour2023",
    evidence=EVIDENCE,
)


def measurement(
    method: Literal["flow", "ngs"], visit: str, day: date | None, *, fraction: float | None, detected: bool
) -> MrdMeasurement:
    """Return one point of the time line; what is not detected is censored at 6.8e-5."""
    return MrdMeasurement(
        method=method,
        visit=visit,
        specimen_id=None,
        collected_on=day,
        fraction=fraction,
        ci_low=None if fraction is None else fraction / 2,
        ci_high=None if fraction is None else fraction * 2,
        limit=None if detected else 6.8e-5,
        detected=detected,
        status={"1e-4": "positive" if detected and (fraction or 0.0) >= 1e-4 else "negative"},
        source="mrdkit",
        flags=(),
    )


def record_of(**changes: Any) -> PatientRecord:  # fields of the record
    """Return the example patient with some fields changed."""
    fields: dict[str, Any] = {
        "subject": SUBJECT,
        "events": (
            Event(subject_id="P-01", date=date(2024, 1, 8), kind=EventKind.COURSE_START, detail="1"),
            Event(subject_id="P-01", date=date(2024, 1, 11), kind=EventKind.INOTUZUMAB, detail=""),
            Event(subject_id="P-01", date=date(2024, 6, 1), kind=EventKind.RELAPSE, detail="marrow"),
        ),
        "responses": (RESPONSE,),
        "best_response": "CR",
        "best_response_visit": "course 1",
        "mrd": (
            measurement("flow", "baseline", date(2024, 1, 2), fraction=0.8, detected=True),
            measurement("flow", "course 1", date(2024, 2, 4), fraction=2.3e-3, detected=True),
            measurement("ngs", "course 1", date(2024, 2, 4), fraction=1.74e-4, detected=True),
            measurement("flow", "course 3", date(2024, 4, 20), fraction=0.0, detected=False),
            measurement("ngs", "course 3", None, fraction=3e-6, detected=True),
        ),
        "calls": (TP53, FISH, KARYOTYPE, flow_call(), ngs_call()),
        "external": (),
        "not_measured": ("No karyotype result at visit course 1.",),
    }
    fields |= changes
    series = {"mrd_trends": trends_of(fields["mrd"]), "mrd_comparisons": comparisons_of(fields["mrd"])}
    return PatientRecord(**{**series, **fields})


RECORD = record_of()
