"""Which matrices are used, flagged or refused, and how their names meet the file's channels."""

import numpy as np
import pytest
from flow_data import dataset

from mrdkit.errors import InputError
from mrdkit.files.rules import read_rule
from mrdkit.flow.compensation import (
    CompensationLimits,
    SpilloverMatrix,
    compensate,
    compensation_of,
    observed_by,
)
from mrdkit.flow.dataset import Spillover
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gates import Box
from mrdkit.flow.strategy import Dimension, GatingStrategy, ShapeGate

LIMITS = read_rule("flow", "compensation", CompensationLimits)


def square(coefficients: tuple[tuple[float, ...], ...]) -> SpilloverMatrix:
    names = tuple("abcdef"[: len(coefficients)])
    return SpilloverMatrix(fluorochromes=names, detectors=names, coefficients=coefficients)


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        (square(((1.0, 1.0), (1.0, 1.0))), "SPILLOVER_SINGULAR"),
        (square(((1.0, 0.9999999), (1.0, 1.0))), "SPILLOVER_SINGULAR"),
        (square(((0.0, 0.0), (0.0, 0.0))), "SPILLOVER_SINGULAR"),
        (square(((1.0, np.nan), (0.0, 1.0))), "SPILLOVER_NOT_FINITE"),
        (square(((1.0, 0.1), (0.1,))), "SPILLOVER_NOT_SQUARE"),
        (
            SpilloverMatrix(fluorochromes=("a",), detectors=("a", "b"), coefficients=((1.0, 0.1),)),
            "SPILLOVER_NOT_SQUARE",
        ),
        (
            SpilloverMatrix(
                fluorochromes=("a", "a"), detectors=("a", "b"), coefficients=((1.0, 0.0), (0.0, 1.0))
            ),
            "SPILLOVER_NAME_REPEATED",
        ),
    ],
)
def test_a_matrix_that_cannot_be_trusted_is_refused(matrix: SpilloverMatrix, code: str) -> None:
    with pytest.raises(InputError) as caught:
        compensation_of(matrix, LIMITS)
    assert caught.value.code == code


def test_the_limits_are_where_the_rule_says() -> None:
    def flags(overlap: float) -> tuple[str, ...]:
        return compensation_of(square(((1.0, overlap), (overlap, 1.0))), LIMITS).flags

    # [[1, s], [s, 1]] has the condition number (1 + s) / (1 - s).
    assert flags(0.5) == ()
    assert flags(1.0 - 2.0 / 990.0) == ()
    assert flags(1.0 - 2.0 / 1100.0) == ("ILL_CONDITIONED_SPILLOVER",)
    assert flags(0.0) == ("SPILLOVER_IDENTITY",)


def test_a_null_channel_is_legal_and_negatives_stay() -> None:
    matrix = square(((1.0, 0.2, 0.0), (0.3, 1.0, 0.0), (0.0, 0.0, 1.0)))
    observed = np.array([[0.0], [100.0], [7.0]])
    found = compensate(observed, compensation_of(matrix, LIMITS), (0, 1, 2))
    assert found[:, 0] == pytest.approx([-30.0 / 0.94, 100.0 / 0.94, 7.0])
    with pytest.raises(ValueError, match="one row per detector"):
        compensate(observed[:2], compensation_of(matrix, LIMITS), (0,))


@pytest.mark.parametrize(
    ("names", "labels", "channels"),
    [
        (("B", "A"), ("", ""), ("A", "B")),
        (("B", "A"), ("", ""), ("Comp-A", "Comp-B")),
        (("Comp-B", "Comp-A"), ("", ""), ("A", "B")),
        (("FL2", "FL1"), ("B", "A"), ("A", "B")),
    ],
)
def test_detectors_are_found_by_name_never_by_position(
    names: tuple[str, str], labels: tuple[str, str], channels: tuple[str, str]
) -> None:
    spill = Spillover(channels=channels, matrix=((1.0, 0.5), (0.0, 1.0)))  # A leaves half of itself in B
    tube = dataset([[60.0, 100.0]], names, labels=labels, spillover=spill)
    dimension = Dimension(name="B", by="channel", spellings=(names[0],), compensation="FCS", transform=None)
    gate = ShapeGate(path=("g",), dimensions=(dimension,), shape=Box(bounds=((None, None),)))
    strategy = GatingStrategy(id="t", version="1", source="", gates=(gate,), matrices={}, limits=LIMITS)
    assert coordinates(tube, strategy, (dimension,)).tolist() == [[10.0]]


def test_what_detectors_saw_comes_back_from_compensated_values() -> None:
    used = compensation_of(square(((1.0, 0.2, 0.0), (0.05, 1.0, 0.1), (0.0, 0.3, 1.0))), LIMITS)
    seen = np.random.default_rng(0).normal(100.0, 500.0, (3, 50))
    np.testing.assert_allclose(observed_by(compensate(seen, used, (0, 1, 2)), used), seen, rtol=1e-12)
    assert observed_by(np.array([[1.0], [0.0], [0.0]]), used).ravel().tolist() == [1.0, 0.2, 0.0]
    with pytest.raises(ValueError, match="one row per fluorochrome"):
        observed_by(seen[:2], used)
