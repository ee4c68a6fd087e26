"""The cut-off records that normal controls give: one per class of a probe, ready for CUTOFFS.toml.

BETAINV is judged on the control with the highest upper limit; the pooled methods on all nuclei together.
Mean and standard deviation of the controls are shown beside, for those who compare, and set nothing: with few
false positives mean + 3 SD can lie below the worst control itself.
Source: Ciolino 2009, J Mol Diagn 11:330; the smallest number of controls stands in reference/fish.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.errors import InputError
from mrdkit.fish.classes import PRECEDENCE, SignalClass
from mrdkit.fish.counts import CountSheet, RefusedSpecimen
from mrdkit.fish.limits import Cutoff, betainv_cutoff, pooled_cutoff
from mrdkit.fish.probes import ProbeRegistry
from mrdkit.fish.rules import FishRule
from mrdkit.fish.tally import Tally, joined, tallies_by_reader

__all__ = ["Control", "CutoffRecord", "Method", "control_series", "set_cutoff"]

Method: TypeAlias = Literal["betainv", "binomial", "poisson"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One normal control: false positives of a class among its nuclei."""

    false: int
    nuclei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffRecord:
    """A cut-off and everything it was made from.

    Attributes:
        method: betainv, binomial or poisson.
        alpha: share of false positives.
        n: nuclei that the cut-off is set on.
        max_false: most false positives in a control.
        false_positives: false positives of all controls.
        control_nuclei: nuclei of all controls.
        controls: number of controls.
        cutoff_percent: more is positive.
        min_positive: smallest positive count among `n`.
        worst_percent: the worst control.
        mean_percent: mean of the controls.
        sd_percent: their standard deviation (n - 1), None below two controls.
        flags: stable codes.
        reasons: sentences.
    """

    method: Method
    alpha: float
    n: int
    max_false: int
    false_positives: int
    control_nuclei: int
    controls: int
    cutoff_percent: float
    min_positive: int
    worst_percent: float
    mean_percent: float
    sd_percent: float | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def set_cutoff(
    controls: Sequence[Control], rule: FishRule, *, method: Method, alpha: float, n: int | None = None
) -> CutoffRecord:
    """Return the record of one class.

    Args:
        controls: the normal controls, at least one.
        rule: how many controls are enough.
        method: how the cut-off is made.
        alpha: share of false positives, below 0.5.
        n: nuclei of a case, for the pooled methods; without it the fewest of any control.

    Raises:
        InputError: CUTOFF_INVALID, where nothing could be positive any more.
    """
    worst = max(controls, key=lambda one: _upper(one, alpha))
    cutoff = _cutoff(controls, worst, method=method, alpha=alpha, n=n)
    shares = [100.0 * one.false / one.nuclei for one in controls]
    return CutoffRecord(
        method=method,
        alpha=alpha,
        n=cutoff.n,
        max_false=worst.false,
        false_positives=sum(one.false for one in controls),
        control_nuclei=sum(one.nuclei for one in controls),
        controls=len(controls),
        cutoff_percent=cutoff.percent,
        min_positive=cutoff.min_positive(cutoff.n),
        worst_percent=max(shares),
        mean_percent=statistics.fmean(shares),
        sd_percent=statistics.stdev(shares) if len(shares) > 1 else None,
        flags=tuple(_flags(controls, cutoff, max(shares), rule)),
        reasons=tuple(_reasons(cutoff, shares)),
    )


def _cutoff(
    controls: Sequence[Control], worst: Control, *, method: Method, alpha: float, n: int | None
) -> Cutoff:
    false, nuclei = sum(one.false for one in controls), sum(one.nuclei for one in controls)
    if false >= nuclei:
        raise _nothing_positive(f"{false} of {nuclei} control nuclei")
    if method == "betainv":
        cutoff = betainv_cutoff(max_false=worst.false, n=worst.nuclei, alpha=alpha)
    else:
        usual = n or min(one.nuclei for one in controls)
        cutoff = pooled_cutoff(
            method=method, false_positives=false, control_nuclei=nuclei, n=usual, alpha=alpha
        )
    if cutoff.min_positive(cutoff.n) > cutoff.n:
        raise _nothing_positive(f"{cutoff.percent:g} %")
    return cutoff


def _upper(control: Control, alpha: float) -> tuple[float, int]:
    return betainv_cutoff(max_false=control.false, n=control.nuclei, alpha=alpha).percent, control.nuclei


def _flags(controls: Sequence[Control], cutoff: Cutoff, worst: float, rule: FishRule) -> Iterator[str]:
    if len(controls) < rule.full_at_least_controls:
        yield "FEW_CONTROLS"
    if len({one.nuclei for one in controls}) > 1:
        yield "CONTROL_N_DIFFERS"
    if worst > cutoff.percent:
        yield "CONTROL_ABOVE_CUTOFF"


def _reasons(cutoff: Cutoff, shares: Sequence[float]) -> Iterator[str]:
    yield f"More than {cutoff.percent:.4f} % of the nuclei of a class are positive; exactly as many are not."
    if max(shares) > cutoff.percent:
        yield f"The worst control itself ({max(shares):.4f} %) is above this cut-off."


def _nothing_positive(found: str) -> InputError:
    return InputError(
        "the controls leave nothing that could be positive",
        code="CUTOFF_INVALID",
        found=found,
        remedy="check the controls and the probe",
    )


def control_series(
    sheet: CountSheet, probes: ProbeRegistry, rule: FishRule
) -> dict[tuple[str, SignalClass], list[Control]]:
    """Return the controls of every probe and abnormal class of a sheet of normal specimens.

    Raises:
        InputError: a control that cannot be read, an unknown probe, a control without a scored nucleus. A
            series from which a control is missing would set a cut-off too low.
    """
    series: dict[tuple[str, SignalClass], list[Control]] = {}
    for specimen in sheet.specimens:
        if isinstance(specimen, RefusedSpecimen):
            raise specimen.error
        readers = tallies_by_reader(specimen.counts, probes.probe(specimen.probe_id), rule)
        tally = joined(tuple(readers.values()))
        if not tally.n_scored:
            raise InputError(
                "a control has no scored nucleus",
                code="CONTROL_EMPTY",
                place=f"specimen {specimen.specimen.specimen_id}",
                remedy="leave it out or count it again",
            )
        for class_ in PRECEDENCE:
            series.setdefault((specimen.probe_id, class_), []).append(_control(tally, class_))
    return series


def _control(tally: Tally, class_: SignalClass) -> Control:
    return Control(false=tally.classes.get(class_, 0), nuclei=tally.n_scored)
