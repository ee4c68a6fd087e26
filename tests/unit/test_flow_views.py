"""Pictures of a tube whose cells were found by phenotype: the panel's steps, then the visible gates."""

from dataclasses import replace

import numpy as np
import pytest
from flow_data import HEALTHY, measured

from mrdkit.flow import GateView, GatingResult, apply_gating, gate_views, read_panel
from mrdkit.flow.mrd.visible import VisibleGates, VisiblePair, as_gates
from mrdkit.results import VisibleGate

PANEL = read_panel("b_all_mrd")
TUBE = measured({**HEALTHY, "blast": 60})
#: Two boxes around the blasts of the made-up marrow; hematogones have less CD58 and more CD38.
BOXES = (
    VisibleGate(x="CD10", y="CD58", vertices=((0.6, 0.45), (1.0, 0.45), (1.0, 0.65), (0.6, 0.65))),
    VisibleGate(x="CD38", y="CD45", vertices=((0.4, 0.2), (0.65, 0.2), (0.65, 0.5), (0.4, 0.5))),
)


def gated() -> GatingResult:
    """Return the panel's gates and the boxes below its lineage gate, in the tube."""
    plain = apply_gating(TUBE, PANEL.strategy)
    drawn = VisibleGates(
        pairs=tuple(VisiblePair(x=box.x, y=box.y, vertices=box.vertices) for box in BOXES),
        n_scored=0,
        n_inside=0,
        n_recovered=0,
        agreement=None,
        flags=(),
    )
    gates = as_gates(drawn, plain.paths["b_lineage"], PANEL.axes)
    return apply_gating(TUBE, replace(plain.strategy, gates=(*plain.strategy.gates, *gates)))


GATING = gated()
TARGET = GATING.membership("visible_2")
VIEWS: dict[str, GateView] = {
    view.name: view for view in gate_views(TUBE, PANEL, GATING, TARGET, visible=BOXES)
}


def test_the_panel_s_steps_come_first_then_the_visible_gates() -> None:
    steps = [display.name for display in PANEL.rule.display]
    assert list(VIEWS) == [*steps, "visible_1", "visible_2"]
    assert [view.section for view in VIEWS.values()] == ["gating"] * len(steps) + ["visible"] * 2


def test_a_step_names_its_population_and_gate_with_counts() -> None:
    step = VIEWS["viability"]
    assert step.gate is not None
    assert (step.population.id, step.gate.id) == ("singlets", "nucleated")
    assert step.population.count == len(step.x) == GATING.counts["singlets"]
    assert step.gate.count == GATING.counts["nucleated"]
    assert step.gate.percent_of_parent == pytest.approx(
        100.0 * GATING.counts["nucleated"] / GATING.counts["singlets"]
    )


@pytest.mark.parametrize("name", ["singlets", "cd45_ssc", "cd10_cd20", "visible_1", "visible_2"])
def test_the_target_events_are_on_every_picture(name: str) -> None:
    assert VIEWS[name].count == int(TARGET.sum()) == 60


def test_a_visible_gate_is_seen_among_the_lineage_gate_s_events() -> None:
    view = VIEWS["visible_1"]
    assert view.population.id == "b_lineage"
    assert len(view.x) == GATING.counts["b_lineage"]
    assert view.outline == (*BOXES[0].vertices, BOXES[0].vertices[0])
    assert (view.x_name, view.y_name) == ("CD10", "CD58")
    inside = (view.x >= 0.6) & (view.x < 1.0) & (view.y >= 0.45) & (view.y < 0.65)
    assert view.gate is not None
    assert view.gate.count == int(np.count_nonzero(inside))


def test_a_gate_that_the_tube_does_not_have_is_refused() -> None:
    plain = apply_gating(TUBE, PANEL.strategy)
    with pytest.raises(ValueError, match="no gate cells/singlets"):
        gate_views(TUBE, PANEL, plain, TARGET, visible=BOXES)
