"""The records that every assay returns and every output reads.

One frozen call per specimen and assay. "Detected", "quantifiable" and "status at a threshold" are three
different questions and three different fields. NEGATIVE is only said where the achieved sensitivity reaches
the threshold: not seen with too few cells is INDETERMINATE, not measured is NOT_EVALUABLE.

Field names are those of the command line's JSON (a trailing underscore only avoids a Python keyword).
Fractions are plain numbers, percentages end in `_percent` or say so. A field that does not apply is None.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

__all__ = [
    "THRESHOLDS_FLOW",
    "THRESHOLDS_NGS",
    "Call",
    "Evidence",
    "EvolvedClone",
    "FeatureShift",
    "FishCall",
    "FishClass",
    "FishPattern",
    "FlowMrdCall",
    "GateCount",
    "InputDigest",
    "KaryotypeCall",
    "KaryotypeClone",
    "KaryotypeFish",
    "LineageArm",
    "Metaphases",
    "MrdStatus",
    "NewDominant",
    "NgsMrdCall",
    "PhenotypeDetection",
    "ResponseCall",
    "RuleUsed",
    "Specimen",
    "Tp53Call",
    "Tp53Variant",
    "TrackedTarget",
    "VisibleGate",
    "as_json",
]

THRESHOLDS_FLOW: Mapping[str, float] = {"1e-4": 1e-4}
THRESHOLDS_NGS: Mapping[str, float] = {"1e-4": 1e-4, "1e-5": 1e-5, "1e-6": 1e-6}


class MrdStatus(StrEnum):
    """Status at one threshold."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INDETERMINATE = "indeterminate"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """Whose material, what and of which visit. Subject ids are pseudonyms; unknown parts are None."""

    subject_id: str | None = None
    visit: str | None = None
    specimen_id: str | None = None
    collected_on: date | None = None
    specimen_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDigest:
    """One input file by its content; its name and path are not results."""

    role: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUsed:
    """One rule that decided something in a call: panel, criteria, cut-offs, policy."""

    id: str
    version: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a call rests on."""

    inputs: tuple[InputDigest, ...]
    rules: tuple[RuleUsed, ...]
    software_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageArm:
    """One way of finding B-lineage cells.

    Attributes:
        markers: that it rests on.
        n: events that it found.
        targeted: whether therapy was directed against one of its markers; None where it was not asked.
    """

    markers: tuple[str, ...]
    n: int
    targeted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCount:
    """Events in one population; `path` runs from the root to the gate itself."""

    id: str
    path: tuple[str, ...]
    count: int
    percent_of_parent: float | None
    percent_of_total: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureShift:
    """How far one feature stands away, in decades of intensity."""

    feature: str
    decades: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleGate:
    """One polygon on two markers, in display coordinates; target cells lie within all of them."""

    x: str
    y: str
    vertices: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhenotypeDetection:
    """How target cells were found by their phenotype.

    Attributes:
        method: "diagnosis" (like the patient's diagnosis), or "screening" (unlike normal marrow).
        n_expected: normal cells expected among the called ones.
        recall: share of the leukemic cells that is expected to be called.
        alignment: by how much the tube stood above the reference before it was aligned.
        shift: by how much the cluster moved since diagnosis; empty where none is called.
        second_opinion_n: cells called by boosted trees; None where there is no second opinion.
        second_opinion_lob: their limit of blank in this tube, in events.
        visible_gates: polygons that show the called cells; empty where too few are called.
        visible_recall: share of the called cells inside all polygons.
        visible_precision: share of the events inside all polygons that are called.
    """

    method: Literal["diagnosis", "screening"]
    n_expected: float
    recall: float
    alignment: tuple[FeatureShift, ...]
    shift: tuple[FeatureShift, ...]
    second_opinion_n: int | None
    second_opinion_lob: float | None
    visible_gates: tuple[VisibleGate, ...]
    visible_recall: float | None
    visible_precision: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMrdCall:
    """MRD of one tube by flow cytometry; limits as fractions of the denominator.

    `fraction` is n_target / n_denominator; where target cells are found by phenotype, n_target is first
    corrected for the background expected among them and for recall. `n_blanks` are the marrows behind `lob`,
    `provisional` says that they are too few to claim it; both are None without a background.
    """

    specimen: Specimen
    state: Literal["positive", "detected_below", "insufficient", "negative", "not_evaluable"]
    status: Mapping[str, MrdStatus]
    detected: bool | None
    quantifiable: bool | None
    n_target: int | None
    n_denominator: int | None
    denominator: Literal["nucleated", "mononuclear"]
    n_hematogones: int | None
    fraction: float | None
    ci_low: float | None
    ci_high: float | None
    lob: float | None
    lod: float | None
    loq: float | None
    sensitivity: float | None
    lineage_arms: tuple[LineageArm, ...]
    gates: tuple[GateCount, ...]
    panel: str
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence
    n_blanks: int | None = None
    provisional: bool | None = None
    detection: PhenotypeDetection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTarget:
    """One dominant sequence in one follow-up sample; interval and limits are in the unit of the headline.

    Attributes:
        templates: exact count.
        templates_tolerant: with the substitutions that were allowed, an annotation; never fewer.
        mismatches_allowed: how many these were.
        match_rows: sequences behind the exact count.
        lod_source: "poisson", or who measured it.
    """

    target_id: str
    locus: str
    v: str | None
    templates: int
    templates_tolerant: int | None
    per_million: float | None
    per_ml: float | None
    ci_low: float | None
    ci_high: float | None
    lod: float | None
    loq: float | None
    lod_source: str | None
    sensitivity_bin: float | None
    log_reduction: float | None
    mismatches_allowed: int = 0
    match_rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDominant:
    """A sequence of a follow-up sample that is no target, and which dominance criteria it fails.

    `evolved_from` names the target whose stem it shares.
    """

    locus: str
    like_group: str
    sequence: str
    v: str | None
    d: str | None
    j: str | None
    templates: int
    fraction_of_group: float
    fraction_of_cells: float | None
    dominant: bool
    failed_criteria: tuple[str, ...]
    evolved_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolvedClone:
    """A sequence that shares a target's stem with another V; never part of the MRD value.

    Attributes:
        target_id: the target it evolved from.
        clone_id: the sub-clone of the calibration that it equals; None where the calibration had none.
        overlap: bases compared with that sub-clone, else with the target.
        mismatches: against that sub-clone; None without one.
        stem_length: bases that it shares with the target, from the 3' end.
        ci_low: in the unit of the headline, as ci_high.
    """

    target_id: str
    clone_id: str | None
    sequence: str
    v: str | None
    templates: int
    overlap: int
    mismatches: int | None
    stem_length: int
    per_million: float | None
    per_ml: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NgsMrdCall:
    """MRD of one sample by sequencing. `upper_limit` is the one-sided 95 % limit, a fraction."""

    specimen: Specimen
    sample_id: str | None
    compartment: Literal["cellular", "cell_free"]
    cells: float | None
    cells_source: Literal["reference_loci", "vendor_count", "mass_6.5pg", "user", "none"]
    plasma_ml: float | None
    tracking: tuple[TrackedTarget, ...]
    mrd_per_million: float | None
    mrd_per_ml: float | None
    driving_target: str | None
    aggregation: str
    detected: bool | None
    quantifiable: bool | None
    upper_limit: float | None
    status: Mapping[str, MrdStatus]
    log_reduction: float | None
    new_dominant: tuple[NewDominant, ...]
    evolved: tuple[EvolvedClone, ...]
    discordant_targets: tuple[str, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FishClass:
    """One class of signal patterns; percent, interval and cut-off in percent of the scored nuclei."""

    class_: str
    n: int
    percent: float
    ci_low: float
    ci_high: float
    cutoff: float | None
    abnormal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FishPattern:
    """Nuclei of one pattern of signals; those without any are counted but not part of a percentage."""

    class_: str
    fusions: int
    isolated_3prime: int
    isolated_5prime: int
    n: int
    percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FishCall:
    """One specimen and probe. `percent` and its interval belong to the class of the call."""

    specimen: Specimen
    probe_id: str
    call: str
    classes: tuple[FishClass, ...]
    patterns: tuple[FishPattern, ...]
    n_scored: int
    n_dropped: int
    percent: float | None
    ci_low: float | None
    ci_high: float | None
    iscn_2024: str | None
    iscn_2020: str | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeClone:
    """One clone of a karyotype; `items` are its changes as written, inherited ones included."""

    role: Literal["stem", "side", "normal", "constitutional"]
    population: Literal["recipient", "donor"]
    count_low: int
    count_high: int
    sex: str | None
    items: tuple[str, ...]
    cells: int | None
    clonal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Metaphases:
    """Cells analysed; donor + recipient = total, `normal` counts recipient cells only."""

    total: int
    recipient: int
    donor: int
    normal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeFish:
    """The part of another technique behind a karyotype, as written; read only as normal or abnormal."""

    text: str
    reading: Literal["normal", "abnormal", "not_read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeCall:
    """One karyotype. `text` is as given, `cleaned` as read, `changes` every repair in between.

    Attributes:
        findings: recurrent findings by name, such as `t_1_19`.
        high_risk: risk profile -> whether it calls the karyotype high risk, None where that is open.
        excluded_level: share of cells that a clone may have had unseen, a fraction; the fields beside it
            give the share where a clone needs two cells (gain, structural) or three (loss) to be called.
    """

    specimen: Specimen
    text: str
    cleaned: str
    changes: tuple[str, ...]
    status: Literal["parsed", "partly", "rejected"]
    error: str | None
    clones: tuple[KaryotypeClone, ...]
    ploidy: str | None
    ploidy_group: Literal["HoTr", "HeH", "masked_near_haploid"] | None
    modal_number: int | str | None
    n_abnormalities_iscn: int | str | None
    n_abnormalities_tokens: int | str | None
    complex_raw: bool | None
    complex_all: bool | None
    kmt2a: Literal["yes", "no", "suspect", "uncertain"] | None
    ph: Literal["yes", "no", "suspect", "uncertain"] | None
    findings: Mapping[str, Literal["yes", "no", "suspect", "uncertain"]] = field(default_factory=dict)
    high_risk: Mapping[str, bool | None] = field(default_factory=dict)
    fish_parts: tuple[KaryotypeFish, ...] = ()
    metaphases: Metaphases | None
    excluded_level: float | None
    excluded_level_two_cells: float | None = None
    excluded_level_three_cells: float | None = None
    unparsed: tuple[str, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Tp53Variant:
    """One TP53 allele: chrom to alt as in the input, `key` normalised and left-aligned on GRCh38.

    `exon` is None in an intron and over a border. `functional_class` is the transactivation class of a
    missense change, `supplied_hgvs` the file's own names (never used), `merged_from` the `POS-REF-ALT` of the
    phased records that the file has in its place.
    """

    chrom: str
    pos: int
    ref: str
    alt: str
    key: str
    hgvs_g: str
    hgvs_c: str
    hgvs_p: str
    transcript: str
    consequence: str
    class_: Literal["benign", "likely_benign"] | None
    counted: bool
    count_reason: str
    alt_reads: int | None
    depth: int | None
    vaf: float | None
    vaf_source: str | None
    filter: str | None
    flags: tuple[str, ...]
    exon: int | None = None
    hotspot: bool = False
    functional_class: Literal["non-functional", "partially functional", "functional", "supertrans"] | None = (
        None
    )
    supplied_hgvs: str | None = None
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tp53Call:
    """TP53 of one sample. Absence of a file is `not_tested`, never wild type."""

    specimen: Specimen
    build: Literal["GRCh37", "GRCh38"] | None
    build_evidence: str | None
    sample: str | None
    status: Literal["mutated", "wild_type", "indeterminate", "not_tested"]
    n_counted: int
    max_vaf: float | None
    allelic_state: (
        Literal["multi_hit", "mut+del17p", "mut+cnLOH", "inferred_LOH", "monoallelic_or_unknown"] | None
    )
    allelic_evidence: str | None
    policy: str
    variants: tuple[Tp53Variant, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCall:
    """Response of one subject at one visit, by one criteria profile.

    `upgraded_on` is the day of the later count by which the response rose, None where it did not.
    """

    subject_id: str
    visit: str
    course: str | None
    marrow_date: date | None
    response: str
    responder: Literal["Y", "N", "NE"]
    cytogenetic_response: str
    mrd_flow: str
    mrd_ngs: Mapping[str, str]
    mrd_combined: str
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    criteria: str
    evidence: Evidence
    upgraded_on: date | None = None


Call: TypeAlias = FlowMrdCall | NgsMrdCall | FishCall | KaryotypeCall | Tp53Call | ResponseCall

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def as_json(value: object) -> Json:
    """Return a record as plain JSON values; a call's specimen stands flat beside its other fields.

    Raises:
        TypeError: the value has no JSON form.
        ValueError: a number is NaN or infinite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"no JSON form for {value!r}; a value that does not apply is None")
    if value is None or isinstance(value, int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _record_as_json(value, [each.name for each in fields(value)])
    match value:
        case str():
            return str(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            raise TypeError(f"no JSON form for {type(value).__name__}")


def _record_as_json(record: object, names: Iterable[str]) -> Json:
    document: dict[str, Json] = {}
    for name in names:
        content = as_json(getattr(record, name))
        if isinstance(content, dict) and name == "specimen":
            document |= content
        else:
            document[name.removesuffix("_")] = content
    return document
