"""Boosted trees against one event going down one tree after the other."""

from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracles import tree_leaf

from mrdkit._ext import boosting as kernel
from mrdkit.flow.mrd.boosting import BoostedTrees

Array: TypeAlias = NDArray[np.float64] | NDArray[np.int32]


def grown(seed: int, *, n_trees: int, most_inner: int, n_dimensions: int) -> BoostedTrees:
    """Return random trees; their thresholds are whole numbers, so that events can lie on them."""
    rng = np.random.default_rng(seed)
    children: list[list[int]] = []
    roots = []
    for _ in range(n_trees):
        roots.append(len(children))
        children.append([len(children)] * 2)
        for _ in range(rng.integers(0, most_inner + 1)):
            leaves = [node for node in range(roots[-1], len(children)) if children[node][0] == node]
            parent = leaves[rng.integers(len(leaves))]
            children[parent] = [len(children), len(children) + 1]
            children += [[len(children)] * 2, [len(children) + 1] * 2]
    n_nodes = len(children)
    return BoostedTrees(
        n_dimensions=n_dimensions,
        baseline=float(rng.normal()),
        features=rng.integers(0, n_dimensions, n_nodes, dtype=np.int32),
        thresholds=rng.integers(-3, 4, n_nodes).astype(np.float64),
        children=np.array(children, dtype=np.int32),
        values=rng.normal(size=n_nodes),
        roots=np.array(roots, dtype=np.int32),
    )


def summed(trees: BoostedTrees, event: list[float]) -> float:
    total = trees.baseline
    table = (trees.features.tolist(), trees.thresholds.tolist(), trees.children.tolist())
    for root in trees.roots.tolist():
        total += float(trees.values[tree_leaf(event, *table, root)])
    return total


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 20), st.integers(1, 5), st.integers(0, 150))
def test_kernel_equals_its_twin(
    seed: int, n_trees: int, most_inner: int, n_dimensions: int, n_events: int
) -> None:
    trees = grown(seed, n_trees=n_trees, most_inner=most_inner, n_dimensions=n_dimensions)
    events = np.random.default_rng(seed).integers(-4, 5, (n_events, n_dimensions)).astype(np.float64)
    assert trees.log_odds(events).tolist() == [summed(trees, event) for event in events.tolist()]


def test_an_event_on_a_threshold_goes_to_the_first_child() -> None:
    stump = BoostedTrees(
        n_dimensions=1,
        baseline=0.5,
        features=np.zeros(3, dtype=np.int32),
        thresholds=np.array([2.0, 0.0, 0.0]),
        children=np.array([[1, 2], [1, 1], [2, 2]], dtype=np.int32),
        values=np.array([0.0, -1.0, 1.0]),
        roots=np.zeros(1, dtype=np.int32),
    )
    events = np.array([[2.0], [np.nextafter(2.0, 3.0)], [-1e308], [1e308], [np.nan], [np.inf], [-np.inf]])
    found = stump.log_odds(events)
    assert found[:4].tolist() == [-0.5, 1.5, -0.5, 1.5]
    assert np.isnan(found[4:]).all()


def test_the_kernel_refuses_arrays_that_do_not_belong_together() -> None:
    right: dict[str, Array] = {
        "events": np.zeros((3, 2)),
        "features": np.zeros(1, dtype=np.int32),
        "thresholds": np.zeros(1),
        "children": np.zeros((1, 2), dtype=np.int32),
        "values": np.ones(1),
        "roots": np.zeros(1, dtype=np.int32),
        "out": np.zeros(3),
    }
    kernel.add_leaves(**right)  # type: ignore[arg-type]  # the names decide the types
    assert right["out"].tolist() == [1.0, 1.0, 1.0]
    wrong: dict[str, Array] = {
        "features": np.zeros(2, dtype=np.int32),
        "thresholds": np.zeros(2),
        "children": np.zeros((1, 3), dtype=np.int32),
        "values": np.ones(2),
        "out": np.zeros(2),
    }
    for name, array in wrong.items():
        with pytest.raises(ValueError, match=r"node|out"):
            kernel.add_leaves(**{**right, name: array})  # type: ignore[arg-type]  # as above
