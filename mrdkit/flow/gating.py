"""Apply a gating strategy: compile it, run it over the events, keep every population as a bit set.

An event whose coordinate is not finite (NaN, infinity, the logarithm of a negative value) is outside the gate
and also outside its complement, since neither is known; such events are counted per gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import Populations, run
from mrdkit.flow.finding import Finding
from mrdkit.flow.plan import plan_of
from mrdkit.flow.program import compiled
from mrdkit.flow.resolve import resolve
from mrdkit.flow.strategy import GatePath, GatingStrategy
from mrdkit.results import GateCount

__all__ = ["GatingResult", "apply_gating"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GatingResult:
    """Which event lies in which gate, hierarchy applied.

    Attributes:
        n_events: events of the data set.
        counts: gate id -> events in it, in the strategy's order.
        not_finite: gate id -> events of its parent without finite coordinates on what the gate looks at.
        flags: doubts about the compensation, NOT_FINITE_EVENTS, and doubts of the data-driven gates.
        strategy: the plain gates that were applied, those found in the data included.
        findings: gate id -> how a data-driven gate came about.
        columns: columns of the file, from 0, that the gates look at, those of their matrices included.
        paths: gate id -> path from the root, in the strategy's order.
    """

    n_events: int
    counts: Mapping[str, int]
    not_finite: Mapping[str, int]
    flags: tuple[str, ...]
    strategy: GatingStrategy = field(repr=False)
    findings: Mapping[str, Finding] = field(repr=False)
    columns: tuple[int, ...] = field(repr=False)
    paths: Mapping[str, GatePath] = field(repr=False)
    populations: Populations = field(repr=False)

    def membership(self, gate_id: str) -> NDArray[np.bool_]:
        """Return (n_events,) membership of one gate, as a new array.

        Raises:
            UsageError: there is no gate of this id.
        """
        if gate_id not in self.paths:
            raise UsageError(
                "no gate of this id", code="GATE_UNKNOWN", found=gate_id, expected=", ".join(self.paths)
            )
        return self.populations.mask(list(self.paths).index(gate_id) + 1)

    def why(self, event: int) -> Mapping[str, str | None]:
        """Tell for every gate which gate dropped an event: itself or one above it; None where it is inside.

        Args:
            event: number of the event, from 0.

        Raises:
            UsageError: there is no such event.
        """
        if not 0 <= event < self.n_events:
            raise UsageError(
                "there is no event of this number",
                code="EVENT_UNKNOWN",
                expected=f"0 to {self.n_events - 1}",
                found=str(event),
            )
        word, bit = divmod(event, 64)
        inside = (self.populations.members[1:, word] >> np.uint64(bit)) & np.uint64(1)
        ids = {path: gate_id for gate_id, path in self.paths.items()}
        member = {path: bool(flag) for path, flag in zip(ids, inside, strict=True)}
        return {
            gate_id: next(
                (ids[above] for n in range(1, len(path) + 1) if not member[above := path[:n]]), None
            )
            for gate_id, path in self.paths.items()
        }

    def gate_counts(self) -> tuple[GateCount, ...]:
        """Return every gate with its share of its parent and of all events; None where there are none."""
        by_path = {path: self.counts[gate_id] for gate_id, path in self.paths.items()}
        return tuple(
            GateCount(
                id=gate_id,
                path=path,
                count=self.counts[gate_id],
                percent_of_parent=_percent(self.counts[gate_id], by_path.get(path[:-1], self.n_events)),
                percent_of_total=_percent(self.counts[gate_id], self.n_events),
            )
            for gate_id, path in self.paths.items()
        )


def apply_gating(dataset: FcsDataset, strategy: GatingStrategy) -> GatingResult:
    """Gate one data set; gates that are to be found in the data are found first.

    Raises:
        InputError: a column is missing or ambiguous, a matrix does not fit the file or is refused, or a
            data-driven gate is not found or has too few events.
        RuleError: a dimension is no fluorochrome of the matrix that it names.
    """
    resolved = resolve(dataset, strategy, _gated)
    doubts = (flag for finding in resolved.findings.values() for flag in finding.flags)
    gated = _gated(dataset, resolved.strategy)
    flags = tuple(dict.fromkeys((*gated.flags, *doubts)))
    return replace(gated, flags=flags, findings=resolved.findings)


def _gated(dataset: FcsDataset, strategy: GatingStrategy) -> GatingResult:
    """Apply a strategy of plain gates."""
    plan = plan_of(dataset, strategy, strategy.dimensions)
    populations = run(compiled(dataset, plan, strategy.gates), dataset.packed())
    rows = {(): 0} | {gate.path: row for row, gate in enumerate(strategy.gates, start=1)}
    not_finite = {
        gate_id: populations.n_undefined(rows[path], rows[path[:-1]])
        for path, gate_id in strategy.ids.items()
    }
    return GatingResult(
        n_events=dataset.n_events,
        counts={gate_id: populations.size(rows[path]) for path, gate_id in strategy.ids.items()},
        not_finite=not_finite,
        flags=(*plan.flags, *(["NOT_FINITE_EVENTS"] if any(not_finite.values()) else [])),
        strategy=strategy,
        findings={},
        columns=plan.columns,
        paths={gate_id: path for path, gate_id in strategy.ids.items()},
        populations=populations,
    )


def _percent(count: int, total: int) -> float | None:
    return 100.0 * count / total if total else None
