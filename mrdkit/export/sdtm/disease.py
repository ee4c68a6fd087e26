"""Residual disease: by flow as cell phenotypes (CP), by sequencing as genomics (GF), whoever measured it.

What was not found stands as `<limit`, never as 0. A status word is a row of its own, for each threshold.
"""

from collections.abc import Iterator, Mapping

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.subject import SubjectView, specimen_type
from mrdkit.export.values import number_text
from mrdkit.patient.mrd_points import level_of, state_of
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import ExternalResult
from mrdkit.results import FlowMrdCall, NgsMrdCall

__all__ = ["flow_rows", "sequencing_rows"]

_FRACTION = "fraction of 1"
_OWN = "mrdkit"


def flow_rows(view: SubjectView) -> Iterator[Row]:
    """Yield residual disease by flow, the counts behind it, and CRLF2 expression."""
    for measured in view.record.mrd:
        if measured.method == "flow":
            yield from _flow(view, measured)
    for call in view.record.calls:
        if isinstance(call, FlowMrdCall):
            yield from _events(view, call)
    for row in view.record.external:
        if row.assay == "crlf2_flow":
            yield _expression(view, row)


def sequencing_rows(view: SubjectView) -> Iterator[Row]:
    """Yield residual disease by sequencing."""
    for measured in view.record.mrd:
        if measured.method == "ngs":
            yield from _sequencing(view, measured)
    for call in view.record.calls:
        if isinstance(call, NgsMrdCall) and call.mrd_per_ml is not None:
            yield _per_volume(view, call, call.mrd_per_ml)


def _amount(measured: MrdMeasurement) -> dict[str, Value]:
    """Return the amount of residual disease: a fraction, `<limit`, or why there is none."""
    state, level = state_of(measured), level_of(measured)
    if state == "detected" and level is not None:
        unit = {"ORRESU": _FRACTION, "STRESU": _FRACTION}
        return {"ORRES": number_text(level), "STRESC": number_text(level), "STRESN": level, **unit}
    if state == "not_detected" and level is not None:
        text = f"<{number_text(level)}"
        return {"ORRES": text, "STRESC": text, "ORRESU": _FRACTION, "STRESU": _FRACTION}
    word = "NOT EVALUABLE" if state == "not_evaluable" else "NO VALUE"
    return {"ORRES": word, "STRESC": word}


def _flow(view: SubjectView, measured: MrdMeasurement) -> Iterator[Row]:
    term, written = specimen_type(measured.specimen_type)
    head: dict[str, Value] = {
        "REFID": measured.specimen_id,
        "LNKGRP": measured.visit,
        "CAT": "IMMUNOPHENOTYPING",
        "TSTPNL": measured.basis,
        "NAM": _maker(measured.source),
        "SPEC": term,
        "METHOD": "FLOW CYTOMETRY",
    }
    qualifiers = _limits("CP", measured) | {"SPECTEXT": written}
    test: dict[str, Value] = {"TESTCD": "MRDCE", "TEST": "Residual Leukemic Cells/Total Cells"}
    yield _of(view, "CP", measured, {**head, **test, **_amount(measured)}, qualifiers)
    for threshold, word in measured.status.items():
        found: dict[str, Value] = {
            "TESTCD": f"MRD{threshold.upper().replace('-', '')}",
            "TEST": f"Residual Disease Status at {threshold.upper()}",
            "ORRES": word,
            "STRESC": _spoken(word),
        }
        yield _of(view, "CP", measured, {**head, **found}, {"SPECTEXT": written})


def _events(view: SubjectView, call: FlowMrdCall) -> Iterator[Row]:
    term, _ = specimen_type(call.specimen.specimen_type)
    markers = [marker for arm in call.lineage_arms for marker in arm.markers]
    counts = (
        ("MRDEVT", "Residual Leukemic Cell Events", call.n_target),
        ("MRDTOT", "Events of the Denominator", call.n_denominator),
    )
    for code, name, count in counts:
        if count is not None:
            values: dict[str, Value] = {
                "REFID": call.specimen.specimen_id,
                "LNKGRP": call.specimen.visit,
                "TESTCD": code,
                "TEST": name,
                "MRKSTR": ", ".join(dict.fromkeys(markers)) or None,
                "CAT": "IMMUNOPHENOTYPING",
                "TSTPNL": call.panel,
                "SPEC": term,
                "METHOD": "FLOW CYTOMETRY",
                **_counted(count),
            }
            yield view.row("CP", values, visit=call.specimen.visit, day=call.specimen.collected_on)


def _counted(count: int) -> Mapping[str, Value]:
    text = str(count)
    return {"ORRES": text, "ORRESU": "EVENTS", "STRESC": text, "STRESN": count, "STRESU": "EVENTS"}


def _expression(view: SubjectView, row: ExternalResult) -> Row:
    found = row.status or (number_text(row.value) if row.value is not None else "")
    values: dict[str, Value] = {
        "REFID": row.specimen_id,
        "LNKGRP": row.visit,
        "TESTCD": "CRLF2EXP",
        "TEST": "CRLF2 Surface Expression",
        "CAT": "IMMUNOPHENOTYPING",
        "NAM": _maker(row.source),
        "METHOD": "FLOW CYTOMETRY",
        "ORRES": found or "NO VALUE",
        "STRESC": _spoken(found) or "NO VALUE",
    }
    return view.row("CP", values, visit=row.visit, day=row.collected_on)


def _sequencing(view: SubjectView, measured: MrdMeasurement) -> Iterator[Row]:
    head: dict[str, Value] = {
        "REFID": measured.specimen_id,
        "LNKGRP": measured.visit,
        "TESTCD": "SEQREAR",
        "TEST": "Sequence Rearrangement",
        "CAT": "MEASURABLE RESIDUAL DISEASE",
        "NAM": _maker(measured.source),
        "SPEC": "DNA",
        "METHOD": "IMMUNE REPERTOIRE DEEP SEQUENCING",
    }
    quantity: dict[str, Value] = {"TSTDTL": "RESIDUAL SEQUENCES/TOTAL CELLS", **_amount(measured)}
    yield _of(view, "GF", measured, {**head, **quantity}, _limits("GF", measured))
    for threshold, word in measured.status.items():
        found: dict[str, Value] = {
            "TSTDTL": f"MRD STATUS AT {threshold.upper()}",
            "ORRES": word,
            "STRESC": _spoken(word),
        }
        yield _of(view, "GF", measured, {**head, **found}, {})


def _per_volume(view: SubjectView, call: NgsMrdCall, per_ml: float) -> Row:
    text = number_text(per_ml)
    values: dict[str, Value] = {
        "REFID": call.specimen.specimen_id,
        "LNKGRP": call.specimen.visit,
        "TESTCD": "SEQREAR",
        "TEST": "Sequence Rearrangement",
        "TSTDTL": "RESIDUAL SEQUENCES/VOLUME",
        "CAT": "MEASURABLE RESIDUAL DISEASE",
        "ORRES": text,
        "ORRESU": "copies/mL",
        "STRESC": text,
        "STRESN": per_ml,
        "STRESU": "copies/mL",
        "SPEC": "cfDNA",
        "METHOD": "IMMUNE REPERTOIRE DEEP SEQUENCING",
    }
    return view.row("GF", values, visit=call.specimen.visit, day=call.specimen.collected_on)


def _of(
    view: SubjectView,
    domain: str,
    measured: MrdMeasurement,
    values: Mapping[str, Value],
    qualifiers: Mapping[str, str | None],
) -> Row:
    return view.row(domain, values, visit=measured.visit, day=measured.collected_on, qualifiers=qualifiers)


def _limits(domain: str, measured: MrdMeasurement) -> dict[str, str | None]:
    numbers = {
        "LOD": measured.lod,
        "LOQ": measured.loq,
        "CILOW": measured.ci_low,
        "CIHIGH": measured.ci_high,
    }
    limits = {f"{domain}{name}": number_text(value) for name, value in numbers.items() if value is not None}
    return {**limits, f"{domain}FLAGS": "; ".join(measured.flags)}


def _maker(source: str) -> str | None:
    return source if source and source != _OWN else None


def _spoken(word: str) -> str:
    return word.upper().replace("_", " ")
