"""Blood counts (LB), marrow blasts and karyotypes (MI): as written, and in the standard's unit.

A cell that leaves several values possible (`<5`, `0-1`) keeps them in --STRESC and has no --STRESN. A count
whose unit cannot be right is not standardised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.subject import SubjectView, specimen_type
from mrdkit.patient.criteria import Criteria, read_criteria
from mrdkit.patient.quantities import COUNT_UNITS, Measured, Problem, Span
from mrdkit.patient.reading import Counts, read_assessment, read_counts
from mrdkit.patient.records import Assessment
from mrdkit.results import KaryotypeCall

__all__ = ["blood_rows", "marrow_rows"]

_MARROW = "BONE MARROW"
_PERCENT = "%"
_STANDARD_COUNT = "10^9/L"
_COUNT_TERMS = {Decimal(1): _STANDARD_COUNT, Decimal("0.001"): "10^6/L"}
_TESTS = {"PLAT": "Platelets", "NEUT": "Neutrophils", "BLASTCE": "Blasts/Total Cells"}


@dataclass(frozen=True, slots=True)
class _Count:
    test: str
    measured: Measured
    day: date | None
    visit: str | None
    sound: bool


def blood_rows(view: SubjectView) -> Iterator[Row]:
    """Yield one row per count; a serial count that repeats an assessment's stands once."""
    seen: set[tuple[str, str, str, date | None]] = set()
    for count in (*_of_assessments(view), *_serial(view)):
        key = (count.test, count.measured.text, count.measured.unit, count.day)
        if count.measured.problem is not Problem.MISSING and key not in seen:
            seen.add(key)
            yield view.row("LB", _blood(count), visit=count.visit, day=count.day)


def marrow_rows(view: SubjectView) -> Iterator[Row]:
    """Yield marrow blasts of every assessment, and every karyotype."""
    for assessment in view.record.assessments:
        yield from _blasts(view, assessment)
    for call in view.record.calls:
        if isinstance(call, KaryotypeCall):
            yield _karyotype(view, call)


def _of_assessments(view: SubjectView) -> Iterator[_Count]:
    for row in view.record.assessments:
        values = read_assessment(row, _plausible())
        yield from _counts(values.counts, values.counts.day or values.marrow_date, row.visit)


def _serial(view: SubjectView) -> Iterator[_Count]:
    for row in view.record.blood_counts:
        yield from _counts(read_counts(row, _plausible()), row.date, None)


def _counts(counts: Counts, day: date | None, visit: str | None) -> Iterable[_Count]:
    sound = not counts.problems
    found = {"PLAT": counts.platelets, "NEUT": counts.anc, "BLASTCE": counts.blood_blasts}
    return [_Count(test, measured, day, visit, sound) for test, measured in found.items()]


def _blood(count: _Count) -> dict[str, Value]:
    percent = count.test == "BLASTCE"
    unit = _percent_term(count.measured) if percent else _count_term(count.measured)
    return {
        "TESTCD": count.test,
        "TEST": _TESTS[count.test],
        "CAT": "HEMATOLOGY",
        "SPEC": "BLOOD",
        "ORRES": count.measured.text,
        "ORRESU": unit,
        **_standard(count.measured, _PERCENT if percent else _STANDARD_COUNT, sound=count.sound),
    }


def _count_term(measured: Measured) -> str | None:
    factor = COUNT_UNITS.factors.get(measured.unit)
    return _COUNT_TERMS[factor] if factor is not None and measured.unit else None


def _percent_term(measured: Measured) -> str | None:
    if measured.span is None:
        return None
    return "fraction of 1" if measured.unit == "fraction" else _PERCENT


def _standard(measured: Measured, unit: str, *, sound: bool = True) -> dict[str, Value]:
    if measured.span is None or not sound:
        return {"STRESC": measured.text}
    exact = measured.span.exact
    return {
        "STRESC": _span_text(measured.span),
        "STRESN": None if exact is None else float(exact),
        "STRESU": unit,
    }


def _span_text(span: Span) -> str:
    """Return an interval as text: `5`, `<5`, `>=100`, `0-1`."""
    low = format(span.low, "f")
    if span.high is None:
        return f">{low}" if span.low_open else f">={low}"
    high = format(span.high, "f")
    if span.low == span.high:
        return low
    if span.high_open:
        return f"<{high}"
    return f"{low}-{high}"


def _blasts(view: SubjectView, row: Assessment) -> Iterator[Row]:
    values = read_assessment(row, _plausible())
    head: dict[str, Value] = {"TESTCD": "BLASTCE", "TEST": _TESTS["BLASTCE"], "SPEC": _MARROW}
    if values.blasts.problem is Problem.MISSING:
        if row.marrow_evaluable.strip() or values.marrow_date:
            reason: dict[str, Value] = {"STAT": "NOT DONE", "REASND": "NO BLAST COUNT"}
            yield view.row("MI", {**head, **reason}, visit=row.visit, day=values.marrow_date)
        return
    found: dict[str, Value] = {
        "ORRES": row.blasts_percent,
        "ORRESU": _percent_term(values.blasts),
        "SPCCND": "NOT EVALUABLE" if values.evaluable == "N" else None,
        **_standard(values.blasts, _PERCENT),
    }
    yield view.row("MI", {**head, **found}, visit=row.visit, day=values.marrow_date)


def _karyotype(view: SubjectView, call: KaryotypeCall) -> Row:
    term, written = specimen_type(call.specimen.specimen_type)
    values: dict[str, Value] = {
        "REFID": call.specimen.specimen_id,
        "TESTCD": "CYEXAM",
        "TEST": "Cytogenetic Examination",
        "SPEC": term or _MARROW,
        "METHOD": "KARYOTYPING",
    }
    if call.text.strip():
        values |= {"ORRES": call.text, "STRESC": call.cleaned or call.text, "RESCAT": call.status.upper()}
    else:
        values |= {"STAT": "NOT DONE", "REASND": "NO KARYOTYPE"}
    return view.row(
        "MI",
        values,
        visit=call.specimen.visit,
        day=call.specimen.collected_on,
        qualifiers={"MIFLAGS": "; ".join(call.flags), "SPECTEXT": written},
    )


@cache
def _plausible() -> Criteria:
    """Return a profile for what makes a count implausible, which all profiles say alike."""
    return read_criteria("jabbour2023")
