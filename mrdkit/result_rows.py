"""Every call as rows of one long table: one row per specimen, assay and analyte.

The columns, their types and units are written down in docs/schema/results-v1.md; `SCHEMA_VERSION` changes
when they do. A row repeats what its number rests on (inputs, rules, software), so that it can stand alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal, assert_never

from mrdkit.results import (
    Call,
    Evidence,
    FishCall,
    FlowMrdCall,
    KaryotypeCall,
    NgsMrdCall,
    PhenotypeDetection,
    ResponseCall,
    Specimen,
    Tp53Call,
    TrackedTarget,
)

__all__ = ["SCHEMA_VERSION", "QueryRow", "ResultRow", "result_rows"]

#: Version of the columns of `ResultRow`; see docs/schema/results-v1.md.
SCHEMA_VERSION = 1

#: Flag of a flow call on which its two estimators do not agree.
_DISAGREES = "SECOND_OPINION_DISAGREES"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One analyte of one assay on one specimen.

    Attributes:
        assay: flow_mrd, ngs_mrd, fish, karyotype, tp53 or response.
        analyte: what of it, such as `mrd`, `mrd_status_1e-4` or a variant's key.
        method: panel, compartment, probe, policy or criteria profile by which it was found.
        result: the answer as a word, None for a bare quantity.
        value: the answer as a number, in `unit`; the interval and the limits are in the same unit.
        numerator: what was counted, out of `denominator` of the kind `denominator_name`.
        inputs: `role:sha256` of each input.
        rules: `id@version` of each rule that decided.
        lob: limit of blank; of a FISH class, its cut-off.
    """

    subject_id: str | None
    visit: str | None
    specimen_id: str | None
    collected_on: date | None
    assay: str
    analyte: str
    method: str | None = None
    result: str | None = None
    value: float | None = None
    unit: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    lob: float | None = None
    lod: float | None = None
    loq: float | None = None
    numerator: int | None = None
    denominator: float | None = None
    denominator_name: str | None = None
    detected: bool | None = None
    quantifiable: bool | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    software_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """One thing that somebody has to look at: a file that gave no result, a doubt, a call to review.

    Attributes:
        kind: `failure` (no result was made), `problem` (of the study's tables) or `review` (of a result).
        file: path relative to the study, None where no single file is concerned.
        row: line of that file.
        code: stable UPPER_SNAKE name.
    """

    kind: Literal["failure", "problem", "review"]
    file: str | None
    row: int | None
    code: str
    subject_id: str | None
    visit: str | None
    assay: str | None
    message: str


def result_rows(call: Call) -> tuple[ResultRow, ...]:
    """Return the rows of one call; the headline comes first and carries the flags and reasons of the call."""
    match call:
        case FlowMrdCall():
            return tuple(_flow(call))
        case NgsMrdCall():
            return tuple(_ngs(call))
        case FishCall():
            return tuple(_fish(call))
        case KaryotypeCall():
            return tuple(_karyotype(call))
        case Tp53Call():
            return tuple(_tp53(call))
        case ResponseCall():
            return tuple(_response(call))
        case _:
            assert_never(call)


def _row(
    specimen: Specimen, evidence: Evidence, *, assay: str, analyte: str, method: str | None
) -> partial[ResultRow]:
    """Return what makes the rows of one call: all that they share is given."""
    return partial(
        ResultRow,
        subject_id=specimen.subject_id,
        visit=specimen.visit,
        specimen_id=specimen.specimen_id,
        collected_on=specimen.collected_on,
        assay=assay,
        analyte=analyte,
        method=method,
        inputs=tuple(f"{item.role}:{item.sha256}" for item in evidence.inputs),
        rules=tuple(f"{rule.id}@{rule.version}" for rule in evidence.rules),
        software_version=evidence.software_version,
    )


def _flow(call: FlowMrdCall) -> Iterator[ResultRow]:
    row = _row(call.specimen, call.evidence, assay="flow_mrd", analyte="mrd", method=call.panel)
    yield row(
        result=call.state,
        value=call.fraction,
        unit="fraction",
        ci_low=call.ci_low,
        ci_high=call.ci_high,
        lob=call.lob,
        lod=call.lod,
        loq=call.loq,
        numerator=call.n_target,
        denominator=call.n_denominator,
        denominator_name=call.denominator,
        detected=call.detected,
        quantifiable=call.quantifiable,
        flags=call.flags,
        reasons=call.reasons,
    )
    for threshold, status in call.status.items():
        yield row(analyte=f"mrd_status_{threshold}", result=str(status))
    yield row(analyte="sensitivity", value=call.sensitivity, unit="fraction")
    yield row(
        analyte="hematogones",
        numerator=call.n_hematogones,
        denominator=call.n_denominator,
        denominator_name=call.denominator,
    )
    if call.n_blanks is not None:
        reach = "provisional" if call.provisional else "claimable"
        yield row(analyte="background", result=reach, numerator=call.n_blanks)
    if call.detection is not None:
        yield from _detection(row, call.detection, agrees=_DISAGREES not in call.flags)


def _detection(row: partial[ResultRow], found: PhenotypeDetection, *, agrees: bool) -> Iterator[ResultRow]:
    yield row(analyte="recall", result=found.method, value=found.recall, unit="fraction")
    yield row(analyte="expected_normal", value=found.n_expected, unit="events")
    if found.second_opinion_n is not None:
        yield row(
            analyte="second_opinion",
            result="agrees" if agrees else "disagrees",
            value=float(found.second_opinion_n),
            unit="events",
            lob=found.second_opinion_lob,
        )


def _ngs(call: NgsMrdCall) -> Iterator[ResultRow]:
    row = _row(call.specimen, call.evidence, assay="ngs_mrd", analyte="mrd", method=call.compartment)
    cell_free = call.compartment == "cell_free"
    amount = partial(
        row,
        unit="per_ml" if cell_free else "per_million",
        denominator=call.plasma_ml if cell_free else call.cells,
        denominator_name="plasma_ml" if cell_free else "cells",
    )
    value = call.mrd_per_ml if cell_free else call.mrd_per_million
    driving = next((item for item in call.tracking if item.target_id == call.driving_target), None)
    headline = partial(
        amount,
        value=value,
        detected=call.detected,
        quantifiable=call.quantifiable,
        flags=call.flags,
        reasons=call.reasons,
    )
    if driving is not None and _amount_of(driving, cell_free=cell_free) == value:
        headline = _with_interval(headline, driving)
    yield headline()
    for threshold, status in call.status.items():
        yield row(analyte=f"mrd_status_{threshold}", result=str(status))
    yield row(analyte="upper_limit", value=call.upper_limit, unit="fraction")
    yield row(analyte="log_reduction", value=call.log_reduction, unit="log10")
    for item in call.tracking:
        tracked = _with_interval(amount, item)
        found = _amount_of(item, cell_free=cell_free)
        yield tracked(analyte=f"target:{item.target_id}", numerator=item.templates, value=found)


def _amount_of(target: TrackedTarget, *, cell_free: bool) -> float | None:
    return target.per_ml if cell_free else target.per_million


def _with_interval(row: partial[ResultRow], target: TrackedTarget) -> partial[ResultRow]:
    return partial(row, ci_low=target.ci_low, ci_high=target.ci_high, lod=target.lod, loq=target.loq)


def _fish(call: FishCall) -> Iterator[ResultRow]:
    row = partial(
        _row(call.specimen, call.evidence, assay="fish", analyte="call", method=call.probe_id),
        unit="percent",
        denominator=call.n_scored,
        denominator_name="nuclei",
    )
    yield row(
        result=call.call,
        value=call.percent,
        ci_low=call.ci_low,
        ci_high=call.ci_high,
        flags=call.flags,
        reasons=call.reasons,
    )
    for item in call.classes:
        yield row(
            analyte=f"class:{item.class_}",
            result="abnormal" if item.abnormal else "not_abnormal",
            value=item.percent,
            ci_low=item.ci_low,
            ci_high=item.ci_high,
            lob=item.cutoff,
            numerator=item.n,
        )


def _karyotype(call: KaryotypeCall) -> Iterator[ResultRow]:
    row = _row(call.specimen, call.evidence, assay="karyotype", analyte="karyotype", method="ISCN")
    yield row(result=call.status, flags=call.flags, reasons=call.reasons)
    words: tuple[tuple[str, object], ...] = (
        ("ploidy", call.ploidy),
        ("ploidy_group", call.ploidy_group),
        ("modal_number", call.modal_number),
        ("n_abnormalities_iscn", call.n_abnormalities_iscn),
        ("n_abnormalities_tokens", call.n_abnormalities_tokens),
        ("complex_raw", call.complex_raw),
        ("complex_all", call.complex_all),
        ("kmt2a", call.kmt2a),
        ("ph", call.ph),
        *((f"finding:{name}", answer) for name, answer in call.findings.items()),
        *((f"high_risk:{profile}", answer) for profile, answer in call.high_risk.items()),
    )
    for analyte, word in words:
        yield row(analyte=analyte, result=_word(word))
    yield row(analyte="excluded_level", value=call.excluded_level, unit="fraction")


def _tp53(call: Tp53Call) -> Iterator[ResultRow]:
    row = _row(call.specimen, call.evidence, assay="tp53", analyte="status", method=call.policy)
    yield row(
        result=call.status,
        value=call.max_vaf,
        unit="fraction",
        flags=call.flags,
        reasons=call.reasons,
    )
    yield row(analyte="allelic_state", result=call.allelic_state)
    for variant in call.variants:
        yield row(
            analyte=f"variant:{variant.key}",
            result="counted" if variant.counted else "not_counted",
            value=variant.vaf,
            unit="fraction",
            numerator=variant.alt_reads,
            denominator=variant.depth,
            denominator_name="reads",
            flags=variant.flags,
            reasons=(variant.count_reason,),
        )


def _response(call: ResponseCall) -> Iterator[ResultRow]:
    specimen = Specimen(subject_id=call.subject_id, visit=call.visit, collected_on=call.marrow_date)
    row = _row(specimen, call.evidence, assay="response", analyte="response", method=call.criteria)
    yield row(result=call.response, flags=call.flags, reasons=call.reasons)
    yield row(analyte="responder", result=call.responder)
    yield row(analyte="cytogenetic_response", result=call.cytogenetic_response)
    yield row(analyte="mrd_flow", result=call.mrd_flow)
    for threshold, status in call.mrd_ngs.items():
        yield row(analyte=f"mrd_ngs_{threshold}", result=status)
    yield row(analyte="mrd_combined", result=call.mrd_combined)


def _word(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
