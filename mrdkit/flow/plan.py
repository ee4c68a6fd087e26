"""Where the coordinates of a strategy come from in one data set: columns, matrices, scales, and every doubt.

"FCS" means the file's own matrix. As in Gating-ML 2.0 it changes nothing where the file has none, or for a
channel outside it; both are flagged, since a fluorescence gate on such values is no compensated gate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.columns import column_of, written_names
from mrdkit.flow.compensation import Compensation, SpilloverMatrix, compensate, compensation_of, from_file
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Dimension, GatingStrategy

__all__ = ["Block", "Plan", "plan_of"]

F64 = NDArray[np.float64]

_EXPORTED = "Comp-"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A column of the file, or a fluorochrome (place in the wanted ones) of a matrix."""

    column: int
    matrix: str | None
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matrix:
    compensation: Compensation
    detectors: tuple[int, ...]
    wanted: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Dimensions resolved against one data set.

    Attributes:
        sources: where each dimension's values come from.
        matrices: the checked matrices in use, by name.
        flags: stable codes of what is doubtful about the compensation.
    """

    sources: Mapping[Dimension, _Source] = field(repr=False)
    matrices: Mapping[str, _Matrix] = field(repr=False)
    flags: tuple[str, ...]


def plan_of(dataset: FcsDataset, strategy: GatingStrategy, dimensions: Sequence[Dimension]) -> Plan:
    """Resolve dimensions and check the matrices that they use.

    Raises:
        InputError: a column is missing or ambiguous, or a matrix does not fit the file or is refused.
        RuleError: a dimension is no fluorochrome of the named matrix it asks for.
    """
    given = dict(strategy.matrices)
    if dataset.spillover is not None:
        given[FILE_MATRIX] = from_file(dataset.spillover)
    used = [name for name in given if any(dimension.compensation == name for dimension in dimensions)]
    checked = {name: compensation_of(given[name], strategy.limits) for name in used}
    detectors = {name: tuple(_detectors(dataset, given[name], name)) for name in used}
    wanted: dict[str, list[int]] = {name: [] for name in used}
    flags = [flag for name in used for flag in checked[name].flags]
    sources: dict[Dimension, _Source] = {}
    for dimension in dimensions:
        source, fluorochrome = _source(dataset, dimension, given, detectors)
        if fluorochrome is None and dimension.compensation == FILE_MATRIX and dimension.by == "marker":
            flags.append("NO_SPILLOVER" if dataset.spillover is None else "CHANNEL_NOT_COMPENSATED")
        if fluorochrome is not None:
            places = wanted[dimension.compensation]
            if fluorochrome not in places:
                places.append(fluorochrome)
            source = _Source(
                column=source.column, matrix=dimension.compensation, place=places.index(fluorochrome)
            )
        sources[dimension] = source
    matrices = {
        name: _Matrix(compensation=checked[name], detectors=detectors[name], wanted=tuple(wanted[name]))
        for name in used
    }
    return Plan(sources=sources, matrices=matrices, flags=tuple(dict.fromkeys(flags)))


class Block:
    """A run of events whose coordinates are computed when first asked for, and only those."""

    __slots__ = ("_compensated", "_coordinates", "_linear", "_plan")

    def __init__(self, plan: Plan, linear: F64) -> None:
        self._plan = plan
        self._linear = linear
        self._compensated: dict[str, F64] = {}
        self._coordinates: dict[Dimension, F64] = {}

    def coordinates(self, dimension: Dimension) -> F64:
        """Return (n_events,) contiguous display coordinates of one dimension."""
        if dimension not in self._coordinates:
            values = self._values(self._plan.sources[dimension])
            scale = dimension.transform
            self._coordinates[dimension] = values if scale is None else scale.apply(values)
        return self._coordinates[dimension]

    def _values(self, source: _Source) -> F64:
        if source.matrix is None:
            return np.ascontiguousarray(self._linear[:, source.column])
        if source.matrix not in self._compensated:
            matrix = self._plan.matrices[source.matrix]
            observed = np.empty((len(matrix.detectors), len(self._linear)))
            for row, column in zip(observed, matrix.detectors, strict=True):
                row[:] = self._linear[:, column]
            self._compensated[source.matrix] = compensate(observed, matrix.compensation, matrix.wanted)
        compensated: F64 = self._compensated[source.matrix][source.place]
        return compensated


def _source(
    dataset: FcsDataset,
    dimension: Dimension,
    given: Mapping[str, SpilloverMatrix],
    detectors: Mapping[str, Sequence[int]],
) -> tuple[_Source, int | None]:
    """Return the column and, where a matrix applies, the fluorochrome's place in it."""
    name = dimension.compensation
    if name not in (FILE_MATRIX, UNCOMPENSATED):
        # A named matrix calls its outputs by fluorochromes, which need not be channels of the file.
        fluorochromes = given[name].fluorochromes
        named = [place for place, own in enumerate(fluorochromes) if own in dimension.spellings]
        if len(named) == 1:
            return _Source(column=detectors[name][named[0]], matrix=None, place=0), named[0]
    column = column_of(dataset, dimension)
    source = _Source(column=column, matrix=None, place=0)
    if name == UNCOMPENSATED or name not in detectors:
        return source, None
    if column in detectors[name]:
        return source, list(detectors[name]).index(column)
    if name != FILE_MATRIX:
        raise RuleError(
            "the dimension is no fluorochrome or detector of its matrix",
            code="DIMENSION_NOT_IN_MATRIX",
            place=f"dimension {dimension.name}",
            expected="one of " + ", ".join(given[name].fluorochromes),
        )
    return source, None


def _detectors(dataset: FcsDataset, matrix: SpilloverMatrix, matrix_name: str) -> list[int]:
    """Return the column of every detector, by $PnN, with or without `Comp-`, or else by $PnS."""
    names = written_names(dataset)
    columns = []
    for detector in matrix.detectors:
        bare = detector.strip().removeprefix(_EXPORTED)
        by_name = [i for i, name in enumerate(names) if name.removeprefix(_EXPORTED) == bare]
        by_label = [i for i, c in enumerate(dataset.channels) if c.label and c.label == bare]
        found = by_name or by_label
        if len(found) != 1:
            raise InputError(
                "a detector of the spillover matrix must be exactly one channel of the file",
                code="SPILLOVER_CHANNEL_AMBIGUOUS" if found else "SPILLOVER_CHANNEL_UNKNOWN",
                place=f"matrix {matrix_name}",
                found=detector,
                expected="one of " + ", ".join(channel.name for channel in dataset.channels),
            )
        columns.append(found[0])
    return columns
