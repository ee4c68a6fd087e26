"""What are boosted trees, how they are written, and that they answer as the library that grew them."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from mrdkit.errors import InputError, MrdkitError
from mrdkit.flow.mrd.boosting import BoostedTrees
from mrdkit.flow.mrd.boosting_fit import BoostingSettings, fit_boosting

F64 = NDArray[np.float64]

SETTINGS = BoostingSettings(
    learning_rate=0.05, l2=10.0, leaf_at_least_events=50, iterations=30, leaves_at_most=31
)

#: Two trees: one of three leaves, one that is a leaf.
WRITTEN: dict[str, Any] = {
    "n_dimensions": 2,
    "baseline": 0.25,
    "features": [1, 0, 0, 0, 0, 0],
    "thresholds": [0.5, 0.0, -1.0, 0.0, 0.0, 0.0],
    "children": [[1, 2], [1, 1], [3, 4], [3, 3], [4, 4], [5, 5]],
    "values": [0.0, -1.0, 0.0, 2.0, 3.0, 0.125],
    "roots": [0, 5],
}


def clouds(n_positive: int, n_negative: int, seed: int = 0) -> tuple[F64, F64]:
    rng = np.random.default_rng(seed)
    return rng.normal(1.0, 1.0, (n_positive, 4)), rng.normal(0.0, 1.5, (n_negative, 4))


def test_the_trees_of_a_document() -> None:
    trees = BoostedTrees.from_json(WRITTEN)
    events = np.array([[0.0, 0.5], [-1.0, 0.6], [-0.9, 0.6]])
    assert trees.log_odds(events).tolist() == [-0.625, 2.375, 3.375]
    assert trees.to_json() == WRITTEN


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"n_dimensions": 1}, "features"),
        ({"n_dimensions": 0}, "features"),
        ({"n_dimensions": True}, "n_dimensions"),
        ({"baseline": "0.25"}, "baseline"),
        ({"baseline": float("nan")}, "baseline"),
        ({"features": [2, 0, 0, 0, 0, 0]}, "features"),
        ({"features": [-1, 0, 0, 0, 0, 0]}, "features.0"),
        ({"features": [1, 0, 0]}, "features"),
        ({"features": [2**31, 0, 0, 0, 0, 0]}, "features.0"),
        ({"thresholds": [float("inf"), 0.0, -1.0, 0.0, 0.0, 0.0]}, "thresholds.0"),
        ({"thresholds": []}, "thresholds"),
        ({"values": [0.0, -1.0]}, "features"),
        ({"roots": []}, "roots"),
        ({"roots": [1, 5]}, "roots"),
        ({"roots": [0, 6]}, "roots"),
        ({"roots": [0, 0]}, "roots"),
        ({"roots": [0]}, "children"),
        ({"roots": [0, 4]}, "children"),
        ({"children": [[1, 2], [1, 1], [3, 4], [3, 3], [4, 4], [6, 6]]}, "children"),
        ({"children": [[1, 2], [1, 1], [0, 4], [3, 3], [4, 4], [5, 5]]}, "children"),
        ({"children": [[1, 2], [1, 1], [2, 4], [3, 3], [4, 4], [5, 5]]}, "children"),
        ({"children": [[1, 2], [1, 1], [4, 4], [3, 3], [4, 4], [5, 5]]}, "children"),
        ({"children": [[1, 2], [1, 1], [3, 5], [3, 3], [4, 4], [5, 5]]}, "children"),
        ({"children": [[1, 2, 3]] * 6}, "children.0"),
        ({"children": [[1]] * 6}, "children.0.1"),
    ],
)
def test_hostile_documents_are_refused(changed: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as refused:
        BoostedTrees.from_json({**WRITTEN, **changed})
    assert (refused.value.code, refused.value.place) == ("TREES_INVALID", place)


def test_a_child_in_another_tree_is_refused() -> None:
    """The root of the second tree, node 3, stands between the first tree and a leaf of it, node 4."""
    with pytest.raises(InputError, match="tree of their parent"):
        BoostedTrees.from_json(
            {
                **WRITTEN,
                "features": [0] * 5,
                "thresholds": [0.0] * 5,
                "values": [0.0] * 5,
                "children": [[1, 4], [1, 1], [2, 2], [3, 3], [4, 4]],
                "roots": [0, 2, 3],
            }
        )


@pytest.mark.parametrize("feature", [2.0**31, 2**32, 0.5])
def test_a_number_that_is_none_of_a_node_is_refused(feature: float) -> None:
    trees = BoostedTrees.from_json(WRITTEN)
    with pytest.raises(ValueError, match="not the same as int32"):
        replace(trees, features=np.full(6, feature))


@pytest.mark.parametrize("document", [None, [], {}, {**WRITTEN, "extra": 1}])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(InputError, match="no boosted trees"):
        BoostedTrees.from_json(document)


def test_events_of_other_dimensions_are_refused() -> None:
    trees = BoostedTrees.from_json(WRITTEN)
    for events in (np.zeros((3, 3)), np.zeros(2)):
        with pytest.raises(ValueError, match="events must be"):
            trees.log_odds(events)


@pytest.mark.parametrize(("n_positive", "n_negative"), [(900, 900), (120, 4000)])
def test_trees_answer_as_the_library_and_are_the_same_every_time(n_positive: int, n_negative: int) -> None:
    positive, negative = clouds(n_positive, n_negative)
    trees = fit_boosting(positive, negative, SETTINGS, seed=5)
    again = fit_boosting(positive, negative, SETTINGS, seed=5)
    assert trees.to_json() == again.to_json()
    assert len(trees.roots) == SETTINGS.iterations
    library = HistGradientBoostingClassifier(
        learning_rate=0.05,
        l2_regularization=10.0,
        min_samples_leaf=50,
        max_iter=30,
        max_leaf_nodes=31,
        class_weight="balanced",
        early_stopping=False,
    ).fit(np.concatenate([positive, negative]), np.repeat([1, 0], [n_positive, n_negative]))
    fresh = np.concatenate(clouds(500, 500, seed=1))
    assert trees.log_odds(fresh) == pytest.approx(library.decision_function(fresh), abs=1e-9)
    assert np.median(trees.log_odds(fresh[:500])) > np.median(trees.log_odds(fresh[500:]))


def test_fitted_trees_survive_a_file() -> None:
    trees = fit_boosting(*clouds(300, 300), SETTINGS, seed=0)
    back = BoostedTrees.from_json(json.loads(json.dumps(trees.to_json())))
    events = np.concatenate(clouds(50, 50, seed=2))
    assert np.array_equal(back.log_odds(events), trees.log_odds(events))


def test_classes_weigh_the_same_whatever_their_size() -> None:
    """One leaf each: without a split the log odds stay those of equally frequent classes."""
    settings = replace(SETTINGS, leaf_at_least_events=100)
    trees = fit_boosting(np.zeros((100, 1)), np.zeros((5000, 1)), settings, seed=0)
    assert trees.log_odds(np.zeros((1, 1)))[0] == pytest.approx(0.0, abs=1e-9)


def test_events_that_cannot_be_fitted_are_refused() -> None:
    positive, negative = clouds(60, 60)
    with pytest.raises(InputError, match="positive events: too few"):
        fit_boosting(positive[:49], negative, SETTINGS, seed=0)
    with pytest.raises(InputError, match="negative events: too few"):
        fit_boosting(positive, negative[:49], SETTINGS, seed=0)
    negative[3, 1] = np.nan
    with pytest.raises(InputError, match="not finite"):
        fit_boosting(positive, negative, SETTINGS, seed=0)


class ShiftedLibrary(HistGradientBoostingClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """A library whose trees are not all that it answers by."""

    def decision_function(self, events: F64) -> F64:
        return np.asarray(super().decision_function(events) + 1e-6)


class RenamedLibrary(HistGradientBoostingClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """A library that keeps its trees elsewhere once they are grown."""

    def decision_function(self, events: F64) -> F64:
        answers = np.asarray(super().decision_function(events))
        del self._predictors
        return answers


@pytest.mark.parametrize(
    ("library", "found"), [(ShiftedLibrary, "differ by 1e-06"), (RenamedLibrary, "AttributeError")]
)
def test_a_library_of_unknown_layout_is_refused(
    monkeypatch: pytest.MonkeyPatch, library: type[HistGradientBoostingClassifier], found: str
) -> None:
    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingClassifier", library)
    with pytest.raises(MrdkitError, match=found) as refused:
        fit_boosting(*clouds(100, 100), SETTINGS, seed=0)
    assert refused.value.code == "BOOSTING_LAYOUT_UNKNOWN"


def test_scoring_does_not_import_scikit_learn() -> None:
    code = "import sys, mrdkit.flow.mrd.boosting_fit as m; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
