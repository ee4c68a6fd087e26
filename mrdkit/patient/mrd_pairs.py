"""Which results of flow and sequencing stand beside each other: those of one visit.

A result without a visit belongs to the visit that has another result of its day. Where a visit's label stands
for several days, only results of the same day are paired, and what is left is named as unclear.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import label_of
from mrdkit.patient.mrd_concordance import compare
from mrdkit.patient.mrd_points import in_order
from mrdkit.patient.mrd_records import MrdComparison, MrdMeasurement

__all__ = ["comparison_findings_of", "comparisons_of"]

_UNCLEAR = "The visit's label stands for several days, and these results share none: they are not paired."


def comparisons_of(
    measurements: Iterable[MrdMeasurement], repeated: Collection[str] = ()
) -> tuple[MrdComparison, ...]:
    """Return one comparison per visit that has results of both methods, oldest first.

    Args:
        measurements: of one patient.
        repeated: labels, in lower case, that stand for several marrows.
    """
    given = list(measurements)
    if len({one.method for one in given}) < 2:  # noqa: PLR2004
        return ()
    ordered = in_order(given)
    visits: dict[str, list[MrdMeasurement]] = {}
    for measured in ordered:
        visits.setdefault(_label(measured, ordered), []).append(measured)
    found = [
        one
        for label, results in visits.items()
        if label
        for one in _of_visit(results, several=label in repeated or _several_days(results))
    ]
    return tuple(sorted(found, key=_order))


def comparison_findings_of(comparisons: Iterable[MrdComparison]) -> tuple[Finding, ...]:
    """Return what a reader of the patient's record must know: each visit at which a person must look."""
    flagged = [one for one in comparisons if REVIEW.flag in one.flags]
    findings = tuple(
        Finding(
            flag=one.flags[0],
            reason=f"Flow found disease at visit {one.visit or one.flow_on} that sequencing did not.",
        )
        for one in flagged
    )
    return (*findings, REVIEW) if findings else ()


def _label(measured: MrdMeasurement, others: Iterable[MrdMeasurement]) -> str:
    """Return the visit of a result; without one, that of the only visit of its day, or its day."""
    if measured.visit.strip():
        return label_of(measured.visit)
    if measured.collected_on is None:
        return ""
    same_day = {label_of(other.visit) for other in others if other.collected_on == measured.collected_on}
    labels = same_day - {""}
    return labels.pop() if len(labels) == 1 else measured.collected_on.isoformat()


def _several_days(results: Sequence[MrdMeasurement]) -> bool:
    return any(len(_days(_by(results, method))) > 1 for method in ("flow", "ngs"))


def _of_visit(results: Sequence[MrdMeasurement], *, several: bool) -> Iterator[MrdComparison]:
    flow, ngs = _by(results, "flow"), _by(results, "ngs")
    shared = _days(flow) & _days(ngs) if several else set()
    for day in sorted(shared):
        yield _compared([one for one in results if one.collected_on == day])
    rest = [one for one in results if one.collected_on not in shared]
    if _by(rest, "flow") and _by(rest, "ngs"):
        yield _compared(rest, unclear=_UNCLEAR if several else "")


def _compared(results: Sequence[MrdMeasurement], *, unclear: str = "") -> MrdComparison:
    visit = next((one.visit for one in results if one.visit.strip()), "")
    return compare(visit, _by(results, "flow"), _by(results, "ngs"), unclear=unclear)


def _by(results: Sequence[MrdMeasurement], method: str) -> list[MrdMeasurement]:
    return [one for one in results if one.method == method]


def _days(results: Iterable[MrdMeasurement]) -> set[date]:
    return {one.collected_on for one in results if one.collected_on is not None}


def _order(comparison: MrdComparison) -> tuple[date, str]:
    return comparison.flow_on or comparison.ngs_on or date.max, comparison.visit
