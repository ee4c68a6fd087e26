"""Visible gates: what was scored is found again by two to four polygons, and they say how well."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest
from flow_data import HEALTHY, column, inside, marrow
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mrdkit.errors import RuleError
from mrdkit.flow import apply_gating
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gates import Polygon
from mrdkit.flow.gating_channels import with_channels
from mrdkit.flow.gatingml import read_gatingml
from mrdkit.flow.gatingml_writing import write_gatingml
from mrdkit.flow.inclusion import PlanePolygon, populations_of
from mrdkit.flow.mrd.panel import read_panel
from mrdkit.flow.mrd.visible import VisibleGates, as_gates, visible_gates
from mrdkit.flow.mrd.visible_rules import VisibleRules, read_visible_rules
from mrdkit.flow.xml_input import xml_from

RULES = read_visible_rules()
MARKERS = ("CD10", "CD19", "CD20", "CD34", "CD38", "CD45")
#: Searches that look at a sample of nearly every cloud below.
SAMPLED = replace(RULES, scored_searched_at_most=100, others_searched_at_most=100)

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Vertices = Sequence[tuple[float, float]]


def cloud(
    n_scored: int, n_other: int, *, away: float = 6.0, d: int = len(MARKERS), seed: int = 1
) -> tuple[F64, Mask]:
    """Return events with a standard deviation of 0.1, the scored ones so many off in three markers."""
    rng = np.random.default_rng(seed)
    events = rng.normal(0.5, 0.1, (n_scored + n_other, d))
    events[:n_scored, : min(d, 3)] += 0.1 * away
    return events, np.arange(len(events)) < n_scored


def gates_of(events: F64, scored: Mask, rules: VisibleRules = RULES) -> VisibleGates:
    return visible_gates(events, scored, MARKERS[: events.shape[1]], rules)


def members(visible: VisibleGates, events: F64) -> Mask:
    """Return which events all polygons hold, by gates of their own on each pair of columns."""
    held = [
        inside(Polygon(vertices=pair.vertices), [events[:, MARKERS.index(m)] for m in (pair.x, pair.y)])
        for pair in visible.pairs
    ]
    return np.asarray(np.logical_and.reduce(held))


def is_simple(vertices: Vertices) -> bool:
    """Tell, in exact arithmetic, whether no vertex repeats and no two edges without a common end meet."""
    points = [(Fraction(x), Fraction(y)) for x, y in vertices]
    edges = list(zip(points, [*points[1:], points[0]], strict=True))

    def turn(p: tuple[Fraction, Fraction], q: tuple[Fraction, Fraction], r: tuple[Fraction, Fraction]) -> int:
        cross = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
        return (cross > 0) - (cross < 0)

    def meet(one: int, two: int) -> bool:
        (a, b), (c, d) = edges[one], edges[two]
        return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0

    apart = [
        pair for pair in combinations(range(len(edges)), 2) if pair[1] - pair[0] not in {1, len(edges) - 1}
    ]
    return len(set(points)) == len(points) and not any(meet(*pair) for pair in apart)


@pytest.mark.parametrize(("n_scored", "n_other"), [(10, 2_000), (50, 5_000), (5_000, 3_000), (40, 0)])
def test_a_cluster_of_its_own_is_found_and_nothing_else(n_scored: int, n_other: int) -> None:
    events, scored = cloud(n_scored, n_other, away=12.0)
    visible = gates_of(events, scored)
    assert visible.n_scored == n_scored
    assert visible.n_recovered >= 0.9 * n_scored
    assert visible.n_inside == visible.n_recovered
    assert visible.agreement is not None
    assert visible.agreement.precision == 1.0
    assert visible.agreement.f1 == pytest.approx(2 * visible.n_recovered / (n_scored + visible.n_inside))
    assert visible.recovered_share == visible.agreement.recall == visible.n_recovered / n_scored
    assert visible.flags == ()
    assert len(visible.pairs) == 2


def test_more_pairs_are_shown_only_where_they_exclude_more() -> None:
    rng = np.random.default_rng(5)
    # Others keep to the scored events in all markers but one, another one each; no two markers tell all.
    events = rng.normal(0.5, 0.05, (6_100, 6))
    for marker in range(6):
        events[100 + 1_000 * marker : 1_100 + 1_000 * marker, marker] -= 0.5
    scored = np.arange(len(events)) < 100
    visible = gates_of(events, scored)
    assert {marker for pair in visible.pairs for marker in (pair.x, pair.y)} == set(MARKERS)
    assert len(visible.pairs) == 3
    assert visible.n_inside == visible.n_recovered


def test_outliers_among_the_scored_events_do_not_open_the_gates() -> None:
    events, scored = cloud(100, 20_000, away=12.0)
    events[:5] = np.random.default_rng(2).normal(0.5, 0.1, (5, len(MARKERS)))
    visible = gates_of(events, scored)
    assert 90 <= visible.n_recovered <= 95
    assert visible.n_inside == visible.n_recovered


def test_sides_move_in_where_that_excludes_more_others_than_it_costs() -> None:
    events, scored = cloud(200, 4_000, away=2.5)
    loose = gates_of(events, scored, replace(RULES, others_per_scored_at_least=1e6))
    tight = gates_of(events, scored)
    assert loose.n_recovered == 200
    assert tight.n_recovered < 200
    others_excluded = (loose.n_inside - loose.n_recovered) - (tight.n_inside - tight.n_recovered)
    assert others_excluded >= 200 - tight.n_recovered


@pytest.mark.parametrize("n_scored", [0, 1, 9])
def test_too_few_scored_events_get_no_gates_and_a_flag(n_scored: int) -> None:
    visible = gates_of(*cloud(n_scored, 500))
    assert visible.pairs == ()
    assert visible.agreement is None
    assert visible.recovered_share is None
    assert visible.flags == ("TOO_FEW_EVENTS_FOR_GATES",)


def test_scored_events_without_coordinates_are_counted_as_not_recovered() -> None:
    events, scored = cloud(40, 500, away=12.0)
    events[:10] = np.nan
    visible = gates_of(events, scored)
    assert visible.n_scored == 40
    assert visible.n_recovered <= 30
    assert visible.flags == ("VISIBLE_GATES_BELOW_90", "SCORED_EVENTS_NOT_FINITE")


def test_a_score_that_no_polygon_can_follow_is_flagged() -> None:
    rng = np.random.default_rng(3)
    events = rng.normal(0.5, 0.1, (5_000, 6))
    visible = gates_of(events, np.arange(5_000) < 50)
    assert visible.agreement is not None
    assert visible.agreement.precision < 0.5
    assert visible.flags == ("VISIBLE_GATES_MOSTLY_OTHERS",)


@pytest.mark.parametrize(("n_scored", "n_other"), [(3_000, 2_000), (50, 5_000), (5_000, 50)])
def test_counts_are_of_all_events_where_the_search_looked_at_a_sample(n_scored: int, n_other: int) -> None:
    events, scored = cloud(n_scored, n_other, away=4.0)
    visible = gates_of(events, scored, SAMPLED)
    held = members(visible, events)
    assert (visible.n_inside, visible.n_recovered) == (held.sum(), (held & scored).sum())
    assert visible.n_recovered >= 0.9 * n_scored


def test_a_marker_that_never_varies_does_no_harm() -> None:
    events, scored = cloud(30, 1_000, away=12.0)
    events[:, 5] = 0.25
    visible = gates_of(events, scored)
    assert visible.n_inside == visible.n_recovered >= 27


def test_arguments_that_do_not_fit_are_refused() -> None:
    events, scored = cloud(20, 100)
    with pytest.raises(ValueError, match="do not fit"):
        visible_gates(events, scored[:-1], MARKERS, RULES)
    with pytest.raises(ValueError, match="scores bool"):
        visible_gates(events, scored.astype(np.int64), MARKERS, RULES)
    with pytest.raises(ValueError, match="same name"):
        visible_gates(events, scored, ("CD10",) * 6, RULES)
    with pytest.raises(ValueError, match="fewer than 2 pairs"):
        visible_gates(events[:, :2], scored, MARKERS[:2], RULES)


@pytest.mark.parametrize(
    "wrong", [{"pairs_at_least": 3, "pairs_at_most": 2}, {"core_share": 0.8, "share_at_least": 0.9}]
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must not be"):
        replace(RULES, **wrong)  # type: ignore[arg-type]  # numbers of the right kind each


@st.composite
def clouds(draw: st.DrawFn) -> tuple[F64, Mask]:
    """Return clouds of every sort: clusters, several of them, ties, lines, outliers, all events scored."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_scored, n_other, d = draw(st.integers(10, 300)), draw(st.integers(0, 600)), draw(st.integers(3, 6))
    events = rng.normal(0.0, 1.0, (n_scored + n_other, d))
    centres = rng.normal(0.0, draw(st.sampled_from([0.0, 2.0, 20.0])), (draw(st.integers(1, 3)), d))
    events[:n_scored] = centres[rng.integers(0, len(centres), n_scored)] + rng.standard_t(
        draw(st.sampled_from([1, 3, 100])), (n_scored, d)
    ) * draw(st.sampled_from([0.01, 1.0]))
    if draw(st.booleans()):
        events[:, 1] = events[:, 0]
    if draw(st.booleans()):
        events = np.round(events)
    scale, shift = draw(st.sampled_from([(1.0, 0.0), (0.1, 0.5), (1e5, 1e5)]))
    return scale * events + shift, np.arange(len(events)) < n_scored


@settings(max_examples=60)
@given(clouds(), st.sampled_from([RULES, SAMPLED]))
def test_enough_is_recovered_or_flagged_by_simple_polygons(
    made: tuple[F64, Mask], rules: VisibleRules
) -> None:
    events, scored = made
    visible = gates_of(events, scored, rules)
    held = members(visible, events)
    assert (visible.n_inside, visible.n_recovered) == (held.sum(), (held & scored).sum())
    enough = visible.n_recovered / visible.n_scored >= 0.9
    assert enough == ("VISIBLE_GATES_BELOW_90" not in visible.flags)
    assert enough or rules is SAMPLED
    assert 2 <= len(visible.pairs) <= 4
    assert len({(pair.x, pair.y) for pair in visible.pairs}) == len(visible.pairs)
    assert all(len(pair.vertices) <= 12 and is_simple(pair.vertices) for pair in visible.pairs)


@settings(max_examples=30)
@given(clouds(), st.sampled_from([RULES, SAMPLED]), st.randoms(use_true_random=False))
def test_the_order_of_the_events_changes_nothing(
    made: tuple[F64, Mask], rules: VisibleRules, random: Random
) -> None:
    events, scored = made
    order = list(range(len(events)))
    random.shuffle(order)
    assert gates_of(events[order], scored[order], rules) == gates_of(events, scored, rules)


@given(
    st.lists(st.tuples(st.integers(-2, 6), st.integers(-2, 6)), min_size=1, max_size=200),
    st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), min_size=3, max_size=8),
)
def test_points_are_decided_as_events_of_a_file_are(
    points: list[tuple[int, int]], corners: list[tuple[int, int]]
) -> None:
    polygon = Polygon(vertices=tuple((float(x), float(y)) for x, y in corners))
    events = np.array(points, dtype=np.float64)
    populations = populations_of(events, [PlanePolygon(columns=(1, 0), polygon=polygon)])
    assert np.array_equal(populations.mask(1), inside(polygon, [events[:, 1], events[:, 0]]))


def test_gates_exported_and_read_again_hold_the_same_events() -> None:
    panel = read_panel("b_all_fixed")
    tube = marrow({**HEALTHY, "blast": 60})
    gated = apply_gating(tube, panel.strategy)
    lineage, scored = gated.membership("b_lineage"), gated.membership("blasts")
    markers = ["CD10", "CD19", "CD20", "CD34", "CD38", "CD45", "CD58", "CD66c+CD123", "CD81"]
    places = coordinates(tube, panel.strategy, [panel.axes[marker] for marker in markers])
    visible = visible_gates(places.T[lineage], scored[lineage], markers, RULES)
    gates = as_gates(visible, gated.paths["b_lineage"], panel.axes)
    strategy = replace(panel.strategy, gates=(*panel.strategy.gates, *gates))
    again = read_gatingml(
        xml_from(write_gatingml(with_channels(strategy, tube))), strategy_id="again", version="1"
    )
    innermost = f"visible_{len(visible.pairs)}"
    held = apply_gating(tube, strategy).membership(innermost)
    assert np.array_equal(apply_gating(tube, again).membership(innermost), held)
    assert (held.sum(), (held & scored).sum()) == (visible.n_inside, visible.n_recovered)
    assert visible.n_recovered == visible.n_scored == 60
    assert gates[-1].path[:-1] == gates[-2].path


def test_a_marker_without_axis_is_named() -> None:
    visible = gates_of(*cloud(30, 300, away=12.0))
    with pytest.raises(RuleError, match=r"no axis.*found CD") as refused:
        as_gates(visible, ("lineage",), {"CD99": column("CD99")})
    assert refused.value.code == "AXIS_UNKNOWN"


def test_nested_gates_need_no_more_than_their_parent() -> None:
    visible = gates_of(*cloud(30, 300, away=12.0))
    gates = as_gates(visible, ("lineage",), {marker: column(marker) for marker in MARKERS})
    assert [gate.path for gate in gates] == [("lineage", "visible_1"), ("lineage", "visible_1", "visible_2")]
