"""FISH cut-offs as tables: published numbers of each method, controls, and the lot of the probe."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson
from tables import rows
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.fish import Control, Cutoff, CutoffTable, read_cutoffs, read_fish_rule, set_cutoff
from mrdkit.stats import binomial_quantile, poisson_quantile

if TYPE_CHECKING:
    from mrdkit.fish.controls import Method

RULE = read_fish_rule()

#: `scipy.stats.beta.ppf(.95, y + 1, n - y)` in percent, to four digits.
BETAINV = """
    n   | y=0    | 1      | 2      | 3      | 4      | 5       | 8       | 10      | 20
    ----+--------+--------+--------+--------+--------+---------+---------+---------+--------
    100 | 2.9513 | 4.6560 | 6.1619 | 7.5711 | 8.9196 | 10.2253 | 13.9717 | 16.3718 | 27.7200
    200 | 1.4867 | 2.3498 | 3.1143 | 3.8310 | 4.5180 | 5.1843  | 7.1014  | 8.3335  | 14.1989
    500 | 0.5974 | 0.9452 | 1.2538 | 1.5434 | 1.8213 | 2.0910  | 2.8684  | 3.3688  | 5.7596
"""


@pytest.mark.parametrize("row", rows(BETAINV))
def test_betainv(row: list[str]) -> None:
    n, *expected = row
    found = [
        set_cutoff([Control(false=y, nuclei=int(n))], RULE, method="betainv", alpha=0.05).cutoff_percent
        for y in (0, 1, 2, 3, 4, 5, 8, 10, 20)
    ]
    assert [f"{value:.4f}" for value in found] == expected


#: Highest count that chance explains among 200 nuclei; one more is positive.
POOLED = """
    false positives | control nuclei | method   | alpha | highest negative | smallest positive
    ----------------+----------------+----------+-------+------------------+------------------
    1               | 1000           | binomial | 0.05  | 1                | 2
    5               | 1000           | binomial | 0.05  | 3                | 4
    10              | 1000           | binomial | 0.05  | 5                | 6
    30              | 1000           | binomial | 0.05  | 10               | 11
    1               | 1000           | binomial | 0.01  | 2                | 3
    5               | 1000           | binomial | 0.01  | 4                | 5
    10              | 1000           | binomial | 0.01  | 6                | 7
    30              | 1000           | binomial | 0.01  | 12               | 13
    1               | 1000           | poisson  | 0.05  | 1                | 2
    5               | 1000           | poisson  | 0.05  | 3                | 4
    10              | 1000           | poisson  | 0.05  | 5                | 6
    30              | 1000           | poisson  | 0.05  | 10               | 11
    0               | 1000           | binomial | 0.05  | 0                | 1
    0               | 1000           | poisson  | 0.05  | 0                | 1
"""


@pytest.mark.parametrize("row", rows(POOLED))
def test_pooled(tmp_path: Path, row: list[str]) -> None:
    false, nuclei, method, alpha, highest, least = row
    (tmp_path / "c.toml").write_text(
        f'[[cutoff]]\nprobe = "BA"\nclass = "split"\nmethod = "{method}"\nalpha = {alpha}\n'
        f"false_positives = {false}\ncontrol_nuclei = {nuclei}\nn = 200\n"
    )
    found = read_cutoffs(tmp_path / "c.toml").of_probe("BA")["split"]
    assert found.percent == pytest.approx(int(highest) / 2)
    assert found.min_positive(200) == int(least)


@given(st.integers(1, 400), st.integers(0, 400), st.sampled_from([0.9, 0.95, 0.99]))
def test_quantiles_equal_scipy(n: int, false: int, confidence: float) -> None:
    rate = min(false, n) / n
    assert binomial_quantile(n, rate, confidence=confidence) == int(binom.ppf(confidence, n, rate))
    assert poisson_quantile(rate * n, confidence=confidence) == int(poisson.ppf(confidence, rate * n))


@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(1, 2000))
def test_a_count_equal_to_a_counted_cutoff_is_never_positive(n: int, highest: int, case: int) -> None:
    cutoff = Cutoff(percent=100.0 * highest / n, n=n, basis="a test", highest_negative=highest)
    least = cutoff.min_positive(case)
    assert (least - 1) * n <= highest * case < least * n


#: The 20 controls of 200 nuclei of the worked example: mean + 3 SD lies below the worst control.
WORKED = (0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 3, 0, 0, 1, 0, 0)


def test_mean_and_three_sd_would_call_the_worst_control_positive() -> None:
    series = [Control(false=y, nuclei=200) for y in WORKED]
    found = set_cutoff(series, RULE, method="betainv", alpha=0.05)
    assert found.mean_percent == pytest.approx(0.225)
    assert found.sd_percent == pytest.approx(0.412789, abs=1e-6)
    assert found.mean_percent + 3 * (found.sd_percent or 0) == pytest.approx(1.463367, abs=1e-6)
    assert found.worst_percent == 1.5
    assert found.cutoff_percent == pytest.approx(3.830971, abs=1e-6)
    assert (found.max_false, found.n, found.controls, found.flags) == (3, 200, 20, ())


SERIES = """
    controls (false/nuclei)       | method   | n, y    | flags                                       | why
    ------------------------------+----------+---------+---------------------------------------------+------------------------
    0/200 1/200 0/200 0/200 0/200 | betainv  | 200, 1  |                                             | the worst control
    0/200 1/200                   | betainv  | 200, 1  | FEW_CONTROLS                                | fewer than five
    2/500 1/100 0/200 0/200 0/200 | betainv  | 100, 1  | CONTROL_N_DIFFERS                           | 1/100 has the higher limit
    0/200 0/200 0/200 0/200 9/200 | binomial | 200, 9  | CONTROL_ABOVE_CUTOFF                        | pooling hides one bad control
"""


@pytest.mark.parametrize(("series", "method", "worst", "flags", "why"), rows(SERIES))
def test_series(series: str, method: str, worst: str, flags: str, why: str) -> None:
    controls = [
        Control(false=int(y), nuclei=int(n)) for y, _, n in (one.partition("/") for one in series.split())
    ]
    chosen: Method = "betainv" if method == "betainv" else "binomial"
    found = set_cutoff(controls, RULE, method=chosen, alpha=0.05)
    assert f"{found.n}, {found.max_false}" == worst, why
    assert " ".join(found.flags) == flags, why


def test_controls_that_leave_nothing_positive_give_no_cutoff() -> None:
    with pytest.raises(InputError, match="nothing that could be positive"):
        set_cutoff([Control(false=5, nuclei=5)], RULE, method="betainv", alpha=0.05)
    with pytest.raises(InputError, match="nothing that could be positive"):
        set_cutoff([Control(false=19, nuclei=20)], RULE, method="binomial", alpha=0.05)


LOTS = """
    registered lots | lot of the probe | taken | why
    ----------------+------------------+-------+------------------------------------------
    -               | 7                | -     | one that names no lot is for every lot
    6 7             | 7                | 7     | the lot in use
    - 7             | 7                | 7     | the lot in use before the general one
    - 6             | 7                | -     | the general one before another lot
    6               | 7                | 6     | the only one there is; the call is flagged
    5 6             | 7                |       | which of two others cannot be known
    6               | -                | 6     | the probe names no lot
"""


@pytest.mark.parametrize(("registered", "lot", "taken", "why"), rows(LOTS))
def test_cutoff_of_the_lot(registered: str, lot: str, taken: str, why: str) -> None:
    lots = [None if name == "-" else name for name in registered.split()]
    cutoffs = tuple(Cutoff(percent=1.0, n=200, basis="a test", lot=name) for name in lots)
    found = CutoffTable(cutoffs={("BA", "split"): cutoffs}, sha256="").of_probe(
        "BA", None if lot == "-" else lot
    )
    assert [cutoff.lot or "-" for cutoff in found.values()] == taken.split(), why


PROBES = '[probe.BA]\ngene = "CRLF2"\nkind = "break_apart"\nred = "3prime"\ngreen = "5prime"\nsource = "IFU"\nlot = "L7"\n'
HEADER = "specimen_id,subject_id,visit,collected_on,probe_id,reader,pattern,count\n"


def counted_controls(tmp_path: Path, *patterns: str) -> list[str]:
    lines = [
        f"C{number},,,,BA,A,{part.split(':')[0]},{part.split(':')[1]}\n"
        for number, control in enumerate(patterns)
        for part in control.split()
    ]
    (tmp_path / "controls.csv").write_text(HEADER + "".join(lines))
    (tmp_path / "probes.toml").write_text(PROBES)
    return ["--controls", str(tmp_path / "controls.csv"), "--probes", str(tmp_path / "probes.toml")]


def test_counted_controls_become_a_file_of_cutoffs(tmp_path: Path) -> None:
    options = counted_controls(
        tmp_path, "2F:199 1F1R1G:1", "2F:195 1F1R:5", "2F:200", "2F:197 3F:3", "2F:192 1F:8"
    )
    made = tmp_path / "cutoffs.toml"
    about = ["--laboratory", 'Lab "7"', "--date", "2024-03-31", "-o", str(made)]
    found = CliRunner().invoke(app, ["fish", "cutoff", *options, *about, "--json"])
    document = json.loads(found.stdout)
    assert [(one["class"], one["max_false"]) for one in document["cutoffs"]] == [
        ("split", 1), ("del5", 5), ("del3", 0), ("gain", 3), ("loss", 8),
    ]  # fmt: skip
    read = read_cutoffs(made).of_probe("BA", "L7")
    assert {name: f"{cutoff.percent:.4f}" for name, cutoff in read.items()} == {
        "split": "2.3498",
        "del5": "5.1843",
        "del3": "1.4867",
        "gain": "3.8310",
        "loss": "7.1014",
    }
    assert 'laboratory = "Lab \\"7\\""' in made.read_text()
    assert "date = 2024-03-31" in made.read_text()


@pytest.mark.parametrize(
    ("controls", "message"),
    [(("2F:200", "1F1B:3"), "known signal"), (("2F:200", "0F:200"), "no scored nucleus")],
)
def test_a_control_that_cannot_be_used_gives_no_cutoff(
    tmp_path: Path, controls: tuple[str, ...], message: str
) -> None:
    found = CliRunner().invoke(app, ["fish", "cutoff", *counted_controls(tmp_path, *controls)])
    assert isinstance(found.exception, InputError)
    assert message in str(found.exception)


@pytest.mark.parametrize(
    "options",
    [
        "--n 200",
        "--max-false 1",
        "--n 200 --max-false 1 --false 0,1",
        "--n 200 --false 0,x",
        "--n 200 --false -1",
        "--n 200 --max-false 1 --method binomial",
        "--n 200 --max-false 1 -o x.toml",
        "--controls x.csv",
    ],
)
def test_unclear_controls_are_a_usage_error(options: str) -> None:
    found = CliRunner().invoke(app, ["fish", "cutoff", *options.split()])
    assert isinstance(found.exception, UsageError)
