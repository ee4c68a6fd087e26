"""A panel: what a laboratory measures in one tube, how it gates it and when it may call it.

Target cells are the events of a gate (`target_gate`) or are found by their phenotype (`[detection]`).

A panel says everything: markers and their labels, compensation, gates, denominator, target, lineage arms,
event rules, plausibility checks, pictures. What it does not say is an error, never a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mrdkit.errors import InputError, RuleError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.flow.acquisition import AcquisitionRules
from mrdkit.flow.mrd.decision import EventRules
from mrdkit.flow.mrd.detection_rules import DetectionRules
from mrdkit.flow.mrd.expression_rules import ExpressionRule, check_expression
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Dimension, GatingStrategy
from mrdkit.flow.template import Gating
from mrdkit.flow.template_strategy import dimension_of, strategy_from
from mrdkit.results import THRESHOLDS_FLOW

__all__ = ["ALL_EVENTS", "Check", "Display", "LineageArmRule", "Marker", "Panel", "PanelRule", "read_panel"]

#: Name of the root population in checks and displays.
ALL_EVENTS = "all"

Name = Annotated[str, Field(min_length=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Marker:
    """A marker of the tube; `labels` are further spellings of it in $PnS. Gates use required ones only."""

    name: Name
    required: bool
    labels: tuple[Name, ...] = ()


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LineageArmRule:
    """One way to find B-lineage cells: the antigens that it rests on and its gate."""

    markers: Annotated[tuple[Name, ...], Field(min_length=1)]
    gate: Name


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Check:
    """A share that a sound tube keeps: the events of `gate` as a percentage of `of` ("all" = all events).

    Asked only where `of` holds at least `from_events`. Outside, the consequence is `not_evaluable`, or
    `insufficient` where a cluster may still be called but its absence may not.
    """

    code: Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]+$")]
    gate: Name
    of: Name
    from_events: int
    at_least_percent: float | None = None
    at_most_percent: float | None = None
    consequence: Literal["not_evaluable", "insufficient"]
    reason: Name

    def __post_init__(self) -> None:
        """Refuse a check that cannot fail."""
        if self.at_least_percent is None and self.at_most_percent is None:
            raise ValueError("a check needs at_least_percent or at_most_percent")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Display:
    """A picture: the events of `population` on two axes, with the outline of `gate` where one is named."""

    name: Annotated[str, Field(pattern="^[a-z0-9_]+$")]
    title: Name
    population: Name
    x: Name
    y: Name
    gate: Name | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PanelRule(Rule):
    """The panel file.

    Attributes:
        compensation: "file" (the matrix in the FCS file), "panel" (a matrix of the panel, flagged) or
            "already_compensated" (the laboratory exports compensated values, flagged).
        denominator: what the denominator gate holds.
        target_gate: its events are the target cells; None where they are found by phenotype.
        detection: how they are found by phenotype; None where a gate holds them.
        not_evaluable_warnings: codes of the reader's warnings that make a file too damaged to call.
        lineage_arm: alternatives, joined by "or" in the gating itself.
        expression: which population of a tube is negative for a marker.
    """

    compensation: Literal["file", "panel", "already_compensated"]
    denominator: Literal["nucleated", "mononuclear"]
    denominator_gate: Name
    target_gate: Name | None = None
    hematogone_gate: Name
    not_evaluable_warnings: tuple[Name, ...]
    events: EventRules
    acquisition: AcquisitionRules
    marker: Annotated[tuple[Marker, ...], Field(min_length=1)]
    lineage_arm: Annotated[tuple[LineageArmRule, ...], Field(min_length=1)]
    check: tuple[Check, ...]
    display: tuple[Display, ...]
    gating: Gating
    detection: DetectionRules | None = None
    expression: tuple[ExpressionRule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a panel that says no way, or two, of finding its target cells."""
        if (self.target_gate is None) == (self.detection is None):
            raise ValueError("a panel has either a target_gate or a [detection]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel file and the gating strategy in it, checked against each other.

    Raises:
        RuleError: the panel names a gate, marker or axis that it does not declare, or contradicts itself.
    """

    rule: PanelRule
    strategy: GatingStrategy
    axes: Mapping[str, Dimension]

    def __post_init__(self) -> None:
        """Refuse a panel whose parts do not fit."""
        _check_gates(self.rule, self.strategy)
        _check_markers(self.rule, self.axes, self.strategy)
        check_expression(self.rule.expression, self.axes, self.strategy.ids.values())
        if self.rule.events.threshold_at_least_fraction not in THRESHOLDS_FLOW.values():
            raise RuleError(
                "flow MRD is called at another threshold",
                code="PANEL_THRESHOLD",
                place="events.threshold_at_least_fraction",
                expected=", ".join(THRESHOLDS_FLOW),
                found=f"{self.rule.events.threshold_at_least_fraction:g}",
            )


def read_panel(name_or_path: str | Path) -> Panel:
    """Read a shipped panel by name or a laboratory's panel by path.

    Raises:
        RuleError: unknown, incomplete or contradictory.
    """
    rule = read_rule("panels", name_or_path, PanelRule)
    try:
        gating = _with_labels(rule)
        axes = {name: dimension_of(gating, name, place="display") for name in gating.axis}
        return Panel(rule=rule, strategy=strategy_from(gating, rule), axes=axes)
    except InputError as error:
        raise error.in_file(name_or_path) from None


def _with_labels(rule: PanelRule) -> Gating:
    """Give every marker axis the laboratory's spellings of its marker."""
    labels = {marker.name: marker.labels for marker in rule.marker}
    axes = {
        name: axis
        if axis.marker is None
        else replace(axis, labels=(*axis.labels, *labels.get(axis.marker, ())))
        for name, axis in rule.gating.axis.items()
    }
    return replace(rule.gating, axis=axes)


def _check_gates(rule: PanelRule, strategy: GatingStrategy) -> None:
    paths = {gate_id: path for path, gate_id in strategy.ids.items()}
    named = [rule.denominator_gate, *_within_denominator(rule)]
    named += [] if rule.detection is None else [mark.gate for mark in rule.detection.alignment.landmark]
    named += [check.gate for check in rule.check]
    named += [check.of for check in rule.check if check.of != ALL_EVENTS]
    named += [
        gate
        for view in rule.display
        for gate in (view.population, view.gate)
        if gate not in (None, ALL_EVENTS)
    ]
    for gate in named:
        if gate not in paths:
            raise RuleError("no gate of this id", code="GATE_UNKNOWN", place="panel", found=gate)
    denominator = paths[rule.denominator_gate]
    for gate in _within_denominator(rule):
        if paths[gate][: len(denominator)] != denominator:
            raise RuleError(
                "the gate must lie within the denominator gate",
                code="GATE_OUTSIDE_DENOMINATOR",
                place=f"gate {gate}",
                expected=f"a path through {'/'.join(denominator)}",
            )
    names = [view.name for view in rule.display]
    if len(set(names)) != len(names):
        raise RuleError("two displays have the same name", code="DISPLAY_REPEATED", place="display")


def _within_denominator(rule: PanelRule) -> list[str]:
    """Return the gates that must lie within the denominator gate."""
    target = rule.target_gate if rule.detection is None else rule.detection.lineage_gate
    return [str(target), rule.hematogone_gate, *(arm.gate for arm in rule.lineage_arm)]


def _check_markers(rule: PanelRule, axes: Mapping[str, Dimension], strategy: GatingStrategy) -> None:
    declared = {marker.name: marker for marker in rule.marker}
    if len(declared) != len(rule.marker):
        raise RuleError("a marker stands twice", code="MARKER_REPEATED", place="marker")
    for name, axis in axes.items():
        if axis.by == "marker" and axis.spellings[0] not in declared:
            raise RuleError(
                "the axis names a marker that the panel does not list",
                code="MARKER_UNDECLARED",
                place=f"axis {name}",
                found=axis.spellings[0],
            )
    for dimension in strategy.columns:
        if dimension.by != "marker":
            continue
        if not declared[dimension.spellings[0]].required:
            raise RuleError(
                "a gate uses a marker that is not required",
                code="MARKER_OPTIONAL_IN_GATE",
                place=f"axis {dimension.name}",
            )
        named_matrix = dimension.compensation not in (FILE_MATRIX, UNCOMPENSATED)
        fits = {
            "file": dimension.compensation == FILE_MATRIX,
            "panel": named_matrix,
            "already_compensated": dimension.compensation == UNCOMPENSATED,
        }
        if not fits[rule.compensation]:
            raise RuleError(
                "the axis does not follow the panel's compensation",
                code="COMPENSATION_CONTRADICTS",
                place=f"axis {dimension.name}",
                expected=f'an axis that fits compensation = "{rule.compensation}"',
                found=dimension.compensation,
            )
    _check_features(rule, axes)
    _check_displays(rule, axes)


def _check_features(rule: PanelRule, axes: Mapping[str, Dimension]) -> None:
    for name in () if rule.detection is None else rule.detection.features:
        if name not in axes or axes[name].transform is None:
            raise RuleError(
                "a feature must be an axis with a scale",
                code="FEATURE_WITHOUT_SCALE",
                place="detection.features",
                found=name,
            )


def _check_displays(rule: PanelRule, axes: Mapping[str, Dimension]) -> None:
    for view in rule.display:
        for axis in (view.x, view.y):
            if axis not in axes:
                raise RuleError(
                    "no axis of this name", code="AXIS_UNKNOWN", place=f"display {view.name}", found=axis
                )
    unused = {marker.name for marker in rule.marker if marker.required} - {
        axis.spellings[0] for axis in axes.values() if axis.by == "marker"
    }
    if unused:
        raise RuleError(
            "a required marker has no axis", code="MARKER_WITHOUT_AXIS", found=", ".join(sorted(unused))
        )
