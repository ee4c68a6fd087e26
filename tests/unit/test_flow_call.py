"""Calls of made-up tubes with the shipped panel: what is found, and why a tube is not evaluable."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from flow_data import HEALTHY, SIMULATED_MARKERS, marrow

from mrdkit.flow import GateView, Panel, apply_gating, call_flow_mrd, gate_views, read_panel
from mrdkit.flow.dataset import FcsDataset, FcsWarning, Spillover
from mrdkit.flow.gates import Ellipsoid
from mrdkit.flow.strategy import ShapeGate
from mrdkit.flow.template_strategy import strategy_from
from mrdkit.results import FlowMrdCall, MrdStatus, Specimen

PANEL = read_panel("b_all_fixed")
ANTIBODIES = tuple(marker for marker in SIMULATED_MARKERS if marker != "Viability")


def called(tube: FcsDataset, targeted: str = "", panel: Panel = PANEL) -> FlowMrdCall:
    antigens = frozenset(filter(None, targeted.split(",")))
    return call_flow_mrd(tube, panel, specimen=Specimen(subject_id="S1"), targeted=antigens)


def views_of(tube: FcsDataset, panel: Panel) -> tuple[GateView, ...]:
    gating = apply_gating(tube, panel.strategy)
    return gate_views(tube, panel, gating, gating.membership(panel.rule.target_gate or ""))


def relabelled(old: str, new: str) -> list[str]:
    exchange = {old: new, new: old}
    return [f"{exchange.get(marker, marker)} PE" for marker in SIMULATED_MARKERS]


@pytest.mark.parametrize(
    ("blasts", "state", "status"),
    [
        (0, "negative", MrdStatus.NEGATIVE),
        (9, "negative", MrdStatus.NEGATIVE),
        (10, "detected_below", MrdStatus.INDETERMINATE),
        (39, "detected_below", MrdStatus.INDETERMINATE),
        (40, "positive", MrdStatus.POSITIVE),
        (3000, "positive", MrdStatus.POSITIVE),
    ],
)
def test_blasts_are_counted_and_nothing_else(blasts: int, state: str, status: MrdStatus) -> None:
    call = called(marrow({**HEALTHY, "blast": blasts}))
    cells = sum(HEALTHY.values()) + blasts
    assert (call.state, call.status) == (state, {"1e-4": status})
    assert (call.n_target, call.n_denominator, call.n_hematogones) == (blasts, cells, HEALTHY["hematogone"])
    assert call.fraction == blasts / cells
    assert (call.lod, call.loq, call.sensitivity) == (10 / cells, 40 / cells, 10 / cells)
    assert call.lob is None
    assert "BACKGROUND_NOT_MEASURED" in call.flags
    assert [arm.markers for arm in call.lineage_arms] == [("CD19",), ("CD22",), ("CD24",)]
    b_cells = HEALTHY["b"] + HEALTHY["hematogone"] + blasts
    assert [arm.n for arm in call.lineage_arms] == [b_cells] * 3
    assert call.evidence.rules[0].id == call.panel == "b_all_fixed"
    assert call.specimen.subject_id == "S1"


def test_too_few_cells_are_insufficient_but_hide_no_cluster() -> None:
    small = {name: count // 4 for name, count in HEALTHY.items()}
    assert called(marrow(small)).state == "insufficient"
    assert called(marrow({**small, "blast": 60})).state == "positive"


@pytest.mark.parametrize("erythroid", [500, 4_500])
def test_a_diluted_aspirate_excludes_nothing_but_may_show_a_cluster(erythroid: int) -> None:
    blood = {**HEALTHY, "erythroid": erythroid, "t": 60_000}
    call = called(marrow(blood))
    assert (call.state, call.status["1e-4"]) == ("insufficient", MrdStatus.INDETERMINATE)
    assert "HEMODILUTION" in call.flags
    assert called(marrow({**blood, "blast": 100})).state == "positive"


def without_matrix() -> FcsDataset:
    return marrow(HEALTHY, without_spillover=True)


def with_matrix(spillover: Spillover) -> FcsDataset:
    return replace(without_matrix(), spillover=spillover)


def with_label(marker: str, label: str) -> FcsDataset:
    return marrow(HEALTHY, labels=[label if name == marker else name for name in SIMULATED_MARKERS])


DEFECTS: Mapping[str, Callable[[], FcsDataset]] = {
    "MARKER_MISSING": lambda: with_label("CD58", "X PE"),
    "MARKER_AMBIGUOUS": lambda: with_label("CD58", "CD19 PE"),
    "NO_SPILLOVER": without_matrix,
    "SPILLOVER_IDENTITY": lambda: with_matrix(
        Spillover(channels=("D01-A", "D02-A"), matrix=((1.0, 0.0), (0.0, 1.0)))
    ),
    "CHANNEL_NOT_COMPENSATED": lambda: with_matrix(
        Spillover(channels=("D01-A", "D02-A"), matrix=((1.0, 0.1), (0.0, 1.0)))
    ),
    "SPILLOVER_SINGULAR": lambda: with_matrix(
        Spillover(channels=("D01-A", "D02-A"), matrix=((1.0, 1.0), (1.0, 1.0)))
    ),
    "ZERO_DENOMINATOR": lambda: replace(marrow(HEALTHY), n_events=0, events=np.empty((0, 17))),
    "MARKER_IDENTITY_T": lambda: marrow(HEALTHY, labels=relabelled("CD19", "CD3")),
    "MARKER_IDENTITY_GRANULOCYTE": lambda: marrow(HEALTHY, labels=relabelled("CD24", "CD34")),
    "MARKER_IDENTITY_B_MATURE": lambda: marrow(HEALTHY, labels=relabelled("CD22", "CD10")),
    "MARKER_IDENTITY_MONOCYTE": lambda: marrow(HEALTHY, labels=relabelled("CD10", "CD38")),
    "FLOW_RATE_UNSTABLE": lambda: marrow(HEALTHY, clogged=True),
    "LINEAGE_NOT_EVALUABLE": lambda: marrow({**HEALTHY, "b": 0, "hematogone": 50}),
    "DATA_TRUNCATED": lambda: replace(
        marrow(HEALTHY), warnings=(FcsWarning(code="DATA_TRUNCATED", message="events are missing"),)
    ),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defective_tube_is_not_evaluable_and_says_why(code: str) -> None:
    call = called(DEFECTS[code]())
    assert call.state == "not_evaluable"
    assert call.status == {"1e-4": MrdStatus.NOT_EVALUABLE}
    assert code in call.flags
    assert call.reasons
    assert (call.fraction, call.ci_low, call.detected, call.sensitivity) == (None, None, None, None)


@pytest.mark.parametrize(("one", "other"), tuple(combinations(ANTIBODIES, 2)))
def test_two_exchanged_labels_never_hide_blasts(one: str, other: str) -> None:
    tube = marrow({**HEALTHY, "blast": 200}, labels=relabelled(one, other))
    assert called(tube).state not in {"negative", "insufficient"}


@pytest.mark.parametrize(
    ("marker", "state"),
    [
        ("CD45", "not_evaluable"),
        ("CD22", "positive"),  # therapy takes CD22 from normal B cells too; the other arms find the blasts
        ("CD58", "not_evaluable"),
        ("CD81", "not_evaluable"),
        ("CD66c+CD123", "not_evaluable"),
        ("CD38", "not_evaluable"),
        ("CD10", "insufficient"),  # mature granulocytes may truly be absent
    ],
)
def test_a_forgotten_antibody_is_no_negative(marker: str, state: str) -> None:
    tube = marrow({**HEALTHY, "blast": 200})
    events = tube.linear()
    events[:, 3 + SIMULATED_MARKERS.index(marker)] = 10.0
    assert called(replace(tube, events=events)).state == state


def test_what_looks_unlike_hematogones_bars_a_negative_and_hides_no_cluster() -> None:
    exchanged = relabelled("CD58", "CD81")
    call = called(marrow({**HEALTHY, "blast": 200}, labels=exchanged))
    assert (call.state, "MARKER_IDENTITY_HEMATOGONE" in call.flags) == ("positive", True)


@pytest.mark.parametrize(
    ("targeted", "state"),
    [("CD19", "negative"), ("cd-19,CD22", "negative"), ("CD19,CD22,CD24", "not_evaluable")],
)
def test_a_targeted_antigen_proves_nothing_alone(targeted: str, state: str) -> None:
    call = called(marrow(HEALTHY), targeted)
    assert call.state == state
    assert "LINEAGE_ANTIGEN_TARGETED" in call.flags


def test_every_arm_targeted_is_never_negative_nor_positive() -> None:
    call = called(marrow({**HEALTHY, "blast": 500}), "CD19,CD22,CD24")
    assert call.state == "not_evaluable"
    assert any("target of therapy" in reason for reason in call.reasons)
    assert call.n_target == 500


def test_an_antigen_outside_the_panel_is_flagged() -> None:
    assert "TARGETED_NOT_IN_PANEL" in called(marrow(HEALTHY), "CD7").flags


def test_every_defect_found_is_named() -> None:
    call = called(marrow(HEALTHY, without_spillover=True, clogged=True))
    assert {"NO_SPILLOVER", "FLOW_RATE_UNSTABLE"} <= set(call.flags)
    assert len(call.reasons) >= 2


def test_views_show_what_was_counted() -> None:
    tube = marrow({**HEALTHY, "blast": 25})
    views = {view.name: view for view in views_of(tube, PANEL)}
    assert list(views) == [display.name for display in PANEL.rule.display]
    last = views["cd58_cd66c_cd123"]
    assert last.count == int(last.highlighted.sum()) == 25
    assert last.outline[0] == last.outline[-1]
    assert len(last.x) == 25
    assert last.x.dtype == np.float32
    assert last.section == "gating"
    assert last.gate is not None
    assert last.gate.count == called(tube).n_target
    assert views["cd45_ssc"].gate is None
    assert views["cd45_ssc"].population.count == len(views["cd45_ssc"].x)
    assert views["cd45_ssc"].outline == ()
    assert views["cd45_ssc"].x_label == "CD45 (compensated, logicle)"
    rectangle = views["cd19_cd3"].outline
    assert len(rectangle) == 5
    assert min(x for x, _ in rectangle) == 0.40
    assert max(y for _, y in rectangle) == 0.50


def test_a_target_of_another_tube_is_refused() -> None:
    tube = marrow(HEALTHY)
    gating = apply_gating(tube, PANEL.strategy)
    with pytest.raises(ValueError, match="target of shape"):
        gate_views(tube, PANEL, gating, np.zeros(3, dtype=np.bool_))


def test_an_outline_follows_the_axes_of_the_picture_and_an_ellipse_its_shape() -> None:
    """The blast gate as an ellipse about (0.6, 0.45) with half-axes 0.2 and 0.1, drawn upside down."""
    strategy = PANEL.strategy
    ellipse = Ellipsoid(mean=(0.6, 0.45), covariance=((0.04, 0.0), (0.0, 0.01)), distance_square=1.0)
    gates = tuple(
        replace(gate, shape=ellipse) if isinstance(gate, ShapeGate) and gate.path[-1] == "blasts" else gate
        for gate in strategy.gates
    )
    display = next(view for view in PANEL.rule.display if view.gate == "blasts")
    panel = replace(
        PANEL,
        strategy=replace(strategy, gates=gates),
        rule=replace(PANEL.rule, display=(replace(display, x=display.y, y=display.x),)),
    )
    (view,) = views_of(marrow({**HEALTHY, "blast": 25}), panel)
    assert view.x_label.startswith("CD66c+CD123")
    x, y = np.array(view.outline).T
    assert (x.min(), x.max()) == (pytest.approx(0.35), pytest.approx(0.55))
    assert (y.min(), y.max()) == (pytest.approx(0.40), pytest.approx(0.80))
    assert view.count == 25


def test_a_file_matrix_that_the_panel_does_not_use_is_flagged() -> None:
    axes = {
        name: replace(axis, compensation="uncompensated") for name, axis in PANEL.rule.gating.axis.items()
    }
    rule = replace(
        PANEL.rule,
        compensation="already_compensated",
        gating=replace(PANEL.rule.gating, axis=axes),
    )
    panel = Panel(rule=rule, strategy=strategy_from(rule.gating, rule), axes=PANEL.axes)
    call = called(marrow(HEALTHY), panel=panel)
    assert {"NOT_COMPENSATED_HERE", "FILE_SPILLOVER_IGNORED"} <= set(call.flags)
