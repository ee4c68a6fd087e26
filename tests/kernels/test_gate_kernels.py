"""Gate membership against exact arithmetic, on coordinates that hit edges and corners often."""

import numpy as np
import pytest
from flow_data import inside
from hypothesis import given
from hypothesis import strategies as st
from oracles import in_ellipsoid, in_interval, in_polygon

from mrdkit.flow.gates import Box, Ellipsoid, Polygon

lattice = st.integers(-4, 8).map(float)
coordinate = st.one_of(lattice, st.floats(-5.0, 9.0), st.sampled_from([np.nan, np.inf, -np.inf]))
points = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20)
bound = st.one_of(st.none(), lattice)


@given(points, st.tuples(bound, bound), st.tuples(bound, bound), st.data())
def test_rectangles_are_half_open(
    events: list[tuple[float, float]],
    first: tuple[float | None, float | None],
    second: tuple[float | None, float | None],
    data: st.DataObject,
) -> None:
    bounds = (first, second)
    if any(low is not None and high is not None and low >= high for low, high in bounds):
        with pytest.raises(ValueError, match="min < max"):
            Box(bounds=bounds)
        return
    parent = data.draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events)))
    x, y = np.array(events).T
    found = inside(Box(bounds=bounds), [x, y], parent)
    expected = [
        inside and in_interval(px, *first) and in_interval(py, *second)
        for (px, py), inside in zip(events, parent, strict=True)
    ]
    assert found.tolist() == expected


@given(points, st.lists(st.tuples(lattice, lattice), min_size=3, max_size=9))
def test_polygons_follow_winding_parity(
    events: list[tuple[float, float]], vertices: list[tuple[float, float]]
) -> None:
    on_lattice = [point for point in events if all(not np.isfinite(c) or c == int(c) for c in point)]
    x, y = np.array(on_lattice or [(0.0, 0.0)]).T
    found = inside(Polygon(vertices=tuple(vertices)), [x, y])
    assert found.tolist() == [in_polygon(px, py, vertices) for px, py in zip(x, y, strict=True)]


@pytest.mark.parametrize("clockwise", [True, False])
def test_unit_square_keeps_its_lower_and_left_edges(clockwise: bool) -> None:  # noqa: FBT001 (a case)
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    square = Polygon(vertices=corners[::-1] if clockwise else corners)
    x = np.array([0.5, 0.0, 0.5, 1.0, 0.0, 1.0, 1.0, 0.0, 0.5])
    y = np.array([0.0, 0.5, 1.0, 0.5, 0.0, 0.0, 1.0, 1.0, 0.5])
    found = inside(square, [x, y])
    assert found.tolist() == [True, True, False, False, True, False, False, False, True]


@given(
    st.lists(st.tuples(lattice, lattice, coordinate), min_size=1, max_size=20),
    st.tuples(lattice, lattice, lattice),
    st.sampled_from([1.0, 2.0, 4.0]),
    st.integers(1, 9).map(float),
)
def test_ellipsoids_in_three_dimensions(
    events: list[tuple[float, float, float]],
    mean: tuple[float, float, float],
    spread: float,
    limit: float,
) -> None:
    covariance = ((spread, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 2.0))
    inverse = ((1.0 / spread, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.5))
    gate = Ellipsoid(mean=mean, covariance=covariance, distance_square=limit)
    kept = [point for point in events if not np.isfinite(point[2]) or point[2] == int(point[2])]
    columns = np.array(kept or [mean]).T
    found = inside(gate, list(columns))
    assert found.tolist() == [in_ellipsoid(point, mean, inverse, limit) for point in columns.T]


@pytest.mark.parametrize(
    ("covariance", "encloses"),
    [
        (((2.0, 1.0), (1.0, 2.0)), True),
        (((2.5, 7.5), (6.0, 7.0)), False),  # not symmetric
        (((1.0, 2.0), (2.0, 1.0)), False),  # a hyperbola
    ],
)
def test_a_matrix_that_is_no_covariance_is_told(
    covariance: tuple[tuple[float, ...], ...], *, encloses: bool
) -> None:
    shape = Ellipsoid(mean=(0.0, 0.0), covariance=covariance, distance_square=1.0)
    assert shape.encloses is encloses


@pytest.mark.parametrize(
    ("covariance", "words"),
    [(((1.0, 1.0), (1.0, 1.0)), "inverse"), (((1.0, 0.0),), "size"), (((np.nan,) * 2,) * 2, "finite")],
)
def test_a_matrix_that_the_formula_cannot_use_is_refused(
    covariance: tuple[tuple[float, ...], ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Ellipsoid(mean=(0.0, 0.0), covariance=covariance, distance_square=1.0)
