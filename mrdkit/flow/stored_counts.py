"""The counts that a workspace stores beside ours: where they differ, the result says so.

FlowJo bins polygons and ellipses, so a difference of a few events there is its own; a difference at a
rectangle, a quadrant or all events means other events, another matrix or another scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mrdkit.flow.gating import GatingResult
from mrdkit.flow.strategy import GatingStrategy

__all__ = ["ComparedCounts", "compared_counts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCounts:
    """What the strategy's file says about its gates' counts.

    Attributes:
        stored: gate id -> count in the file, where it holds one.
        flags: FLOWJO_COUNT_DIFFERS where one differs from ours.
        reasons: which, and by how many.
    """

    stored: Mapping[str, int]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def compared_counts(result: GatingResult, strategy: GatingStrategy) -> ComparedCounts:
    """Compare the counts of a result with those that came with the strategy."""
    expected = strategy.expected_counts
    stored = {gate_id: expected[path] for path, gate_id in strategy.ids.items() if path in expected}
    ours = {gate_id: result.counts[gate_id] for gate_id in stored}
    reasons = [
        f"Gate {gate_id}: {ours[gate_id]} events here, {count} in the workspace."
        for gate_id, count in stored.items()
        if ours[gate_id] != count
    ]
    whole = expected.get((), result.n_events)
    if whole != result.n_events:
        reasons.insert(0, f"The file has {result.n_events} events, the workspace's sample {whole}.")
    flags = ("FLOWJO_COUNT_DIFFERS",) if reasons else ()
    return ComparedCounts(stored=stored, flags=flags, reasons=tuple(reasons))
