"""A laboratory's own criteria profile: what it may leave out, and what is refused."""

from pathlib import Path

import pytest
from patient_tables import BASELINE, blood, marrow, record

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.patient.criteria import criteria_names, read_criteria
from mrdkit.patient.criteria_table import criteria_table

SHIPPED = reference.text("criteria", "jabbour2023.toml")
WIDE = """
[windows]
clause = "Our own window."
cbc_within_days = 14
platelet_transfusion_within_days = 7
early_death_within_days = 28
best_mrd_within_courses = 3
"""
LAST = '[[category]]\nname = "CRi"'


def own(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text.replace('id = "jabbour2023"', 'id = "own"'), encoding="utf-8")
    return path


def test_a_section_of_ones_own_replaces_the_shared_one(tmp_path: Path) -> None:
    criteria = read_criteria(own(tmp_path, SHIPPED + WIDE))
    late = (blood(28 + 14, anc="2", platelets="150"),)
    row = marrow(1, "2", "", "")
    assert record(BASELINE, row, counts=late).best_response == "INDETERMINATE_REMISSION"
    assert record(BASELINE, row, counts=late, criteria=criteria).best_response == "CR"
    assert criteria.plausible == read_criteria("jabbour2023").plausible


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            SHIPPED.replace(LAST, f'{LAST}\nplatelets = {{ operator = "more_than", limit_e9_per_l = 1 }}'),
            "last",
        ),
        (SHIPPED.replace('name = "CRp"', 'name = "CR"'), "its own name"),
        (SHIPPED.replace("limit_percent = 5", 'limit_percent = "some"'), "decimal"),
        (SHIPPED.replace("limit_percent = 5", "limit_percent = nan"), "finite"),
        (SHIPPED + "[window]\ncbc_within_days = 14\n", "no such key"),
        (SHIPPED.replace('operator = "at_most"', 'operator = "below"'), "at_most"),
        (SHIPPED.replace("clause = ", "comment = "), "Field required"),
    ],
)
def test_a_profile_that_does_not_answer_everything_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RuleError, match=words) as refused:
        read_criteria(own(tmp_path, text))
    assert "own.toml" in str(refused.value)


@pytest.mark.parametrize("name", criteria_names())
def test_every_clause_of_a_shipped_profile_says_what_it_rests_on(name: str) -> None:
    profile = read_criteria(name)
    rows = criteria_table(profile)
    assert all(row.rule and row.clause.endswith(".") for row in rows)
    assert {row.part for row in rows} >= {"remission", "relapse", "windows", "mrd", "count recovery"}
    assert profile.id == name
