"""The models of flow MRD beside scikit-learn and SciPy: time per event of a density and of boosted trees.

Run: python benchmarks/flow_mrd.py [EVENTS]. CPU time on one thread, best of three. Figures of one machine
compare only with each other.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from mrdkit.flow.mrd.boosting_fit import BoostingSettings, fit_boosting
from mrdkit.flow.mrd.mixture import NormalMixture

F64 = NDArray[np.float64]

COMPONENTS, DIMENSIONS = 12, 14
TREES = BoostingSettings(
    learning_rate=0.05, l2=10.0, leaf_at_least_events=50, iterations=100, leaves_at_most=31
)


def microseconds(action: Callable[[], object], n_events: int) -> float:
    """Return the shortest CPU time of three runs, per event."""
    times = []
    for _ in range(3):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return 1e6 * min(times) / n_events


def densities(events: F64) -> dict[str, Callable[[], F64]]:
    """Return the log density of one mixture, three ways."""
    rng = np.random.default_rng(1)
    roots = rng.normal(size=(COMPONENTS, DIMENSIONS, 2 * DIMENSIONS))
    mixture = NormalMixture(
        weights=np.full(COMPONENTS, 1.0 / COMPONENTS),
        means=rng.normal(0.0, 2.0, (COMPONENTS, DIMENSIONS)),
        covariances=np.einsum("kab,kcb->kac", roots, roots) / (2 * DIMENSIONS),
    )
    peer = GaussianMixture(COMPONENTS)
    peer.weights_, peer.means_ = mixture.weights, mixture.means
    peer.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(mixture.covariances))
    normals = [multivariate_normal(*pair) for pair in zip(mixture.means, mixture.covariances, strict=True)]
    return {
        "mrdkit": lambda: mixture.log_density(events),
        "scikit-learn": lambda: peer.score_samples(events),
        "SciPy": lambda: logsumexp([one.logpdf(events) for one in normals], axis=0) - np.log(COMPONENTS),
    }


def odds(events: F64) -> dict[str, Callable[[], F64]]:
    """Return the log odds of the same trees, two ways."""
    rng = np.random.default_rng(2)
    positive, negative = rng.normal(0.5, 1.0, (4000, DIMENSIONS)), rng.normal(0.0, 1.2, (4000, DIMENSIONS))
    trees = fit_boosting(positive, negative, TREES, seed=0)
    peer = HistGradientBoostingClassifier(
        learning_rate=0.05, l2_regularization=10.0, min_samples_leaf=50, early_stopping=False
    ).fit(np.concatenate([positive, negative]), np.repeat([1, 0], 4000))
    return {
        "mrdkit": lambda: trees.log_odds(events),
        "scikit-learn": lambda: peer.decision_function(events),
    }


def main() -> None:
    """Print microseconds per event, and how many times longer each peer takes."""
    n_events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    events = np.random.default_rng(0).normal(0.0, 2.0, (n_events, DIMENSIONS))
    title = f"{COMPONENTS} components, {DIMENSIONS} dimensions"
    with threadpool_limits(1):
        for name, ways in ((title, densities(events)), ("100 trees, 31 leaves", odds(events))):
            answers = [way() for way in ways.values()]
            assert all(np.allclose(answers[0], answer, rtol=1e-9, atol=1e-9) for answer in answers)
            times = {way: microseconds(action, n_events) for way, action in ways.items()}
            for way, value in times.items():
                print(f"{name:28} {way:14} {value:7.3f} us/event {value / times['mrdkit']:6.1f}x")


if __name__ == "__main__":
    main()
