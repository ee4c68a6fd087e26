"""One tube, gated by its panel, with everything that speaks against a call."""

from dataclasses import dataclass, field

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.evaluability import Problem, compensation_problems, require_markers, tube_problems
from mrdkit.flow.mrd.lineage import Lineage, lineage_of
from mrdkit.flow.mrd.panel import Panel

__all__ = ["EvaluableTube", "evaluable_tube"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvaluableTube:
    """The gates of a tube, its lineage arms and the problems found."""

    gating: GatingResult = field(repr=False)
    lineage: Lineage
    problems: tuple[Problem, ...]

    @property
    def grave(self) -> tuple[Problem, ...]:
        """The problems that allow no call at all."""
        return tuple(problem for problem in self.problems if problem.consequence == "not_evaluable")


def evaluable_tube(dataset: FcsDataset, panel: Panel, targeted: frozenset[str]) -> EvaluableTube:
    """Gate a tube and look for problems.

    Args:
        dataset: the tube.
        panel: that it was measured with.
        targeted: antigens that therapy was directed against.

    Raises:
        RuleError: the panel cannot be applied to any tube.
        InputError: a marker or a gate is missing.
    """
    require_markers(dataset, panel)
    gating = apply_gating(dataset, panel.strategy)
    lineage = lineage_of(panel, gating.counts, targeted)
    problems = (*compensation_problems(gating), *tube_problems(dataset, panel, gating, lineage))
    return EvaluableTube(gating=gating, lineage=lineage, problems=problems)
