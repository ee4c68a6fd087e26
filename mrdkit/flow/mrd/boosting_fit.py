"""Fit boosted trees that tell two classes of events apart.

scikit-learn's HistGradientBoostingClassifier does it, both classes with the same total weight, without early
stopping and on one thread, so that the same arguments give the same trees. Its fitted trees are private: they
are read here only, and what was read must answer as the library does.
"""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from threadpoolctl import threadpool_limits

from mrdkit.errors import InputError, MrdkitError
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.mrd.boosting import BoostedTrees

__all__ = ["BoostingSettings", "fit_boosting"]

F64 = NDArray[np.float64]

_SAME_WITHIN = 1e-9  # log odds of the trees that were read and of the library


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BoostingSettings:
    """How trees are grown.

    Attributes:
        learning_rate: share of each tree's correction that is taken.
        l2: added to the weight of a leaf's events, which shrinks small leaves.
        leaf_at_least_events: events in a leaf.
        iterations: number of trees.
        leaves_at_most: leaves of a tree.
    """

    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)]
    l2: Annotated[float, Field(ge=0.0)]
    leaf_at_least_events: Annotated[int, Field(ge=1)]
    iterations: Annotated[int, Field(ge=1, le=1000)]
    leaves_at_most: Annotated[int, Field(ge=2, le=256)]


def fit_boosting(positive: F64, negative: F64, settings: BoostingSettings, *, seed: int) -> BoostedTrees:
    """Fit trees whose log odds are high for events like `positive`.

    Args:
        positive: (n_positive, n_dimensions), all finite.
        negative: (n_negative, n_dimensions), all finite.
        settings: how the trees are grown.
        seed: of the events that choose the places of thresholds, where there are more than 200,000.

    Raises:
        InputError: fewer events of a class than a leaf must have, or one that is not finite.
        MrdkitError: the installed scikit-learn keeps its trees in a form that is not known.
    """
    for name, events in (("positive", positive), ("negative", negative)):
        _check(name, events, settings.leaf_at_least_events)
    events = np.concatenate([positive, negative])
    classes = np.repeat([1, 0], [len(positive), len(negative)])
    with threadpool_limits(1):
        model = _model(settings, seed).fit(events, classes)
        expected = model.decision_function(events)
    try:
        trees = _read(model, events.shape[1])
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, InputError) as error:
        raise _unknown_layout(f"{type(error).__name__}: {error}") from error
    apart = float(np.abs(trees.log_odds(events) - expected).max())
    if not apart <= _SAME_WITHIN:
        raise _unknown_layout(f"log odds that differ by {apart:.3g}")
    return trees


def _check(name: str, events: F64, needed: int) -> None:
    if len(events) < needed:
        raise InputError(
            "too few events to fit trees",
            code="BOOSTING_TOO_FEW_EVENTS",
            place=f"{name} events",
            expected=f"at least {needed}",
            found=f"{len(events)}",
            remedy="use more events or smaller leaves",
        )
    if not np.isfinite(events).all():
        raise InputError(
            "an event to fit trees to is not finite",
            code="BOOSTING_EVENT_NOT_FINITE",
            place=f"{name} events",
            found=f"{np.count_nonzero(~np.isfinite(events).all(axis=1))} such events",
            remedy="leave them out",
        )


def _model(settings: BoostingSettings, seed: int) -> Any:  # noqa: ANN401  # scikit-learn has no types
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=settings.learning_rate,
        l2_regularization=settings.l2,
        min_samples_leaf=settings.leaf_at_least_events,
        max_iter=settings.iterations,
        max_leaf_nodes=settings.leaves_at_most,
        class_weight="balanced",
        early_stopping=False,
        random_state=seed,
    )


def _read(model: Any, n_dimensions: int) -> BoostedTrees:  # noqa: ANN401  # scikit-learn has no types
    tables = [tree.nodes for (tree,) in model._predictors]  # noqa: SLF001  # the one place; see above
    ends = np.cumsum([len(table) for table in tables])
    roots = np.concatenate([[0], ends[:-1]])
    nodes = np.concatenate(tables)
    leaf = nodes["is_leaf"].astype(bool)
    children = np.stack([nodes["left"], nodes["right"]], axis=1).astype(np.int64)
    children += np.repeat(roots, np.diff(ends, prepend=0))[:, None]
    return BoostedTrees(
        n_dimensions=n_dimensions,
        baseline=float(model._baseline_prediction.item()),  # noqa: SLF001  # as above
        features=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
        thresholds=np.where(leaf, 0.0, nodes["num_threshold"]),
        children=np.where(leaf[:, None], np.arange(len(nodes))[:, None], children).astype(np.int32),
        values=np.where(leaf, nodes["value"], 0.0),
        roots=roots.astype(np.int32),
    )


def _unknown_layout(found: str) -> MrdkitError:
    from sklearn import __version__

    return MrdkitError(
        "the fitted trees of the installed scikit-learn cannot be read",
        code="BOOSTING_LAYOUT_UNKNOWN",
        place=f"scikit-learn {__version__}",
        expected="trees that answer as the library does",
        found=found,
        remedy="install a scikit-learn version that mrdkit was tested with",
    )
