"""What makes a tube not evaluable, or its denominator not representative; every problem found is named.

Compensation that no gate can trust, an empty denominator, a share that the panel's checks refuse, a collapsed
flow rate, lineage gates that prove nothing. A negative call is only possible where none of this holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mrdkit.errors import InputError
from mrdkit.flow.acquisition import FlowRate, flow_rate
from mrdkit.flow.columns import channel_named, column_of
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult
from mrdkit.flow.mrd.lineage import Lineage
from mrdkit.flow.mrd.panel import ALL_EVENTS, Check, Panel

__all__ = [
    "NOT_COMPENSATED",
    "Problem",
    "compensation_problems",
    "damage_problems",
    "require_markers",
    "tube_problems",
    "unchecked_codes",
]

#: Doubts about compensation that leave no fluorescence gate to trust, and the sentence for each.
NOT_COMPENSATED = {
    "NO_SPILLOVER": "The file holds no spillover matrix, so no fluorescence gate can be trusted.",
    "CHANNEL_NOT_COMPENSATED": "A marker's channel is missing from the file's spillover matrix.",
    "SPILLOVER_IDENTITY": "The spillover matrix is the identity: nothing was compensated.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason against a call: a stable code, what follows from it and the sentence for people."""

    code: str
    consequence: Literal["not_evaluable", "insufficient"]
    reason: str


def require_markers(dataset: FcsDataset, panel: Panel) -> None:
    """Find every required marker, used by a gate or not, in a column of its own.

    Raises:
        InputError: a marker is missing or ambiguous, or one channel answers to two markers.
    """
    required = {marker.name for marker in panel.rule.marker if marker.required}
    owners: dict[int, str] = {}
    for dimension in panel.axes.values():
        marker = dimension.spellings[0]
        if dimension.by != "marker" or marker not in required:
            continue
        if owners.setdefault(column_of(dataset, dimension), marker) != marker:
            raise InputError(
                "one channel answers to two markers",
                code="MARKER_AMBIGUOUS",
                found=f"{owners[column_of(dataset, dimension)]}, {marker}",
            )


def compensation_problems(gating: GatingResult) -> Iterator[Problem]:
    """Yield what makes the compensated values untrustworthy."""
    for code, sentence in NOT_COMPENSATED.items():
        if code in gating.flags:
            yield Problem(code=code, consequence="not_evaluable", reason=sentence)


def damage_problems(dataset: FcsDataset, panel: Panel) -> Iterator[Problem]:
    """Yield the reader's warnings that make a file too damaged to call."""
    for warning in dataset.warnings:
        if warning.code in panel.rule.not_evaluable_warnings:
            yield Problem(code=warning.code, consequence="not_evaluable", reason=f"{warning.message}.")


def tube_problems(
    dataset: FcsDataset, panel: Panel, gating: GatingResult, lineage: Lineage
) -> Iterator[Problem]:
    """Yield what is wrong with the tube's file, denominator, populations, flow rate and lineage gates."""
    yield from damage_problems(dataset, panel)
    if not gating.counts[panel.rule.denominator_gate]:
        yield Problem(
            code="ZERO_DENOMINATOR",
            consequence="not_evaluable",
            reason="The denominator gate holds no event.",
        )
    for check in panel.rule.check:
        if _fails(check, gating):
            yield Problem(code=check.code, consequence=check.consequence, reason=check.reason)
    rate = _rate_problem(dataset, panel)
    if rate is not None:
        yield Problem(code="FLOW_RATE_UNSTABLE", consequence="not_evaluable", reason=rate)
    if lineage.problem is not None:
        yield Problem(code="LINEAGE_NOT_EVALUABLE", consequence="not_evaluable", reason=lineage.problem)


def unchecked_codes(dataset: FcsDataset, panel: Panel, gating: GatingResult) -> Iterator[str]:
    """Yield a flag for every check that the tube is too small for."""
    rate = _rate(dataset, panel)
    if rate is not None and rate.known == "too_few_events":
        yield "FLOW_RATE_NOT_CHECKED"
    for check in panel.rule.check:
        if _whole(check, gating) < check.from_events:
            yield f"{check.code}_NOT_CHECKED"


def _whole(check: Check, gating: GatingResult) -> int:
    return gating.n_events if check.of == ALL_EVENTS else gating.counts[check.of]


def _fails(check: Check, gating: GatingResult) -> bool:
    whole = _whole(check, gating)
    if whole < max(check.from_events, 1):
        return False
    percent = 100.0 * gating.counts[check.gate] / whole
    too_few = check.at_least_percent is not None and percent < check.at_least_percent
    too_many = check.at_most_percent is not None and percent > check.at_most_percent
    return too_few or too_many


def _rate_problem(dataset: FcsDataset, panel: Panel) -> str | None:
    """Return the sentence of an unsteady flow rate, or of one that time does not tell."""
    rules = panel.rule.acquisition
    rate = _rate(dataset, panel)
    if rate is None:
        return f"There is no single time channel {rules.time_channel}, so the flow rate is unknown."
    if rate.known == "no":
        return "Time does not rise with the events, so the flow rate is unknown."
    if rate.slow_percent is not None and rate.slow_percent > rules.slow_more_than_percent:
        return f"{rate.slow_percent:.0f} % of the events were measured at a collapsed flow rate."
    return None


def _rate(dataset: FcsDataset, panel: Panel) -> FlowRate | None:
    column = channel_named(dataset, panel.rule.acquisition.time_channel)
    return None if column is None else flow_rate(dataset.linear_columns((column,))[0], panel.rule.acquisition)
