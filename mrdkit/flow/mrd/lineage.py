"""Can B-lineage cells be found in this tube, and by which antigens?

An arm rests on its antigens. An arm whose antigen the therapy targeted proves nothing by being empty, so only
untargeted arms decide: at least one of them must hold the panel's smallest number of events. An empty arm
beside filled ones is flagged as a possible antigen loss; cells of all arms stay in the target gate.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mrdkit.flow.mrd.panel import LineageArmRule, Panel
from mrdkit.results import LineageArm

__all__ = ["Lineage", "lineage_of", "squeezed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The arms with their events, why they allow no call (None where they do), and what is doubtful."""

    arms: tuple[LineageArm, ...]
    problem: str | None
    flags: tuple[str, ...]


def lineage_of(panel: Panel, counts: Mapping[str, int], targeted: frozenset[str]) -> Lineage:
    """Judge the lineage arms of one tube.

    Args:
        panel: the panel with its arms.
        counts: gate id -> events.
        targeted: antigens that therapy was directed against; case, blanks and hyphens do not matter.
    """
    wanted = {squeezed(name) for name in targeted}
    known = {squeezed(marker.name) for marker in panel.rule.marker}
    arms = tuple(
        LineageArm(markers=arm.markers, n=counts[arm.gate], targeted=_is_targeted(arm, wanted))
        for arm in panel.rule.lineage_arm
    )
    free = [arm for arm in arms if not arm.targeted]
    least = panel.rule.events.lineage_at_least_events
    empty = [arm for arm in arms if arm.n < least]
    flags = [] if len(free) == len(arms) else ["LINEAGE_ANTIGEN_TARGETED"]
    if empty and len(empty) < len(arms):
        flags += [f"ANTIGEN_LOSS_{'_'.join(squeezed(m) for m in arm.markers)}" for arm in empty]
    if wanted - known:
        flags.append("TARGETED_NOT_IN_PANEL")
    problem = None
    if not free:
        problem = "Every antigen of the lineage gate was a target of therapy."
    elif not any(arm.n >= least for arm in free):
        problem = f"No untargeted lineage gate holds {least} events."
    return Lineage(arms=arms, problem=problem, flags=tuple(flags))


def _is_targeted(arm: LineageArmRule, wanted: set[str]) -> bool:
    return any(squeezed(marker) in wanted for marker in arm.markers)


def squeezed(name: str) -> str:
    """Return a marker's letters and digits, as they stand in a flag."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())
