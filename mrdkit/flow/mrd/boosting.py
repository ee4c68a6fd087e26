"""Boosted trees: the log odds of one class against another, checked once, written and read exactly.

The sum over the trees is the kernel's (`ext/boosting.pyx`); what is decided here is which numbers are trees.
Nodes of all trees stand in one row, a parent before its children, so that no event can go round in circles.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import boosting as kernel
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.mrd.stored import ModelKind, Number, Place, kept
from mrdkit.results import Json

__all__ = ["BoostedTrees"]

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

_TREES = ModelKind(name="boosted trees", code="TREES_INVALID")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoostedTrees:
    """Binary trees over events of `n_dimensions`; the arrays are copies and read-only.

    An event with feature <= threshold goes to the first child, else to the second.

    Attributes:
        n_dimensions: number of coordinates of an event.
        baseline: log odds before any tree.
        features: (n_nodes,) coordinate that the node asks for.
        thresholds: (n_nodes,) in the units of that coordinate.
        children: (n_nodes, 2) numbers of the nodes below; a leaf is twice its own.
        values: (n_nodes,) log odds that a leaf adds; of other nodes not used.
        roots: (n_trees,) first node of each tree, rising from 0.

    Raises:
        InputError: the numbers are no such trees.
    """

    n_dimensions: int
    baseline: float
    features: I32
    thresholds: F64
    children: I32 = field(repr=False)
    values: F64 = field(repr=False)
    roots: I32 = field(repr=False)

    def __post_init__(self) -> None:
        """Check the trees; the kernel trusts them."""
        for name in ("thresholds", "values"):
            object.__setattr__(self, name, kept(getattr(self, name), np.float64))
        for name in ("features", "children", "roots"):
            object.__setattr__(self, name, kept(getattr(self, name), np.int32))
        _check_shapes(self)
        _check_numbers(self)
        _check_trees(self.children, self.roots)

    def log_odds(self, events: F64) -> F64:
        """Return the log odds of the positive class, classes taken as equally frequent.

        Args:
            events: (n_events, n_dimensions).

        Returns:
            (n_events,) float64; NaN where a coordinate is not finite.

        Raises:
            ValueError: the events have not the trees' dimensions.
        """
        if events.ndim != 2 or events.shape[1] != self.n_dimensions:  # noqa: PLR2004  # a table
            raise ValueError(f"events must be (n_events, {self.n_dimensions}), not {events.shape}")
        rows = np.ascontiguousarray(events, dtype=np.float64)
        out = np.full(len(rows), self.baseline)
        kernel.add_leaves(rows, self.features, self.thresholds, self.children, self.values, self.roots, out)
        out[~np.isfinite(rows).all(axis=1)] = np.nan
        return out

    def to_json(self) -> dict[str, Json]:
        """Return plain numbers and lists; what `from_json` reads back has the same bits."""
        arrays = ("features", "thresholds", "children", "values", "roots")
        return {
            "n_dimensions": self.n_dimensions,
            "baseline": self.baseline,
            **{name: getattr(self, name).tolist() for name in arrays},
        }

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read what `to_json` returned.

        Raises:
            InputError: it is no such document, or its numbers are no trees.
        """
        stored = _TREES.validated(document, _Stored)
        return cls(
            n_dimensions=stored.n_dimensions,
            baseline=stored.baseline,
            features=np.array(stored.features, dtype=np.int32),
            thresholds=np.array(stored.thresholds),
            children=np.array(stored.children, dtype=np.int32),
            values=np.array(stored.values),
            roots=np.array(stored.roots, dtype=np.int32),
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Stored:
    n_dimensions: Place
    baseline: Number
    features: list[Place]
    thresholds: list[Number]
    children: list[tuple[Place, Place]]
    values: list[Number]
    roots: list[Place]


def _check_shapes(trees: BoostedTrees) -> None:
    n_nodes = trees.values.size
    shapes = dict.fromkeys(("features", "thresholds", "values"), (n_nodes,)) | {"children": (n_nodes, 2)}
    for name, shape in shapes.items():
        found = getattr(trees, name).shape
        if found != shape:
            raise _TREES.refused(name, expected=f"shape {shape}", found=f"{found}")
    roots = trees.roots
    if (
        roots.ndim != 1
        or not roots.size
        or roots[0] != 0
        or not (np.diff(roots) > 0).all()
        or roots[-1] >= n_nodes
    ):
        raise _TREES.refused(
            "roots", expected="numbers of nodes that rise from 0", found=f"{roots.tolist()[:9]} ..."
        )


def _check_numbers(trees: BoostedTrees) -> None:
    for name in ("baseline", "thresholds", "values"):
        if not np.isfinite(getattr(trees, name)).all():
            raise _TREES.refused(name, expected="finite numbers", found="a number that is not finite")
    if not ((trees.features >= 0) & (trees.features < trees.n_dimensions)).all():
        raise _TREES.refused(
            "features",
            expected=f"0 to {trees.n_dimensions - 1}",
            found=f"{trees.features.min()} to {trees.features.max()}",
        )


def _check_trees(children: I32, roots: I32) -> None:
    """Each node but a root is the child of one node, which stands before it, in the same tree."""
    nodes = np.arange(len(children))
    leaf = (children == nodes[:, None]).all(axis=1)
    below = children[~leaf]
    if not (below > nodes[~leaf, None]).all():
        raise _TREES.refused("children", expected="children behind their parent, or a leaf", found="others")
    if not np.array_equal(np.sort(below, axis=None), np.delete(nodes, roots)):
        raise _TREES.refused(
            "children", expected="one parent for each node but the roots", found="none or several"
        )
    tree = np.searchsorted(roots, nodes, side="right")
    if not (tree[below] == tree[~leaf, None]).all():
        raise _TREES.refused(
            "children", expected="children in the tree of their parent", found="another tree"
        )
