"""`mrdkit fish parse` and `mrdkit fish text`: exit codes, tables, order, and the lot and visit of a call."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import UsageError
from mrdkit.fish import RefusedSpecimen, call_sheet, read_counts, read_cutoffs, read_fish_rule, read_probes
from mrdkit.results import FishCall

GOOD, BAD = "nuc ish (CRLF2)×2[200]", "nuc ish (CRLF2"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["parse", GOOD], 0, ["parsed"]),
        (["parse", GOOD, BAD], 4, ["parsed", "rejected"]),
        (["parse", BAD, GOOD], 4, ["rejected", "parsed"]),
        (["parse", BAD, BAD], 3, ["rejected", "rejected"]),
        (["text", "CRLF2 normal", "what"], 0, ["normal", "needs_review"]),
        (["text", "CRLF2 FISH failed"], 4, ["not_evaluable"]),
    ],
)
def test_exit_codes(arguments: list[str], exit_code: int, words: list[str]) -> None:
    found = CliRunner().invoke(app, ["fish", *arguments, "--json"])
    assert found.exit_code == exit_code
    document = json.loads(found.stdout)
    name = "status" if arguments[0] == "parse" else "call"
    assert [result[name] for result in document["results"]] == words
    assert document["failures"] == []


@pytest.mark.parametrize("command", ["parse", "text"])
def test_a_column_of_a_table(tmp_path: Path, command: str) -> None:
    (tmp_path / "t.csv").write_text(f'specimen_id,result\nS1,"{GOOD}"\nS2,\n', encoding="utf-8")
    made = tmp_path / "made.json"
    options = ["--file", str(tmp_path / "t.csv"), "--column", "result", "-o", str(made)]
    found = CliRunner().invoke(app, ["fish", command, *options])
    assert found.exit_code == (4 if command == "parse" else 0)
    document = json.loads(made.read_text(encoding="utf-8"))
    assert [(one["specimen_id"], one["row"]) for one in document["results"]] == [("S1", 2), ("S2", 3)]


@pytest.mark.parametrize("command", ["parse", "text"])
def test_an_unreadable_table_is_refused(tmp_path: Path, command: str) -> None:
    options = ["--file", str(tmp_path / "none.csv"), "--column", "result", "--json"]
    found = CliRunner().invoke(app, ["fish", command, *options])
    assert found.exit_code == 3
    assert len(json.loads(found.stdout)["failures"]) == 1


@pytest.mark.parametrize("arguments", [[], [GOOD, "--file", "x.csv", "--column", "y"], ["--file", "x.csv"]])
def test_nothing_or_too_much_to_read_is_a_usage_error(arguments: list[str]) -> None:
    found = CliRunner().invoke(app, ["fish", "parse", *arguments])
    assert isinstance(found.exception, UsageError)


def called(folder: Path, *, visit: str = "baseline", lot: str = "", cutoff_lot: str = "") -> FishCall:
    head = "specimen_id,subject_id,visit,collected_on,probe_id,reader,pattern,count\n"
    (folder / "n.csv").write_text(f"{head}S1,P1,{visit},,BA,A,2F,196\nS1,P1,{visit},,BA,A,1F1R1G,4\n")
    of_lot = 'lot = "{}"\n'
    probe = (
        '[probe.BA]\ngene = "CRLF2"\nkind = "break_apart"\nred = "3prime"\ngreen = "5prime"\nsource = "IFU"\n'
    )
    (folder / "p.toml").write_text(probe + (of_lot.format(lot) if lot else ""))
    pooled = '[[cutoff]]\nprobe = "BA"\nclass = "split"\nmethod = "binomial"\nalpha = 0.05\nn = 200\n'
    pooled += "false_positives = 5\ncontrol_nuclei = 1000\n"
    (folder / "c.toml").write_text(pooled + (of_lot.format(cutoff_lot) if cutoff_lot else ""))
    (found,) = call_sheet(
        read_counts(folder / "n.csv"),
        read_probes(folder / "p.toml"),
        read_cutoffs(folder / "c.toml"),
        rule=read_fish_rule(),
    )
    assert not isinstance(found, RefusedSpecimen)
    return found


def test_a_counted_cutoff_decides_by_whole_nuclei(tmp_path: Path) -> None:
    """Pooled rate 0.005: three of 200 are explained by chance, the fourth is positive."""
    found = called(tmp_path)
    assert found.call == "rearranged_split"
    assert found.classes[0].cutoff == 1.5
    assert [(one.class_, one.fusions, one.n, one.percent) for one in found.patterns] == [
        ("split", 1, 4, 2.0),
        ("normal", 2, 196, 98.0),
    ]


@pytest.mark.parametrize(
    ("lot", "cutoff_lot", "flagged"),
    [("7", "6", True), ("7", "7", False), ("", "6", False), ("7", "", False)],
)
def test_a_cutoff_of_another_lot_is_flagged(
    tmp_path: Path, lot: str, cutoff_lot: str, flagged: object
) -> None:
    found = called(tmp_path, lot=lot, cutoff_lot=cutoff_lot)
    assert ("CUTOFF_LOT_MISMATCH" in found.flags) is flagged


@pytest.mark.parametrize(
    ("visit", "said"), [("baseline", False), ("Baseline", False), ("C1", True), ("", False)]
)
def test_a_follow_up_says_that_fish_is_no_residual_disease_test(
    tmp_path: Path, visit: str, said: object
) -> None:
    found = called(tmp_path, visit=visit)
    assert any("residual disease" in reason for reason in found.reasons) is said
