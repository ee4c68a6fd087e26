"""The karyotype tables: each value exact or left open, never another; and real strings of a laboratory."""

import csv
import dataclasses
from collections import Counter

import pytest
from real_data import needs_real_data, real

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import KaryotypeCall, Specimen

RULE = read_karyotype_rule()
pytestmark = needs_real_data

#: Rows whose every value is the table's; the others leave a value open (see test below).
LEAST_EXACT_ROWS = 57
ANSWERS = {"y": "yes", "n": "no"}
TRUTH = {"y": "True", "n": "False", "null": "null"}


def table(name: str) -> list[dict[str, str]]:
    with real(f"cytogenetics/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def called(text: str, *known: str) -> KaryotypeCall:
    return call_karyotype(text, specimen=Specimen(), rule=RULE, known_items=known)


def found_values(call: KaryotypeCall) -> dict[str, str]:
    cells = call.metaphases
    abnormal = cells and cells.recipient - cells.normal
    values: dict[str, object] = {
        "ploidy_class": call.ploidy,
        "ploidy_group": call.ploidy_group,
        "modal_mainline": call.modal_number,
        "abn_count_iscn2024": call.n_abnormalities_iscn,
        "complex_ge5_raw": call.complex_raw,
        "kmt2a_r": call.kmt2a,
        "ph": call.ph,
        "normal_cells": cells and cells.normal + cells.donor,
        "donor_cells": cells and cells.donor,
        "metaphases_total": cells and cells.total,
        "abnormal_cells_recipient": abnormal if not nonclonal_cells(call) else None,
    }
    return {name: "null" if value is None else str(value) for name, value in values.items()}


def nonclonal_cells(call: KaryotypeCall) -> bool:
    return "NONCLONAL_CELLS" in call.flags


def expected_values(row: dict[str, str], call: KaryotypeCall) -> dict[str, str]:
    expected = {name: row[name] for name in found_values(call)}
    expected["ploidy_class"] = row["ploidy_class"].replace("error", "null")
    expected["ploidy_group"] = row["ploidy_group"] or "null"
    expected["kmt2a_r"] = ANSWERS.get(row["kmt2a_r"], row["kmt2a_r"])
    expected["ph"] = ANSWERS.get(row["ph"], row["ph"])
    expected["complex_ge5_raw"] = TRUTH[row["complex_ge5_raw"]]
    expected["abn_count_iscn2024"] = row["abn_count_iscn2024"].partition(" if at baseline")[0]
    if nonclonal_cells(call):
        expected["abnormal_cells_recipient"] = "null"
    return expected


def test_every_row_of_the_karyotype_table_is_exact_or_left_open() -> None:
    rows = table("karyotype_cases.csv")
    assert len(rows) == 59
    exact = 0
    for row in rows:
        # K74 asks what a single metaphase means once its change is known from the baseline.
        at_baseline = ["t(9;22)(q34;q11.2)"] if "if at baseline" in row["abn_count_iscn2024"] else []
        call = called(row["iscn"], *at_baseline)
        found, expected = found_values(call), expected_values(row, call)
        differing = {name for name, value in found.items() if value != expected[name]}
        exact += not differing
        assert {found[name] for name in differing} <= {"null"}, (row["id"], differing)
        assert (call.status == "rejected") == (row["ploidy_class"] == "error"), row["id"]
        assert (call.error is not None) == (row["ploidy_class"] == "error"), row["id"]
    assert exact >= LEAST_EXACT_ROWS


def test_every_row_of_the_abnormality_table() -> None:
    rows = table("abnormality_count_cases.csv")
    assert len(rows) == 26
    for row in rows:
        assert str(called(row["iscn"]).n_abnormalities_iscn) == row["abn_count_iscn2024"], row["id"]


def test_every_row_of_the_exclusion_table() -> None:
    for row in table("hook_exclusion.csv"):
        for confidence in ("90", "95", "99"):
            ploidy = dataclasses.replace(RULE.ploidy, exclusion_confidence=int(confidence) / 100)
            rule = dataclasses.replace(RULE, ploidy=ploidy)
            call = call_karyotype(f"46,XX[{row['n_metaphases']}]", specimen=Specimen(), rule=rule)
            expected = float(row[f"excluded_pct_{confidence}"]) / 100
            assert call.excluded_level == pytest.approx(expected, abs=1e-8)


def test_metaphases_of_the_response_table() -> None:
    for row in table("cytogenetic_response_cases.csv"):
        cells = called(row["followup"]).metaphases
        assert cells is not None, row["id"]
        counts = (cells.total, cells.recipient, cells.donor)
        columns = ("followup_metaphases", "recipient_metaphases", "donor_metaphases")
        assert counts == tuple(int(row[column]) for column in columns), row["id"]


def test_real_strings_are_read_or_refused_with_a_reason() -> None:
    """Usable, as the cytogenetics page has it: the string begins with two digits and has a comma."""
    status: Counter[tuple[bool, str]] = Counter()
    for row in table("rcytogps_karyotypes_300.csv"):
        text = row["karyotype_as_entered"]
        call = called(text)
        usable = row["karyotype"][:2].isdigit() and "," in row["karyotype"]
        status[usable, call.status] += 1
        assert (call.error is None) == (call.status != "rejected")
        assert all(clone.population == "recipient" for clone in call.clones)
        if call.status == "partly":
            assert call.unparsed
        if not usable:
            assert call.status == "rejected"
    assert sum(n for (usable, _), n in status.items() if usable) == 260
    assert status[True, "parsed"] + status[True, "partly"] >= 247
