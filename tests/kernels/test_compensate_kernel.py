"""Compensation against exact sums, and back through the spillover that caused it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import compensated

from mrdkit._ext import compensate as kernel
from mrdkit.files.rules import read_rule
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix, compensate, compensation_of

LIMITS = read_rule("flow", "compensation", CompensationLimits)

number = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.data(), st.integers(1, 7), st.integers(1, 4), st.integers(1, 5))
def test_kernel_sums_like_exact_arithmetic(
    data: st.DataObject, n_detectors: int, n_outputs: int, n_events: int
) -> None:
    def table(rows: int, columns: int) -> list[list[float]]:
        row = st.lists(number, min_size=columns, max_size=columns)
        return data.draw(st.lists(row, min_size=rows, max_size=rows))

    events, weights = table(n_events, n_detectors), table(n_outputs, n_detectors)
    out = np.empty((n_outputs, n_events))
    kernel.compensate(
        np.ascontiguousarray(np.array(events).T), np.array(weights), np.arange(n_detectors), out
    )
    size = np.abs(np.array(weights)) @ np.abs(np.array(events)).T
    assert (np.abs(out - np.array(compensated(events, weights))) <= 1e-14 * size + 1e-300).all()


@pytest.mark.parametrize("n_events", [1, 1023, 1024, 1025, 2500])
def test_result_does_not_depend_on_the_tile(n_events: int) -> None:
    rng = np.random.default_rng(n_events)
    detectors, weights = rng.normal(size=(5, n_events)), rng.normal(size=(3, 5))
    whole, single, order = np.empty((3, n_events)), np.empty((3, 1)), np.arange(5)
    kernel.compensate(detectors, weights, order, whole)
    for event in (0, n_events // 2, n_events - 1):
        kernel.compensate(np.ascontiguousarray(detectors[:, event : event + 1]), weights, order, single)
        assert np.array_equal(single[:, 0], whole[:, event])


def test_worked_example_and_back() -> None:
    """True (1000, 500, 50) is observed as (1015, 700.5, 175); negatives are kept."""
    matrix = SpilloverMatrix(
        fluorochromes=("a", "b", "c"),
        detectors=("a", "b", "c"),
        coefficients=((1.0, 0.2, 0.05), (0.03, 1.0, 0.15), (0.0, 0.01, 1.0)),
    )
    true = np.array([[1000.0, 500.0, 50.0], [-20.0, 3.0, -400.0]])
    observed = true @ np.array(matrix.coefficients)
    assert observed[0] == pytest.approx([1015.0, 700.5, 175.0])
    found = compensate(np.ascontiguousarray(observed.T), compensation_of(matrix, LIMITS), (2, 0, 1))
    assert pytest.approx(true[:, [2, 0, 1]]) == found.T
