"""Compensation of real files with their own matrix and with published ones, against an independent solver."""

import numpy as np
import pytest
from real_data import real

from mrdkit.errors import InputError
from mrdkit.files.rules import read_rule
from mrdkit.flow import read_fcs
from mrdkit.flow.compensation import (
    CompensationLimits,
    SpilloverMatrix,
    compensate,
    compensation_of,
    from_file,
)

LIMITS = read_rule("flow", "compensation", CompensationLimits)


def test_fourteen_colours_with_the_matrix_in_the_file() -> None:
    tube = read_fcs(real("flow/compensation/test_comp_example.fcs"))
    assert tube.spillover is not None
    matrix = from_file(tube.spillover)
    columns = [[channel.name for channel in tube.channels].index(name) for name in matrix.detectors]
    observed = tube.linear()[:, columns]
    found = compensate(
        np.ascontiguousarray(observed.T), compensation_of(matrix, LIMITS), range(len(columns))
    ).T
    expected = np.linalg.solve(np.array(matrix.coefficients).T, observed.T).T
    assert len(columns) >= 10
    assert np.abs(found - expected).max() <= 1e-9 * np.abs(observed).max()
    assert (found < 0.0).any()
    # Spilling the compensated values again gives the measured ones.
    assert found @ np.array(matrix.coefficients) == pytest.approx(observed, abs=1e-6)


def table(name: str) -> SpilloverMatrix:
    lines = [
        line.split() for line in real(f"flow/compensation/{name}").read_text().splitlines() if line.strip()
    ]
    names = tuple(cell.strip('"') for cell in lines[0])
    fluorochromes = tuple(line[0].strip('"') for line in lines[1:])
    numbers = tuple(tuple(float(cell) for cell in line[1:]) for line in lines[1:])
    return SpilloverMatrix(fluorochromes=fluorochromes, detectors=names, coefficients=numbers)


@pytest.mark.parametrize("name", ["compref", "compref1", "compref3"])
def test_published_matrices_are_usable_and_invert(name: str) -> None:
    matrix = table(name)
    compensation = compensation_of(matrix, LIMITS)
    product = np.array(matrix.coefficients) @ compensation.inverse
    assert product == pytest.approx(np.eye(4), abs=1e-12)
    assert compensation.flags == ()


def test_a_null_channel_changes_nothing_and_stays_invertible() -> None:
    lines = real("flow/compensation/den_comp_null_channel.csv").read_text().splitlines()
    names = tuple(cell.strip() for cell in lines[0].removeprefix("#").split(","))
    numbers = tuple(tuple(float(cell) for cell in line.split(",")) for line in lines[1:] if line.strip())
    compensation = compensation_of(
        SpilloverMatrix(fluorochromes=names, detectors=names, coefficients=numbers), LIMITS
    )
    isolated = [
        place
        for place in range(len(names))
        if sum(abs(v) for v in numbers[place]) == abs(numbers[place][place])
        and sum(abs(row[place]) for row in numbers) == abs(numbers[place][place])
    ]
    assert isolated
    observed = np.random.default_rng(1).normal(100.0, 30.0, (len(names), 50))
    found = compensate(observed, compensation, isolated)
    assert found == pytest.approx(observed[isolated])


def test_a_matrix_with_more_detectors_than_dyes_is_refused() -> None:
    matrix = table("compref")
    fewer = SpilloverMatrix(
        fluorochromes=matrix.fluorochromes[:3],
        detectors=matrix.detectors,
        coefficients=matrix.coefficients[:3],
    )
    with pytest.raises(InputError, match="spectral unmixing is not supported"):
        compensation_of(fewer, LIMITS)
