"""Limits of blank and detection, probit lines and straight lines: what holds for all numbers."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from mrdkit.errors import InputError
from mrdkit.stats import (
    DoseHits,
    ProbitFit,
    classical_detection_limit,
    fit_line,
    fit_probit,
    parametric_blank_limit,
    pooled_sd,
    rank_blank_limit,
)

RESULTS = st.floats(-1e6, 1e6, allow_subnormal=False)
BLANKS = st.lists(RESULTS, min_size=10, max_size=80)
SCALES = st.floats(1e-6, 1e6)
COUNTS = st.tuples(st.integers(1, 200), st.floats(0.0, 1.0)).map(lambda n: (round(n[0] * n[1]), n[0]))
SERIES = st.lists(COUNTS, min_size=2, max_size=8)


def fit_or_code(hits: list[DoseHits], *, log_dose: bool) -> ProbitFit | str:
    try:
        return fit_probit(hits, log_dose=log_dose)
    except InputError as error:
        return error.code


def hits_of(series: list[tuple[int, int]], *, factor: float = 1.0) -> list[DoseHits]:
    return [DoseHits(dose=factor * 2.0**i, hits=k, total=n) for i, (k, n) in enumerate(series)]


@given(BLANKS, SCALES, RESULTS)
def test_a_limit_of_blank_moves_with_its_blanks(blanks: list[float], scale: float, shift: float) -> None:
    moved = [scale * value + shift for value in blanks]
    size = max(map(abs, [*moved, shift, 1.0]))
    limit = rank_blank_limit(blanks, alpha=0.05)
    assert rank_blank_limit(moved, alpha=0.05) == pytest.approx(scale * limit + shift, abs=1e-9 * size)
    assume(np.std(blanks) > 1e-3 * max(map(abs, blanks)) and scale > 1e-2)
    parametric = parametric_blank_limit(blanks, 1, alpha=0.05)
    assert parametric_blank_limit(moved, 1, alpha=0.05) == pytest.approx(
        scale * parametric + shift, abs=1e-7 * size
    )


@given(BLANKS, st.floats(0.06, 0.49))
def test_a_limit_of_blank_by_rank_falls_as_alpha_grows_and_keeps_it(
    blanks: list[float], alpha: float
) -> None:
    limit = rank_blank_limit(blanks, alpha=alpha)
    assert limit <= rank_blank_limit(blanks, alpha=0.05)
    assert min(blanks) <= limit <= max(blanks)
    above = sum(value > limit + 1e-9 * abs(limit) for value in blanks)
    assert above <= alpha * len(blanks) + 0.5


@given(BLANKS, st.floats(0.0, 1e6))
def test_one_higher_blank_never_lowers_the_limit(blanks: list[float], rise: float) -> None:
    higher = [blanks[0] + rise, *blanks[1:]]
    assert rank_blank_limit(higher, alpha=0.05) >= rank_blank_limit(blanks, alpha=0.05) - 1e-9


@given(BLANKS)
def test_the_rank_is_a_quantile_of_numpy(blanks: list[float]) -> None:
    expected = np.quantile(blanks, 0.95, method="hazen")  # rank 0.5 + q n
    assert rank_blank_limit(blanks, alpha=0.05) == pytest.approx(float(expected), rel=1e-9, abs=1e-6)


def test_a_standard_deviation_within_samples_is_the_mean_of_their_variances() -> None:
    samples = [[1.0, 3.0], [10.0, 16.0]]
    assert pooled_sd(samples) ** 2 == pytest.approx((2.0 + 18.0) / 2.0)
    assert pooled_sd([*samples, [99.0]]) == pooled_sd(samples)
    assert pooled_sd([[1.0, 3.0], [0.0, 0.0, 0.0]]) ** 2 == pytest.approx(2.0 / 3.0)


@given(st.floats(-10.0, 10.0), st.floats(0.01, 0.49), st.floats(0.01, 0.49))
def test_a_limit_of_detection_lies_above_that_of_blank(lob: float, beta: float, other: float) -> None:
    samples = [[1.0, 2.0, 4.0], [7.0, 9.0, 8.0]]
    low, high = sorted([beta, other])
    lods = [classical_detection_limit(lob, samples, beta=each) for each in (low, high)]
    assert lods[0] >= lods[1] > lob


@pytest.mark.parametrize(
    ("code", "blanks", "n_samples"),
    [("REPLICATES_MISSING", [1.0, 2.0], 2), ("RESULTS_WITHOUT_SPREAD", [3.0, 3.0, 3.0], 1)],
)
def test_blanks_without_a_standard_deviation_have_no_parametric_limit(
    code: str, blanks: list[float], n_samples: int
) -> None:
    with pytest.raises(InputError) as caught:
        parametric_blank_limit(blanks, n_samples, alpha=0.05)
    assert caught.value.code == code


def test_an_error_probability_of_one_half_is_refused() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        rank_blank_limit([1.0] * 20, alpha=0.5)
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        classical_detection_limit(1.0, [[1.0, 2.0]], beta=0.0)


@given(SERIES, st.booleans())
def test_a_probit_is_the_most_likely_line_or_a_named_error(
    series: list[tuple[int, int]],
    log_dose: bool,  # noqa: FBT001 (a drawn value)
) -> None:
    hits = hits_of(series)
    fit = fit_or_code(hits, log_dose=log_dose)
    if isinstance(fit, str):
        assert fit.startswith("PROBIT_")
        assert fit != "PROBIT_NOT_CONVERGED"
        return
    x = [math.log10(row.dose) if log_dose else row.dose for row in hits]

    def likelihood(intercept: float, slope: float) -> float:
        z = [intercept + slope * (each - fit.centre) / fit.unit for each in x]
        return sum(
            float(
                row.hits * scipy.stats.norm.logcdf(each)
                + (row.total - row.hits) * scipy.stats.norm.logsf(each)
            )
            for row, each in zip(hits, z, strict=True)
        )

    best = likelihood(fit.intercept, fit.slope)
    for step in (1e-3, -1e-3):
        assert likelihood(fit.intercept + step, fit.slope) <= best + 1e-9
        assert likelihood(fit.intercept, fit.slope + step) <= best + 1e-9


@given(SERIES, st.floats(1e-9, 1e9), st.booleans())
def test_a_probit_limit_is_in_the_unit_of_the_dose(
    series: list[tuple[int, int]],
    factor: float,
    log_dose: bool,  # noqa: FBT001 (a drawn value)
) -> None:
    try:
        fit = fit_probit(hits_of(series), log_dose=log_dose)
        limit = fit.dose_at(0.95)
    except InputError:
        return
    other = fit_probit(hits_of(series, factor=factor), log_dose=log_dose)
    assert fit.rate_at(limit) == pytest.approx(0.95)
    assume(limit < 1e30)
    assert other.dose_at(0.95) == pytest.approx(factor * limit, rel=1e-4)
    interval = fit.interval_at(0.95)
    assert interval is None or interval.low <= limit * (1 + 1e-9)
    assert interval is None or interval.high >= limit * (1 - 1e-9)


@given(SERIES)
def test_blanks_never_change_a_probit(series: list[tuple[int, int]]) -> None:
    blanks = [DoseHits(dose=0.0, hits=3, total=50)]
    try:
        fit = fit_probit(hits_of(series), log_dose=False)
    except InputError as error:
        with pytest.raises(InputError, match=error.what):
            fit_probit([*blanks, *hits_of(series)], log_dose=False)
    else:
        assert fit_probit([*blanks, *hits_of(series)], log_dose=False) == fit


def test_an_interval_covers_the_limit_as_often_as_it_says() -> None:
    """Fieller's interval over 400 experiments of 6 doses of 40 replicates; the true limit is known."""
    random = np.random.default_rng(7)
    doses = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    rates = scipy.stats.norm.cdf(-1.0 + 2.5 * np.log10(doses))
    truth = 10.0 ** ((1.0 + scipy.stats.norm.ppf(0.95)) / 2.5)
    covered = 0
    for _ in range(400):
        counts = random.binomial(40, rates)
        hits = [DoseHits(dose=d, hits=int(k), total=40) for d, k in zip(doses, counts, strict=True)]
        interval = fit_probit(hits, log_dose=True).interval_at(0.95)
        covered += interval is None or interval.low <= truth <= interval.high
    assert 0.92 <= covered / 400 <= 0.98


def test_one_dose_written_twice_is_one_dose() -> None:
    same = [DoseHits(dose=d, hits=k, total=9) for d, k in ((1.0, 3), (math.nextafter(1.0, 2.0), 4))]
    for log_dose in (False, True):
        with pytest.raises(InputError) as caught:
            fit_probit(same, log_dose=log_dose)
        assert caught.value.code == "PROBIT_DOSES_TOO_FEW"


@pytest.mark.parametrize("total", [10**6, 10**12, 10**17])
def test_counts_of_any_size_have_the_same_limit(total: int) -> None:
    few, many = (
        fit_probit(
            [
                DoseHits(dose=2.0**i, hits=share * n // 100, total=n)
                for i, share in enumerate((10, 40, 80, 97))
            ],
            log_dose=True,
        )
        for n in (100, total)
    )
    assert many.dose_at(0.95) == pytest.approx(few.dose_at(0.95), rel=1e-9)


def test_an_ill_conditioned_fit_is_an_error_not_a_number() -> None:
    """Three doses of which two are one on a linear scale, with counts beyond what arithmetic resolves."""
    hits = [(2e-305, 3 * 10**16), (1e-9, 10**17 - 1), (8e5, 10**17)]
    with pytest.raises(InputError) as caught:
        fit_probit([DoseHits(dose=d, hits=k, total=10**17) for d, k in hits], log_dose=False)
    assert caught.value.code == "PROBIT_NOT_CONVERGED"


def test_a_limit_lost_in_rounding_beside_huge_doses_is_none() -> None:
    hits = [DoseHits(dose=d, hits=k, total=100) for d, k in ((1.0, 95), (1e20, 99))]
    assert fit_probit(hits, log_dose=True).dose_at(0.95) == pytest.approx(1.0)
    with pytest.raises(InputError) as caught:
        fit_probit(hits, log_dose=False).dose_at(0.95)
    assert caught.value.code == "PROBIT_LIMIT_IMPOSSIBLE"


def test_a_line_without_a_limit_above_zero_gives_none() -> None:
    hits = [DoseHits(dose=d, hits=k, total=100) for d, k in ((1.0, 98), (2.0, 99), (3.0, 99))]
    with pytest.raises(InputError) as caught:
        fit_probit(hits, log_dose=False).dose_at(0.95)
    assert caught.value.code == "PROBIT_LIMIT_IMPOSSIBLE"


@pytest.mark.parametrize(
    ("dose", "hits", "total"), [(-1.0, 0, 1), (1.0, 2, 1), (1.0, 0, 0), (math.nan, 0, 1)]
)
def test_impossible_hits_are_refused(dose: float, hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="impossible"):
        DoseHits(dose=dose, hits=hits, total=total)


@given(st.lists(st.tuples(st.floats(-8.0, 0.0), st.floats(-8.0, 0.0)), min_size=3, max_size=9))
def test_a_line_is_that_of_scipy(points: list[tuple[float, float]]) -> None:
    x, y = zip(*points, strict=True)
    assume(np.std(x) > 1e-3)
    line, expected = fit_line(x, y), scipy.stats.linregress(x, y)
    assert line.slope == pytest.approx(expected.slope, abs=1e-6)
    assert line.intercept == pytest.approx(expected.intercept, abs=1e-5)
    if np.std(y) > 1e-3:
        assert line.r_squared == pytest.approx(expected.rvalue**2, abs=1e-6)
        half = scipy.stats.t.ppf(0.975, len(x) - 2) * expected.stderr
        assert line.slope_interval.high - line.slope == pytest.approx(half, abs=1e-4, rel=1e-4)


def test_two_points_make_no_line() -> None:
    with pytest.raises(ValueError, match="3 points"):
        fit_line([1.0, 2.0], [1.0, 2.0])
    assert fit_line([1.0, 2.0, 3.0], [5.0, 5.0, 5.0]).r_squared is None
