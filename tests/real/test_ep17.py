"""The worked example of CLSI EP17: every value as it is printed, read through the tables that hold it.

`expected` are the values in the tests of laurenmock/sherloq (MIT), which cite Appendix A and C; `reproduced`
are independent recomputations.
"""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from real_data import real

from mrdkit.flow.mrd.limits import BlankMethod, classical_limits
from mrdkit.flow.mrd.limits_record import DetectionLimits
from mrdkit.flow.mrd.limits_tables import LotRows, read_hits, read_results
from mrdkit.flow.mrd.probit_limits import probit_limits
from mrdkit.flow.mrd.validation_rules import read_validation_rules
from mrdkit.stats import DoseHits, classical_detection_limit, fit_probit, pooled_sd

RULES = read_validation_rules()
FOLDER = "flow_mrd/ep17/"
BLANKS = "ep17_appendixA_blank.csv"
LOW = "ep17_appendixA_low.csv"
PROBIT = "ep17_appendixC_probit.csv"


def values(kind: str) -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = json.loads(real(FOLDER + "expected.json").read_text())
    return content[kind]


def in_four_lots(name: str, into: Path) -> Path:
    """Write a table with the lots of the source's own test of pooling: thirty rows each."""
    with real(FOLDER + name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = into / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "lot": str(i // 30 + 1), "day": str(i)} for i, row in enumerate(rows))
    return path


def classical(
    method: BlankMethod = "rank",
    *,
    alpha: float = 0.05,
    blanks: Path | None = None,
    low: Path | None = None,
) -> DetectionLimits:
    return classical_limits(
        read_results(blanks or real(FOLDER + BLANKS)),
        read_results(low or real(FOLDER + LOW)),
        method=method,
        rules=RULES,
        alpha=alpha,
        beta=0.05,
    )


def by_probit(*, log_dose: bool = False, beta: float = 0.05) -> DetectionLimits:
    return probit_limits(read_hits(real(FOLDER + PROBIT)), log_dose=log_dose, beta=beta, rules=RULES)


def samples_by_lot() -> dict[str, list[list[float]]]:
    by_lot = read_results(real(FOLDER + LOW)).by_lot()
    return {
        lot: [[row.value for row in rows if row.sample == name] for name in "ABCDE"]
        for lot, rows in by_lot.items()
    }


def as_printed(value: float, printed: float) -> bool:
    decimals = len(str(printed).partition(".")[2])
    return round(value, decimals) == printed


def test_limit_of_blank_by_rank() -> None:
    expected, limits = values("expected"), classical()
    assert as_printed(limits.per_lot[0].lob or 0.0, expected["LoB_np_lot1"])
    assert as_printed(limits.per_lot[1].lob or 0.0, expected["LoB_np_lot2"])
    assert limits.lob == limits.per_lot[1].lob
    assert as_printed(classical(alpha=0.01).lob or 0.0, expected["LoB_np_alpha.01_max"])


def test_parametric_limit_of_blank() -> None:
    limits = classical("parametric")
    for kind in ("expected", "reproduced"):
        for lot in limits.per_lot:
            assert as_printed(lot.lob or 0.0, values(kind)[f"LoB_par_lot{lot.lot}"])


def test_four_lots_are_pooled(tmp_path: Path) -> None:
    """Also the pooled limit of detection, 13.00, which stands on the example's own limit of blank of 7.5."""
    limits = classical(blanks=in_four_lots(BLANKS, tmp_path), low=in_four_lots(LOW, tmp_path))
    assert [lot.lot for lot in limits.per_lot] == ["pooled"]
    assert limits.flags == ("LOTS_POOLED",)
    assert as_printed(limits.lob or 0.0, values("expected")["LoB_np_pooled"])
    assert as_printed(limits.lod - (limits.lob or 0.0) + 7.5, values("expected")["LoD_classical_pooled"])


def test_classical_limit_of_detection_on_the_example_s_limit_of_blank() -> None:
    printed = dict(zip("12", values("expected")["LoD_classical_LoB7.5"], strict=True))
    for lot, samples in samples_by_lot().items():
        lod = classical_detection_limit(7.5, samples, beta=0.05)
        assert as_printed(lod, printed[lot])
        assert as_printed(lod, values("reproduced")[f"LoD_lot{lot}"])


def test_a_limit_of_detection_says_what_it_rests_on() -> None:
    for lot in classical().per_lot:
        assert (lot.n_blanks, lot.n_low) == (60, 60)
        assert lot.sd_low == pooled_sd(samples_by_lot()[lot.lot])


def test_classical_limit_of_detection_at_another_beta() -> None:
    """The source's own test: 14.773 with beta 0.01."""
    lods = [classical_detection_limit(7.5, each, beta=0.01) for each in samples_by_lot().values()]
    assert as_printed(max(lods), 14.773)


def test_probit_limits_of_every_lot() -> None:
    for scale, log_dose in (("lin", False), ("log10", True)):
        for lot in by_probit(log_dose=log_dose).per_lot:
            assert as_printed(lot.lod, values("reproduced")[f"probit_{scale}_lot{lot.lot}"])


def test_the_source_prints_the_next_point_of_its_grid() -> None:
    """0.0561, 0.0767 and 0.0737 are no other fits.

    That package reports the first point of a grid at which the hit rate reaches 95 %: steps of 0.0001 of the
    dose, or of 0.001 of its decimal logarithm from ln 0.0001 on.
    """
    expected = values("expected")
    linear = [lot.lod for lot in by_probit().per_lot]
    assert [math.ceil(lod * 1e4) / 1e4 for lod in linear[:2]] == expected["LoD_probit"]
    assert math.ceil(by_probit(beta=0.01).lod * 1e4) / 1e4 == expected["LoD_probit_beta.01"]
    first = math.log(0.0001)
    steps = math.ceil((math.log10(by_probit(log_dose=True).lod) - first) / 0.001)
    assert as_printed(10.0 ** (first + 0.001 * steps), expected["LoD_probit_log10_reported"])


def test_the_exact_limit_at_another_beta_rounds_to_the_printed_one() -> None:
    assert as_printed(by_probit(beta=0.01).lod, values("expected")["LoD_probit_beta.01"])


def test_zero_dose_is_left_out_whatever_stands_there() -> None:
    """Kept, it would give 0.0499 with the first lot, and no sign of it."""
    table = read_hits(real(FOLDER + PROBIT))
    without = LotRows(file=table.file, rows=tuple(row for row in table.rows if row.hits.dose > 0.0))
    limits = probit_limits(table, log_dose=False, beta=0.05, rules=RULES)
    alone = probit_limits(without, log_dose=False, beta=0.05, rules=RULES)
    assert [lot.lod for lot in limits.per_lot] == [lot.lod for lot in alone.per_lot]
    assert limits.flags == ("ZERO_DOSE_LEFT_OUT",)
    assert alone.flags == ("BLANKS_MISSING",)
    (lot_1, *_) = table.by_lot().values()
    near_zero = [replace(row.hits, dose=row.hits.dose or 1e-12) for row in lot_1]
    kept = fit_probit(near_zero, log_dose=False).dose_at(0.95)
    assert as_printed(kept, values("reproduced")["probit_lin_incl0_lot1"])


@pytest.mark.parametrize("log_dose", [False, True])
def test_the_fit_is_that_of_another_optimiser(log_dose: bool) -> None:  # noqa: FBT001 (a case)
    for rows in read_hits(real(FOLDER + PROBIT)).by_lot().values():
        hits = [row.hits for row in rows if row.hits.dose > 0.0]
        x = np.array([math.log10(row.dose) if log_dose else row.dose for row in hits])
        intercept, slope = other_fit(x, hits)
        limit = (scipy.stats.norm.ppf(0.95) - intercept) / slope
        found = fit_probit(hits, log_dose=log_dose).dose_at(0.95)
        assert found == pytest.approx(10.0**limit if log_dose else limit, rel=1e-6)


def other_fit(x: "np.ndarray[Any, np.dtype[np.float64]]", hits: list[DoseHits]) -> tuple[float, float]:
    """Return intercept and slope of highest likelihood by the simplex method of Nelder and Mead."""
    k, n = np.array([row.hits for row in hits]), np.array([row.total for row in hits])

    def loss(parameters: Any) -> float:
        rates = scipy.stats.norm.cdf(parameters[0] + parameters[1] * (x - x.mean()) / x.std())
        return -float(scipy.stats.binom.logpmf(k, n, rates).sum())

    found = scipy.optimize.minimize(
        loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 10_000}
    ).x
    return found[0] - found[1] * x.mean() / x.std(), found[1] / x.std()
