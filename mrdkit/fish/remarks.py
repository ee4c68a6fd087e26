"""What a person must know beside the call: stable flags and short sentences.

A flag that concerns one class carries its name, as in `NEAR_CUTOFF:split`.
Source: project decision on CRLF2 break-apart FISH.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrdkit.fish.classes import PRECEDENCE, SignalClass
from mrdkit.fish.copies import explains_gain, explains_loss
from mrdkit.fish.counts import SpecimenCounts
from mrdkit.fish.decide import Decision
from mrdkit.fish.limits import Cutoff
from mrdkit.fish.rules import FishRule
from mrdkit.fish.tally import Tally
from mrdkit.results import FishClass, KaryotypeCall

__all__ = ["Case", "flags_of", "reasons_of"]

_NOT_RESIDUAL = "FISH at a cut-off of percents is no test for residual disease at 1e-4."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One specimen as it was judged: what was counted, what was decided, what disagrees."""

    counts: SpecimenCounts
    tally: Tally
    classes: tuple[FishClass, ...]
    lot: str | None
    cutoffs: Mapping[str, Cutoff]
    decision: Decision
    disagreement: str | None
    karyotype: KaryotypeCall | None


def flags_of(case: Case, rule: FishRule) -> tuple[str, ...]:
    """Return the flags of one specimen, always in the same order."""
    return (*_of_counts(case), *_of_cutoffs(case, rule), *_of_signals(case), *_of_karyotype(case))


def reasons_of(case: Case, *, only_as_sum: Sequence[str]) -> Iterator[str]:
    """Yield why the call is what it is; `only_as_sum` are classes of which no single pattern is over."""
    yield case.decision.reason
    for result in case.classes:
        if result.abnormal and result is not case.decision.leading:
            yield f"{result.class_} ({result.n} nuclei, {result.percent:.2f} %) is over its own cut-off too."
    for class_ in only_as_sum:
        yield f"No single pattern of class {class_} is over the cut-off, only their sum; ISCN lists all."
    if case.disagreement:
        yield case.disagreement
    if _is_followup(case.counts.specimen.visit):
        yield _NOT_RESIDUAL


def _is_followup(visit: str | None) -> bool:
    return visit is not None and visit.casefold() != "baseline"


def _of_counts(case: Case) -> Iterator[str]:
    if any(not count.reader for count in case.counts.counts):
        yield "READER_MISSING"
    if case.tally.n_dropped:
        yield "UNINTERPRETABLE_DROPPED"


def _of_cutoffs(case: Case, rule: FishRule) -> Iterator[str]:
    if not case.cutoffs:
        yield "NO_CUTOFF"
    for result in case.classes:
        if case.cutoffs and result.class_ in PRECEDENCE and result.n and result.cutoff is None:
            yield f"NO_CUTOFF:{result.class_}"
    if case.lot and any(cutoff.lot not in (None, case.lot) for cutoff in case.cutoffs.values()):
        yield "CUTOFF_LOT_MISMATCH"
    if any(cutoff.n != case.tally.n_scored for cutoff in case.cutoffs.values()):
        yield "CUTOFF_N_MISMATCH"
    if case.tally.n_scored < rule.full_at_least_nuclei:
        yield "LIMITED_NUCLEI"
    for result in case.classes:
        if result.abnormal and result.cutoff is not None and result.ci_low <= result.cutoff:
            yield f"NEAR_CUTOFF:{result.class_}"


def _of_signals(case: Case) -> Iterator[str]:
    if case.tally.classes.get(SignalClass.DIM):
        yield from ("DIM_SIGNAL", "REVIEW")
    if case.disagreement:
        yield "THIRD_READER"


def _of_karyotype(case: Case) -> Iterator[str]:
    if case.karyotype is None:
        return
    abnormal = {result.class_ for result in case.classes if result.abnormal}
    if SignalClass.GAIN in abnormal and explains_gain(case.karyotype):
        yield "GAIN_EXPLAINED_BY_KARYOTYPE"
    if SignalClass.LOSS in abnormal and explains_loss(case.karyotype):
        yield "LOSS_EXPLAINED_BY_KARYOTYPE"
