"""A strategy for one file: every marker named by the channel that carries it there.

What a matrix makes is called by its fluorochromes, which are no channels of a file; those names stay.
"""

from collections.abc import Mapping
from dataclasses import replace

from mrdkit.flow.columns import column_of, written_names
from mrdkit.flow.compensation import SpilloverMatrix
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.strategy import Axis, BooleanGate, Dimension, Gate, GatingStrategy, RatioDimension

__all__ = ["with_channels"]


def with_channels(strategy: GatingStrategy, dataset: FcsDataset) -> GatingStrategy:
    """Return the strategy with every dimension named by the channel that it means in one data set.

    Raises:
        InputError: no channel or more than one answers to a dimension.
    """
    names = written_names(dataset)

    def column(dimension: Dimension) -> Dimension:
        if _is_fluorochrome(dimension, strategy.matrices):
            return dimension
        own = names[column_of(dataset, dimension)]
        return replace(dimension, name=own, by="channel", spellings=(own,))

    def axis(used: Axis) -> Axis:
        if isinstance(used, RatioDimension):
            return replace(used, numerator=column(used.numerator), denominator=column(used.denominator))
        return column(used)

    gates: list[Gate] = [
        gate if isinstance(gate, BooleanGate) else replace(gate, dimensions=tuple(map(axis, gate.dimensions)))
        for gate in strategy.gates
    ]
    return replace(strategy, gates=tuple(gates))


def _is_fluorochrome(dimension: Dimension, matrices: Mapping[str, SpilloverMatrix]) -> bool:
    """Tell whether a dimension is named as its matrix calls what it makes, which is no channel of a file."""
    matrix = matrices.get(dimension.compensation)
    return (
        matrix is not None
        and len(dimension.spellings) == 1
        and dimension.spellings[0] in matrix.fluorochromes
    )
