"""Where the coordinates of a strategy come from in one data set: columns, matrices, scales, and every doubt.

"FCS" means the file's own matrix, or one of that name that the strategy brings in its place. As in Gating-ML
2.0 it changes nothing where the file has none, or for a channel outside it; both are flagged, since a
fluorescence gate on such values is no compensated gate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.columns import column_of, written_names
from mrdkit.flow.compensation import Compensation, SpilloverMatrix, compensation_of, from_file
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Axis, Dimension, GatingStrategy, columns_of

__all__ = ["Matrix", "Plan", "Source", "plan_of"]

_EXPORTED = "Comp-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column of the file, or a fluorochrome (its place) of a matrix.

    Attributes:
        column: column of the file, from 0; of no meaning where a matrix is named.
        matrix: name of the matrix, None where the column is used as it is.
        place: place of the fluorochrome in the matrix.
    """

    column: int
    matrix: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A checked matrix and the columns (from 0) of its detectors, in its order."""

    compensation: Compensation
    detectors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Columns resolved against one data set.

    Attributes:
        sources: where the values of each column of each axis come from.
        matrices: the checked matrices in use, by name.
        flags: stable codes of what is doubtful about the compensation.
    """

    sources: Mapping[Dimension, Source] = field(repr=False)
    matrices: Mapping[str, Matrix] = field(repr=False)
    flags: tuple[str, ...]

    @property
    def columns(self) -> tuple[int, ...]:
        """Return every column of the file that a value depends on, in the file's order."""
        plain = {source.column for source in self.sources.values()}
        return tuple(sorted(plain.union(*(matrix.detectors for matrix in self.matrices.values()))))


def plan_of(dataset: FcsDataset, strategy: GatingStrategy, axes: Sequence[Axis]) -> Plan:
    """Resolve axes and check the matrices that they use.

    Raises:
        InputError: a column is missing or ambiguous, or a matrix does not fit the file or is refused.
        RuleError: a dimension is no fluorochrome of the named matrix it asks for.
    """
    given = dict(strategy.matrices)
    if dataset.spillover is not None and FILE_MATRIX not in given:
        given[FILE_MATRIX] = from_file(dataset.spillover)
    dimensions = tuple(dict.fromkeys(column for axis in axes for column in columns_of(axis)))
    used = [name for name in given if any(dimension.compensation == name for dimension in dimensions)]
    matrices = {
        name: Matrix(
            compensation=compensation_of(given[name], strategy.limits),
            detectors=tuple(_detectors(dataset, given[name], name)),
        )
        for name in used
    }
    flags = [flag for matrix in matrices.values() for flag in matrix.compensation.flags]
    sources = {dimension: _source(dataset, dimension, matrices) for dimension in dimensions}
    for dimension, source in sources.items():
        if source.matrix is None and dimension.compensation == FILE_MATRIX and dimension.by == "marker":
            flags.append("CHANNEL_NOT_COMPENSATED" if FILE_MATRIX in given else "NO_SPILLOVER")
    return Plan(sources=sources, matrices=matrices, flags=tuple(dict.fromkeys(flags)))


def _source(dataset: FcsDataset, dimension: Dimension, matrices: Mapping[str, Matrix]) -> Source:
    name = dimension.compensation
    if name not in (FILE_MATRIX, UNCOMPENSATED):
        # A named matrix calls its outputs by fluorochromes, which need not be channels of the file.
        fluorochromes = matrices[name].compensation.matrix.fluorochromes
        named = [place for place, own in enumerate(fluorochromes) if own in dimension.spellings]
        if len(named) == 1:
            return Source(column=matrices[name].detectors[named[0]], matrix=name, place=named[0])
    column = column_of(dataset, dimension)
    if name == UNCOMPENSATED or name not in matrices:
        return Source(column=column)
    if column in matrices[name].detectors:
        return Source(column=column, matrix=name, place=matrices[name].detectors.index(column))
    if name != FILE_MATRIX:
        raise RuleError(
            "the dimension is no fluorochrome or detector of its matrix",
            code="DIMENSION_NOT_IN_MATRIX",
            place=f"dimension {dimension.name}",
            expected="one of " + ", ".join(matrices[name].compensation.matrix.fluorochromes),
        )
    return Source(column=column)


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
