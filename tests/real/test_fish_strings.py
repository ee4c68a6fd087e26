"""All rows of the ISCN and free-text tables, through the command line as a laboratory would send them."""

import json

from real_data import needs_real_data, real, real_rows
from typer.testing import CliRunner

from mrdkit.cli.root import app

ISCN, TEXTS = "cytogenetics/fish_iscn_cases.csv", "cytogenetics/freetext_cases.csv"

#: Normal in the patient's own cells; a normal karyotype alone (I19) is not.
NORMAL = {"I01", "I02", "I03", "I21", "I27", "I30", "I32", "I33", "I39", "I48"}

#: The codes of the rejected rows; the table has them in words.
ERRORS = {
    "error: unbalanced bracket": "ISCN_BRACKET",
    "error: numerator > denominator": "ISCN_CELLS",
    "error: sep count 2 > total 1": "ISCN_SEP_COUNT",
    "error: con count 2 > smaller total 1": "ISCN_CON_COUNT",
}


def results(command: str, name: str, column: str) -> list[dict[str, object]]:
    run = CliRunner().invoke(app, ["fish", command, "--file", str(real(name)), "--column", column, "--json"])
    assert run.exit_code in (0, 4)
    found: list[dict[str, object]] = json.loads(run.stdout)["results"]
    return found


@needs_real_data
def test_every_row_of_the_iscn_table() -> None:
    rows = real_rows(ISCN)
    assert len(rows) == 35
    for row, found in zip(rows, results("parse", ISCN, "iscn"), strict=True):
        clones = found["clones"]
        assert isinstance(clones, list)
        if row["meaning"] in ERRORS:
            assert found["status"] == "rejected", row["id"]
            assert str(found["error"]).startswith(ERRORS[row["meaning"]] + ": position "), row["id"]
            continue
        assert found["status"] == "parsed", row["id"]
        if row["edition"] in ("2024", "2020"):
            assert found["edition"] == row["edition"], row["id"]
        assert str(clones[0]["total"]) == row["total_nuclei"], row["id"]
        if row["abnormal_nuclei"] != "-":
            assert str(clones[0]["n"]) == row["abnormal_nuclei"], row["id"]
        if row["F"] != "-":
            (pattern,) = clones[0]["patterns"]
            signals = [str(pattern[name]) for name in ("fusions", "isolated_3prime", "isolated_5prime")]
            assert [pattern["gene"], *signals] == [row["probe"], row["F"], row["iso3prime"], row["iso5prime"]]
        assert found["normal"] is (row["id"] in NORMAL), row["id"]


@needs_real_data
def test_every_row_of_the_free_text_table() -> None:
    rows = real_rows(TEXTS)
    assert len(rows) == 12
    for row, found in zip(rows, results("text", TEXTS, "text"), strict=True):
        numbers = ("n_abnormal", "n_scored", "percent")
        written = ["" if found[name] is None else f"{found[name]:g}" for name in numbers]
        assert found["call"] == row["expected_call"], row["id"]
        assert written == [row["abnormal"], row["total"], row["pct"]], row["id"]
        flags = found["flags"]
        assert isinstance(flags, list)
        assert ";".join(flags).casefold() == row["flags"], row["id"]
