"""The leukemic phenotype of one patient, from the diagnosis tube: what normal marrow does not explain in it.

The lineage gate of a diagnosis tube holds blasts and a few normal cells. Expectation-maximisation with the
normal mixture held fixed tells them apart without any gate, so that no one has to draw the blasts by hand.
Between diagnosis and follow-up a phenotype drifts; `widened` allows for it.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.mrd.detection_rules import DetectionRules, DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.mixture_fit import fit_mixture
from mrdkit.flow.mrd.normal import drawn, log_sum
from mrdkit.flow.mrd.operating import Operating, called_above, expected_at, log_odds, sampled

__all__ = ["Phenotype", "drift_variances", "fit_phenotype"]

F64 = NDArray[np.float64]

_LEAST_TYPICAL = 0.05  # of the normal cells themselves: below it a cell starts as leukemic
_START_SHARE = 0.2  # of the cells, the least normal ones, start as leukemic where few are below it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phenotype:
    """Where a patient's leukemic cells stood at diagnosis.

    Attributes:
        blasts: their mixture, in aligned decades.
        share: of the cells in the diagnosis tube's lineage gate.
        drift: (n_features,) variances of the shift since diagnosis.
        reach: largest squared distance, in standard deviations of drift, that a cluster may have moved: a
            part of the way to the nearest normal population.
    """

    blasts: NormalMixture = field(repr=False)
    share: float
    drift: F64
    reach: float

    @property
    def widened(self) -> NormalMixture:
        """The mixture of cells whose shift is not known."""
        return self.blasts.widened(self.drift)


def drift_variances(rules: DetectionRules) -> F64:
    """Return (n_features,) variances of a feature's shift between diagnosis and follow-up."""
    return np.array([rules.drift.get(name, rules.drift_decades) ** 2 for name in rules.features])


def fit_phenotype(
    events: F64, normal: NormalMixture, rules: DetectionRules, settings: DetectorSettings
) -> Phenotype:
    """Fit a patient's phenotype.

    Args:
        events: (n, n_features) aligned events of the diagnosis tube's lineage gate.
        normal: the normal reference.
        rules: of the panel.
        settings: of the models.

    Raises:
        InputError: the tube holds too few cells that normal marrow does not explain, or they look normal.
    """
    sample = drawn(events, settings.diagnosis_events, settings.seed)
    _require_blasts(len(sample), 1.0, settings)
    typical = normal.log_density(sample)
    blasts = _start(sample, typical, normal, settings)
    share = 1.0 - _LEAST_TYPICAL
    for _ in range(settings.fit_iterations):
        parts = blasts.component_log_densities(sample) + np.log(share)
        both = np.column_stack([parts, typical + np.log1p(-share)])
        shares = np.exp(both - log_sum(both)[:, None])[:, :-1]
        share = float(np.clip(shares.sum() / len(sample), 1e-6, 1.0 - 1e-6))
        if shares.sum(axis=0).min() < settings.adaptation_events_at_least:
            break
        blasts = _mixture_of(sample, shares, settings.variance_at_least)
    odds = log_odds(blasts.log_density(sample), typical, share)
    called = int(np.count_nonzero(odds > called_above(settings)))
    _require_blasts(called, called / len(sample), settings)
    _require_unlike_normal(expected_at(normal, blasts, share, len(sample), settings), called, settings)
    drift = drift_variances(rules)
    return Phenotype(
        blasts=blasts.rounded(settings.significant_digits),
        share=share,
        drift=drift,
        reach=_reach(blasts, normal, drift, settings),
    )


def _reach(blasts: NormalMixture, normal: NormalMixture, drift: F64, settings: DetectorSettings) -> float:
    away = normal.means[:-1] - blasts.weights @ blasts.means
    nearest = float((away**2 / drift).sum(axis=1).min(initial=np.inf))
    return min(settings.shift_distance_at_most, settings.shift_part_of_way_at_most * nearest)


def _start(sample: F64, typical: F64, normal: NormalMixture, settings: DetectorSettings) -> NormalMixture:
    cells = sampled(normal, settings.diagnosis_events, settings.seed)
    level = np.quantile(normal.log_density(cells), _LEAST_TYPICAL)
    level = max(level, np.quantile(typical, _START_SHARE))
    return fit_mixture(
        sample[typical <= level],
        settings.diagnosis_components,
        variance_floor=settings.variance_at_least,
        seed=settings.seed,
    )


def _mixture_of(events: F64, shares: F64, variance_floor: float) -> NormalMixture:
    counts = shares.sum(axis=0)
    means = (shares.T @ events) / counts[:, None]
    covariances = []
    for k, mean in enumerate(means):
        apart = events - mean
        covariance = (apart * shares[:, k, None]).T @ apart / counts[k]
        covariances.append(0.5 * (covariance + covariance.T) + variance_floor * np.eye(len(mean)))
    return NormalMixture(weights=counts / counts.sum(), means=means, covariances=np.array(covariances))


def _require_blasts(n: int, share: float, settings: DetectorSettings) -> None:
    if n < settings.diagnosis_blasts_at_least or share < settings.diagnosis_blast_share_at_least:
        raise InputError(
            "the diagnosis tube holds too few cells that normal marrow does not explain",
            code="DIAGNOSIS_BLASTS_NOT_FOUND",
            expected=f"at least {settings.diagnosis_blasts_at_least} events, "
            f"{100.0 * settings.diagnosis_blast_share_at_least:g} % of the lineage gate",
            found=f"{n} events, {100.0 * share:.1f} %",
            remedy="give a tube from diagnosis or overt relapse, measured with the same panel",
        )


def _require_unlike_normal(expected: Operating, called: int, settings: DetectorSettings) -> None:
    """Refuse a phenotype that a marrow without leukemia has as well: it fits any normal cells."""
    alike = expected.normal_called / max(called, 1)
    if alike > settings.diagnosis_normal_share_at_most:
        raise InputError(
            "the cells taken for blasts in the diagnosis tube are like normal ones",
            code="DIAGNOSIS_BLASTS_NOT_FOUND",
            expected=f"at most {settings.diagnosis_normal_share_at_most:g} such cells in as much "
            "normal marrow, for each one found",
            found=f"{alike:.2f}",
            remedy="give a tube from diagnosis or overt relapse, measured with the same panel",
        )
