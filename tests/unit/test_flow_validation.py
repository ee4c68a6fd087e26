"""`mrdkit flow validate`: the figures of a dilution series, damaged tables, and the page that shows them."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_pages import HOSTILE, Balanced
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.flow.mrd.panel import read_panel
from mrdkit.flow.mrd.validation import Validation, validate_panel
from mrdkit.flow.mrd.validation_rules import read_validation_rules
from mrdkit.flow.mrd.validation_table import DilutionTube
from mrdkit.report import render_validation
from mrdkit.results import as_json
from mrdkit.stats import clopper_pearson

HEADER = "level,replicate,fraction,detected,state\n"
PANEL = read_panel("b_all_fixed")
RULES = read_validation_rules()


def series(seed: int = 3) -> str:
    """Return 60 blanks, one of them detected, and 20 tubes at each of six levels of a plain assay."""
    random = np.random.default_rng(seed)
    lines = [f"0,{i},{'4e-6,true,detected_below' if i == 0 else '0,false,negative'}" for i in range(60)]
    for level in (2e-6, 5e-6, 1e-5, 3e-5, 1e-4, 1e-3):
        for i in range(20):
            fraction = random.poisson(level * 1e6) / 1e6
            state = "negative" if fraction < 5e-6 else "detected_below" if fraction < 1e-4 else "positive"
            lines.append(f"{level:g},{i},{fraction:g},{str(state != 'negative').lower()},{state}")
    return HEADER + "\n".join(lines) + "\n"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(
        app, ["flow", "validate", *(str(argument) for argument in arguments), "--panel", "b_all_fixed"]
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "results.csv"
    path.write_text(series(), encoding="utf-8")
    return path


def test_the_document_of_a_series(table: Path) -> None:
    result = run(table, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert set(found) == {field.name for field in fields(Validation)}
    assert found["panel"] == "b_all_fixed"
    assert [level["level"] for level in found["levels"]] == [2e-6, 5e-6, 1e-5, 3e-5, 1e-4, 1e-3]
    assert found["lod95_ci_low"] < found["lod95"] < found["lod95_ci_high"]
    assert 6e-6 < found["lod95"] < 1.3e-5  # Poisson: 95 % of the tubes hold 5 events or more at 9.2e-6
    assert found["loq"] == 1e-5  # CV 27 %, while 38 % at the level below
    assert found["linearity"]["ci_low"] < found["linearity"]["slope"] < found["linearity"]["ci_high"]
    assert found["linearity"]["slope"] == pytest.approx(1.0, abs=0.05)
    assert found["n_blanks"] == 60
    detection, positive = found["specificity"]["detection"], found["specificity"]["1e-4"]
    assert (detection["n_false"], positive["n_false"]) == (1, 0)
    interval = clopper_pearson(59, 60)
    assert (detection["ci_low"], detection["ci_high"]) == (100 * interval.low, 100 * interval.high)
    assert found["flags"] == ["BLANKS_DETECTED"]


def test_the_same_table_gives_the_same_bytes(table: Path, tmp_path: Path) -> None:
    for suffix in (".html", ".json"):
        pages = []
        for name in "ab":
            out = tmp_path / f"{name}{suffix}"
            assert run(table, "-o", out).exit_code == 0
            pages.append(out.read_bytes())
        assert pages[0] == pages[1]
        assert b"b_all_fixed" in pages[0]
    assert json.loads((tmp_path / "a.json").read_text()) == json.loads(run(table, "--json").stdout)


def test_a_report_of_another_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    error = run(tmp_path / "missing.csv", "-o", tmp_path / "report.pdf").exception
    assert isinstance(error, UsageError)
    assert error.code == "SUFFIX_UNKNOWN"


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ("", "TABLE_WITHOUT_ROWS", None),
        ("1e-4,1,2e-4,yes,positive\n", "DETECTED_CONTRADICTS", "row 2, column detected"),
        ("1e-4,1,2e-4,false,positive\n", "DETECTED_CONTRADICTS", "row 2, column detected"),
        ("1e-4,1,2e-4,true,insufficient\n", "DETECTED_CONTRADICTS", "row 2, column detected"),
        ("1e-4,1,2e-4,,positive\n", "CELL_EMPTY", "row 2, column detected"),
        ("1e-4,1,,true,positive\n", "CELL_EMPTY", "row 2, column fraction"),
        ("1e-4,1,2e-4,,not_evaluable\n", "NOT_EVALUABLE_WITH_VALUE", "row 2, column fraction"),
        ("1e-4,1,,false,not_evaluable\n", "NOT_EVALUABLE_WITH_VALUE", "row 2, column detected"),
        ("1e-4,1,2e-4,true,seen\n", "STATE_UNKNOWN", "row 2, column state"),
        ("1e-4,1,-2e-4,true,positive\n", "NUMBER_INVALID", "row 2, column fraction"),
        ("1e-4,1,1.5,true,positive\n", "NUMBER_INVALID", "row 2, column fraction"),
        ("0.01 %,1,1e-4,true,positive\n", "NUMBER_INVALID", "row 2, column level"),
        ("1e-200,1,1e-4,true,positive\n", "LEVEL_TOO_SMALL", "row 2, column level"),
        (
            "1e-4,1,1e-4,true,positive\n0.0001,1,1e-4,true,positive\n",
            "ROW_REPEATED",
            "row 3, column replicate",
        ),
    ],
)
def test_a_damaged_table_is_named(tmp_path: Path, rows: str, code: str, place: str | None) -> None:
    path = tmp_path / "results.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    error = run(path).exception
    assert isinstance(error, InputError)
    assert (error.exit_code, error.code, error.file, error.place) == (3, code, str(path), place)


@pytest.mark.parametrize(
    ("tubes", "flags"),
    [
        ("P P P", {"PROBIT_ALL_DETECTED", "LINEARITY_NOT_KNOWN", "BLANKS_MISSING"}),
        ("n n n", {"PROBIT_NONE_DETECTED", "LOQ_NOT_REACHED"}),
        ("x x x", {"TUBES_NOT_EVALUABLE", "FEW_REPLICATES", "PROBIT_DOSES_TOO_FEW", "LOQ_NOT_REACHED"}),
    ],
)
def test_what_is_not_known_is_flagged_and_null(tubes: str, flags: set[str]) -> None:
    made = {
        "P": DilutionTube(level=1e-4, fraction=1e-4, state="positive"),
        "n": DilutionTube(level=1e-4, fraction=0.0, state="negative"),
        "x": DilutionTube(level=1e-4, fraction=None, state="not_evaluable"),
    }
    at_two_levels = [replace(made[tube], level=level) for level in (1e-4, 1e-3) for tube in tubes.split()]
    found = validate_panel(at_two_levels, PANEL, RULES)
    assert flags <= set(found.flags)
    assert found.lod95 is None
    assert found.linearity is None
    assert found.specificity["detection"].percent is None
    assert Balanced(render_validation(found)).text


def test_figures_of_a_level_by_hand() -> None:
    """Fractions 3, 2 and 1 times the level, the last one missed, and a tube that counts nowhere else."""
    tubes = [
        DilutionTube(level=1e-4, fraction=3e-4, state="positive"),
        DilutionTube(level=1e-4, fraction=2e-4, state="detected_below"),
        DilutionTube(level=1e-4, fraction=1e-4, state="negative"),
        DilutionTube(level=1e-4, fraction=None, state="not_evaluable"),
    ]
    found = validate_panel(tubes, PANEL, RULES)
    (level,) = found.levels
    assert (level.n, level.n_detected, level.n_not_evaluable) == (3, 2, 1)
    figures = [level.mean, level.sd, level.cv_percent, level.bias_percent, level.detected_percent]
    assert figures == pytest.approx([2e-4, 1e-4, 50.0, 100.0, 200.0 / 3.0])
    assert (found.panel, found.panel_version) == (PANEL.rule.id, PANEL.rule.version)
    assert found.lod95_ci_low is found.lod95_ci_high is None


def test_a_series_that_is_not_proportional_says_so() -> None:
    tubes = [
        DilutionTube(level=level, fraction=level**0.5, state="positive")
        for level in (1e-4, 1e-3, 1e-2)
        for _ in range(3)
    ]
    zero = [DilutionTube(level=1e-5, fraction=0.0, state="negative")] * 3
    found = validate_panel([*tubes, *zero], PANEL, RULES)
    assert found.linearity is not None
    assert found.linearity.slope == pytest.approx(0.5)
    assert found.linearity.largest_deviation_percent == pytest.approx(0.0, abs=1e-6)
    assert {"NOT_PROPORTIONAL", "LEVELS_OFF_THE_LINE"} <= set(found.flags)


TUBES = st.builds(
    lambda level, fraction, state: DilutionTube(
        level=level, fraction=None if state == "not_evaluable" else fraction, state=state
    ),
    st.sampled_from([0.0, 1e-6, 1e-5, 1e-4, 1e-3]),
    st.floats(0.0, 1.0),
    st.sampled_from(["positive", "detected_below", "negative", "insufficient", "not_evaluable"]),
)


@given(st.lists(TUBES, max_size=60))
def test_every_series_has_one_honest_document(tubes: list[DilutionTube]) -> None:
    found = validate_panel(tubes, PANEL, RULES)
    assert as_json(found)
    counted = sum(level.n + level.n_not_evaluable for level in found.levels)
    assert counted + found.n_blanks + found.n_blanks_not_evaluable == len(tubes)
    if found.loq is not None:
        assert found.lod95 is None or found.loq >= found.lod95
        assert all(level.quantified for level in found.levels if level.level >= found.loq)
    assert found == validate_panel(tubes[::-1], PANEL, RULES)


def test_texts_on_the_page_are_escaped() -> None:
    found = validate_panel([], PANEL, RULES)
    page = render_validation(replace(found, panel=HOSTILE, reasons=(HOSTILE,)), notice=HOSTILE)
    seen = Balanced(page)
    assert "script" not in seen.tags
    assert seen.text.count("alert") == 4  # title, notice, heading, reason
