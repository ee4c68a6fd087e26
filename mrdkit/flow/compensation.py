"""Compensation: observed = true @ S, so compensated = observed @ inverse(S).

Rows of S are fluorochromes, columns are detectors, the diagonal is the fluorochrome in its own detector. The
matrix is inverted once; its condition number decides whether it is used, used with a flag, or refused. A
matrix that is not square belongs to spectral unmixing and is refused. Negative results are kept: clipping
moves dim cells. Limits: reference/flow/compensation.toml.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import compensate as kernel
from mrdkit.errors import InputError
from mrdkit.files.rules import Rule, checked_dataclass
from mrdkit.flow.dataset import Spillover

__all__ = [
    "Compensation",
    "CompensationLimits",
    "SpilloverMatrix",
    "compensate",
    "compensation_of",
    "from_file",
    "observed_by",
]

F64 = NDArray[np.float64]


@checked_dataclass(frozen=True, slots=True, kw_only=True)
class CompensationLimits(Rule):
    """When a matrix is too badly conditioned."""

    warn_condition_number_more_than: float
    refuse_condition_number_more_than: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpilloverMatrix:
    """A matrix with names: `coefficients[i][j]` is the share of fluorochrome i's signal in detector j."""

    fluorochromes: tuple[str, ...]
    detectors: tuple[str, ...]
    coefficients: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compensation:
    """A matrix that may be used.

    Attributes:
        matrix: the matrix as given.
        inverse: (n_detectors, n_fluorochromes), so that compensated = observed @ inverse.
        condition_number: ratio of the largest to the smallest singular value.
        flags: ILL_CONDITIONED_SPILLOVER and SPILLOVER_IDENTITY where they hold.
    """

    matrix: SpilloverMatrix
    inverse: F64 = field(repr=False)
    condition_number: float
    flags: tuple[str, ...]


def from_file(spillover: Spillover) -> SpilloverMatrix:
    """Return a file's own matrix; it calls fluorochromes by their detectors."""
    return SpilloverMatrix(
        fluorochromes=spillover.channels, detectors=spillover.channels, coefficients=spillover.matrix
    )


def compensation_of(matrix: SpilloverMatrix, limits: CompensationLimits) -> Compensation:
    """Check and invert one matrix.

    Raises:
        InputError: not square, a repeated name, a number that is not finite, or (nearly) singular.
    """
    _check_names(matrix)
    coefficients = np.array(matrix.coefficients, dtype=np.float64)
    if not np.isfinite(coefficients).all():
        raise InputError(
            "the spillover matrix holds a number that is not finite", code="SPILLOVER_NOT_FINITE"
        )
    condition = float(np.linalg.cond(coefficients))
    if not condition <= limits.refuse_condition_number_more_than:
        raise InputError(
            "the spillover matrix is singular or nearly so",
            code="SPILLOVER_SINGULAR",
            expected=f"a condition number of at most {limits.refuse_condition_number_more_than:g}",
            found=f"{condition:.3g}",
            remedy="compensate again from single-stained controls",
        )
    flags = []
    if condition > limits.warn_condition_number_more_than:
        flags.append("ILL_CONDITIONED_SPILLOVER")
    if np.array_equal(coefficients, np.eye(len(coefficients))):
        flags.append("SPILLOVER_IDENTITY")
    inverse = np.asarray(np.linalg.inv(coefficients), dtype=np.float64)
    return Compensation(matrix=matrix, inverse=inverse, condition_number=condition, flags=tuple(flags))


def compensate(observed: F64, compensation: Compensation, wanted: Sequence[int]) -> F64:
    """Return compensated values of some fluorochromes.

    Args:
        observed: (n_detectors, n_events), one row per detector in the matrix's order.
        compensation: the checked matrix.
        wanted: places of the fluorochromes in the matrix.

    Returns:
        (len(wanted), n_events) float64; negative values are kept.

    Raises:
        ValueError: `observed` has not one row per detector.
    """
    if len(observed) != len(compensation.inverse):
        raise ValueError("observed must have one row per detector")
    return _weighted(compensation.inverse[:, list(wanted)].T, observed)


def observed_by(true: F64, compensation: Compensation) -> F64:
    """Return what the detectors would have seen: the opposite of `compensate`.

    Args:
        true: (n_fluorochromes, n_events), one row per fluorochrome in the matrix's order.
        compensation: the checked matrix.

    Returns:
        (n_detectors, n_events) float64.

    Raises:
        ValueError: `true` has not one row per fluorochrome.
    """
    coefficients = np.array(compensation.matrix.coefficients, dtype=np.float64)
    if len(true) != len(coefficients):
        raise ValueError("true must have one row per fluorochrome")
    return _weighted(coefficients.T, true)


def _weighted(weights: F64, rows: F64) -> F64:
    """Return weights @ rows, by the kernel, whose last digits depend on nothing else."""
    out = np.empty((len(weights), rows.shape[1]))
    order = np.arange(len(rows), dtype=np.int64)
    kernel.compensate(np.ascontiguousarray(rows, dtype=np.float64), np.ascontiguousarray(weights), order, out)
    return out


def _check_names(matrix: SpilloverMatrix) -> None:
    size = len(matrix.detectors)
    if len(matrix.fluorochromes) != size or len(matrix.coefficients) != size:
        raise InputError(
            "the spillover matrix is not square; spectral unmixing is not supported",
            code="SPILLOVER_NOT_SQUARE",
            expected="as many fluorochromes as detectors",
            found=f"{len(matrix.coefficients)} rows, {size} detectors",
        )
    if not size or any(len(row) != size for row in matrix.coefficients):
        raise InputError(
            "a row of the spillover matrix has not one number per detector",
            code="SPILLOVER_NOT_SQUARE",
            expected=f"{size} numbers in each row",
        )
    for names in (matrix.fluorochromes, matrix.detectors):
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(
                "a name stands twice in the spillover matrix",
                code="SPILLOVER_NAME_REPEATED",
                found=", ".join(repeated),
            )
