"""The karyotype tables, every value exact; and real strings of a laboratory."""

import csv
import dataclasses
from collections import Counter

import pytest
from karyotype_calls import RULE, called
from real_data import needs_real_data, real

from mrdkit.karyotype import call_karyotype
from mrdkit.results import KaryotypeCall, Specimen

pytestmark = needs_real_data

ANSWERS = {"y": "yes", "n": "no"}
TRUTH = {"y": "True", "n": "False", "null": "null"}


def table(name: str) -> list[dict[str, str]]:
    with real(f"cytogenetics/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


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


def test_every_row_of_the_karyotype_table() -> None:
    rows = table("karyotype_cases.csv")
    assert len(rows) == 59
    for row in rows:
        # K74 asks what a single metaphase means once its change is known from the baseline.
        at_baseline = ["t(9;22)(q34;q11.2)"] if "if at baseline" in row["abn_count_iscn2024"] else []
        call = called(row["iscn"], *at_baseline)
        assert found_values(call) == expected_values(row, call), row["id"]
        assert call.status == ("rejected" if row["ploidy_class"] == "error" else "parsed"), row["id"]
        assert (call.error is not None) == (row["ploidy_class"] == "error"), row["id"]


def test_a_single_metaphase_of_no_known_clone_is_no_abnormality() -> None:
    """Row K74: "1 if at baseline else 0"."""
    row = next(row for row in table("karyotype_cases.csv") if row["id"] == "K74")
    assert called(row["iscn"]).n_abnormalities_iscn == 0


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
        call = called(f"46,XX[{row['n_metaphases']}]")
        for level, needed in ((call.excluded_level_two_cells, 2), (call.excluded_level_three_cells, 3)):
            assert level is not None
            assert 100 * level == pytest.approx(float(row[f"p_missed5pct_clone_needs_{needed}"]), abs=5e-5)


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
        call = called(row["karyotype_as_entered"])
        usable = row["karyotype"][:2].isdigit() and "," in row["karyotype"]
        status[usable, call.status] += 1
        assert (call.error is None) == (call.status != "rejected")
        assert all(clone.population == "recipient" for clone in call.clones)
        assert call.metaphases is None or call.metaphases.donor == 0
        assert (call.status != "partly") or call.unparsed
        assert usable or call.status == "rejected"
    usable_rows = sum(n for (usable, _), n in status.items() if usable)
    assert usable_rows == 260
    assert status[True, "parsed"] >= 247
    assert status[True, "parsed"] + status[True, "partly"] >= 0.97 * usable_rows


def test_what_remains_refused_of_the_real_strings() -> None:
    """Counts that the items do not give, and a band that does not exist."""
    calls = [called(row["karyotype"]) for row in table("rcytogps_karyotypes_300.csv")]
    codes = Counter((call.error or "").partition(" ")[0] for call in calls if call.clones and call.error)
    assert codes == {"COUNT_MISMATCH": 6, "BAND_UNKNOWN": 1}
