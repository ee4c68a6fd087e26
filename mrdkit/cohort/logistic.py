"""Logistic regression by maximum likelihood: the score of a patient to be in one of two groups.

Newton steps on standardised covariates. Where covariates tell the groups apart the likelihood has no
maximum, and there is no score.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["logits"]

_STEPS = 100
_SETTLED = 1e-12


def logits(
    covariates: NDArray[np.float64], treated: NDArray[np.bool_], *, separated_at: float
) -> NDArray[np.float64] | None:
    """Return the fitted log odds of each row, None where the likelihood has no single maximum.

    Args:
        covariates: (n_patients, n_terms), no constant column.
        treated: (n_patients,).
        separated_at: log odds beyond it are on their way to infinity.
    """
    spread = covariates.std(axis=0)
    design = np.column_stack([np.ones(len(covariates)), (covariates - covariates.mean(axis=0)) / spread])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        odds = design @ weights
        if np.abs(odds).max() > separated_at:
            return None
        chance = 1.0 / (1.0 + np.exp(-odds))
        information = design.T @ (design * (chance * (1.0 - chance))[:, None])
        step = np.linalg.solve(information, design.T @ (treated - chance))
        weights = weights + step
        if np.abs(step).max() < _SETTLED:
            return np.asarray(design @ weights)
    return None
