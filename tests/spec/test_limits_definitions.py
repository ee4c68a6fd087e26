"""Limits of blank, detection and quantitation as tables that a laboratory can read and correct."""

import pytest
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow.mrd.panel import read_panel
from mrdkit.flow.mrd.validation import validate_panel
from mrdkit.flow.mrd.validation_rules import read_validation_rules
from mrdkit.flow.mrd.validation_table import DilutionTube
from mrdkit.stats import DoseHits, fit_probit, rank_blank_limit

PANEL = read_panel("b_all_fixed")
RULES = read_validation_rules()

LIMIT_OF_BLANK_BY_RANK = """
    blanks                             | alpha | limit | why
    -----------------------------------+-------+-------+----------------------------------------------------
    1 2 3 4 5 6 7 8 9 10               | 0.05  | 10    | rank 10 of 10: the largest, the fewest blanks allowed
    1 2 3 4 5 6 7 8 9                  | 0.05  | -     | BLANKS_TOO_FEW: rank 9.05 of 9
    10 9 8 7 6 5 4 3 2 1               | 0.05  | 10    | the order does not matter
    1 2 3 4 5 6 7 8 9 10               | 0.1   | 9.5   | rank 9.5: half way between the two largest
    0 0 0 0 0 0 0 0 0 0 0 0            | 0.05  | 0     | blanks without any event
    0 0 0 0 0 0 0 0 0 0 0 12           | 0.05  | 10.8  | rank 11.9 of 12
    -3 -2 -1 0 1 2 3 4 5 6             | 0.05  | 6     | negative results are results
"""

LIMIT_BY_PROBIT = """
    detected of 20 at doses 1, 2, 4, 8 | outcome              | why
    -----------------------------------+----------------------+-------------------------------------------------
    2 8 15 20                          | 6.57                 | 95 % on the logarithm of the dose
    0 0 0 0                            | PROBIT_NONE_DETECTED | the limit lies above every dose
    20 20 20 20                        | PROBIT_ALL_DETECTED  | the limit lies below every dose
    0 0 20 20                          | PROBIT_SEPARATED     | it lies between 2 and 4, and nothing says where
    0 10 20 20                         | PROBIT_SEPARATED     | one dose between never and always gives no slope
    20 15 8 2                          | PROBIT_NOT_RISING    | the table is upside down
    10 10 10 10                        | PROBIT_NOT_RISING    | the dose does not matter
    2 18 5 20                          | PROBIT_NOT_RISING    | 5 of 20 after 18 of 20 is no chance
    5 4 15 20                          | 8.29                 | 4 of 20 after 5 of 20 is; the line reaches 95 % above 8
"""

LIMIT_OF_QUANTITATION = """
    1e-5    | 1e-4     | 1e-3     | LoQ  | why
    --------+----------+----------+------+----------------------------------------------------------------
    1 1 1   | 1 1 1    | 1 1 1    | 1e-5 | fractions as multiples of the level
    1 2 3   | 1 1 1    | 1 1 1    | 1e-4 | CV 50 %
    1 1 1   | 1 2 3    | 1 1 1    | 1e-3 | a level above must keep the limits, too
    1 1 1   | 1 1 1    | 1 2 3    | -    | the highest does not
    7 10 13 | 0.7 1 1.3 | 1 1 1   | 1e-4 | CV 30 % exactly is enough; the lowest is biased
    1 1 1   | 1.31 1.31 1.31 | 1 1 1 | 1e-3 | bias 31 %
    1 1 1   | 0.7 0.7 0.7 | 1 1 1 | 1e-5 | bias -30 %, the boundary
    1 1     | 1 1 1    | 1 1 1    | 1e-4 | two tubes give no CV to trust
    1 1 x   | 1 1 1    | 1 1 1    | 1e-4 | a tube that was not evaluable is none
    1 1 n   | 1 1 1    | 1 1 1    | 1e-4 | one of three missed: 67 % detected
"""


def numbers(text: str) -> list[float]:
    return [float(cell) for cell in text.split()]


@pytest.mark.parametrize(("blanks", "alpha", "limit", "why"), rows(LIMIT_OF_BLANK_BY_RANK))
def test_limit_of_blank(blanks: str, alpha: str, limit: str, why: str) -> None:
    if limit == "-":
        with pytest.raises(InputError) as caught:
            rank_blank_limit(numbers(blanks), alpha=float(alpha))
        assert why.startswith(caught.value.code)
    else:
        assert rank_blank_limit(numbers(blanks), alpha=float(alpha)) == pytest.approx(float(limit)), why


@pytest.mark.parametrize(("detected", "outcome", "why"), rows(LIMIT_BY_PROBIT))
def test_limit_by_probit(detected: str, outcome: str, why: str) -> None:
    doses = [1.0, 2.0, 4.0, 8.0]
    hits = [
        DoseHits(dose=dose, hits=int(n), total=20) for dose, n in zip(doses, detected.split(), strict=True)
    ]
    if outcome.startswith("PROBIT_"):
        with pytest.raises(InputError) as caught:
            fit_probit(hits, log_dose=True)
        assert caught.value.code == outcome, why
        assert caught.value.remedy
    else:
        assert f"{fit_probit(hits, log_dose=True).dose_at(0.95):.2f}" == outcome, why


def tubes_of(level: float, cells: str) -> list[DilutionTube]:
    made = []
    for cell in cells.split():
        if cell == "x":
            made.append(DilutionTube(level=level, fraction=None, state="not_evaluable"))
        elif cell == "n":
            made.append(DilutionTube(level=level, fraction=level, state="negative"))
        else:
            made.append(DilutionTube(level=level, fraction=level * float(cell), state="positive"))
    return made


@pytest.mark.parametrize(("low", "middle", "high", "loq", "why"), rows(LIMIT_OF_QUANTITATION))
def test_limit_of_quantitation(low: str, middle: str, high: str, loq: str, why: str) -> None:
    tubes = [*tubes_of(1e-5, low), *tubes_of(1e-4, middle), *tubes_of(1e-3, high)]
    found = validate_panel(tubes, PANEL, RULES)
    assert found.loq == (None if loq == "-" else float(loq)), why
    assert ("LOQ_NOT_REACHED" in found.flags) == (loq == "-")
