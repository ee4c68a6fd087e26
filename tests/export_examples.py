"""A study of two patients with a result of every kind, as the exports read it."""

from dataclasses import replace
from datetime import date
from typing import Any

from report_examples import (
    FISH,
    KARYOTYPE,
    NGS_PLASMA,
    RECORD,
    RESPONSE,
    flow_call,
    measurement,
    ngs_call,
    record_of,
)

from mrdkit.patient.records import Assessment, BloodCount, Event, EventKind, ExternalResult, PatientRecord
from mrdkit.results import Specimen, Tp53Call, Tp53Variant

__all__ = ["RECORDS", "external", "record_with", "response", "tp53_call", "variant"]

DAY = date(2024, 2, 5)


def variant(**changes: Any) -> Tp53Variant:
    made = Tp53Variant(
        chrom="chr17",
        pos=7675088,
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
        count_reason="counts",
        alt_reads=30,
        depth=100,
        vaf=0.3,
        vaf_source="AD",
        filter="PASS",
        flags=(),
    )
    return replace(made, **changes)  # fields of the record


def tp53_call(status: Any = "mutated", *variants: Tp53Variant) -> Tp53Call:
    return Tp53Call(
        specimen=Specimen(
            subject_id="P-01", visit="baseline", specimen_id="S-0", collected_on=date(2024, 1, 2)
        ),
        build="GRCh38",
        build_evidence="contigs",
        sample="T",
        status=status,
        n_counted=sum(each.counted for each in variants),
        max_vaf=max((each.vaf or 0.0 for each in variants), default=None),
        allelic_state=None,
        allelic_evidence=None,
        policy="default",
        variants=variants,
        flags=(),
        reasons=(),
        evidence=RECORD.responses[0].evidence,
    )


def external(assay: Any, status: str, **changes: Any) -> ExternalResult:
    made = ExternalResult(
        subject_id="P-01",
        visit="course 1",
        specimen_id="X-1",
        collected_on=DAY,
        assay=assay,
        status=status,
        source="central laboratory",
    )
    return replace(made, **changes)  # fields of the record


def response(category: str, visit: str = "course 1", day: date = DAY) -> PatientRecord:
    """Return a patient with one response of a category."""
    call = replace(RESPONSE, visit=visit, marrow_date=day, response=category)
    return record_of(responses=(call,), best_response=category, best_response_visit=visit)


def record_with(subject_id: str, **changes: Any) -> PatientRecord:
    subject = replace(RECORD.subject, subject_id=subject_id)
    return replace(RECORD, **{"subject": subject, **changes})


ASSESSMENT = Assessment(
    subject_id="P-01",
    visit="course 1",
    course="1",
    marrow_date="2024-02-05",
    blasts_percent="<5",
    marrow_evaluable="Y",
    cbc_date="2024-02-05",
    anc="1500",
    anc_unit="/uL",
    platelets="87",
    platelets_unit="K/uL",
    pb_blasts_percent="0",
)
FIRST = record_with(
    "P-01",
    calls=(flow_call(), ngs_call(), NGS_PLASMA, FISH, KARYOTYPE, tp53_call("mutated", variant())),
    responses=(
        replace(RESPONSE, marrow_date=DAY, response="CRp", flags=("PLT_LOW",), reasons=("Platelets: 87.",)),
    ),
    best_response="CRp",
    best_response_visit="course 1",
    external=(external("tp53", "wild type"), external("crlf2_fish", "normal"), external("crlf2_flow", "")),
    assessments=(ASSESSMENT,),
    blood_counts=(BloodCount(subject_id="P-01", date=date(2024, 1, 1), anc="0.2", platelets="12"),),
    relapse_on=date(2024, 9, 1),
)
SECOND = record_with(
    "P-02",
    calls=(),
    mrd=(measurement("flow", "course 1", date(2024, 2, 5), fraction=None, detected=False),),
    responses=(),
    external=(),
    events=(Event(subject_id="P-02", date=date(2024, 5, 1), kind=EventKind.DEATH, detail=""),),
)
RECORDS = (SECOND, FIRST)
