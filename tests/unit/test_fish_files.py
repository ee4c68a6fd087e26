"""Sheets of counts, probe and cut-off registries that must be refused, and the command line that says so."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.fish import (
    RefusedSpecimen,
    call_sheet,
    parse_pattern,
    read_counts,
    read_cutoffs,
    read_fish_rule,
    read_probes,
)

HEADER = "specimen_id,subject_id,visit,collected_on,probe_id,reader,pattern,count,declared_total\n"
PROBES = (
    '[probe.BA]\ngene = "CRLF2"\nkind = "break_apart"\nred = "3prime"\ngreen = "5prime"\nsource = "IFU"\n'
)
GIVEN = (
    '[[cutoff]]\nprobe = "BA"\nclass = "{}"\nmethod = "given"\npercent = 2.35\nn = 200\nsource = "SOP 7"\n'
)
CUTOFFS = "".join(GIVEN.format(name) for name in ("split", "del5", "del3", "gain", "loss"))


def row(specimen: str, pattern: str, count: str, total: str = "", probe: str = "BA") -> str:
    return f"{specimen},P,baseline,2024-01-31,{probe},A,{pattern},{count},{total}\n"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row("S1", "2F", "100") + row("S1", "2F", "100"), "DUPLICATE_ROW"),
        (row("S1", "1F1R1G", "100") + row("S1", "1G1O1Y", "100"), "DUPLICATE_ROW"),
        (row("S1", "2F", "201", "200"), "TOTAL_MISMATCH"),
        (row("S1", "2F", "100", "200") + row("S1", "3F", "100", "100"), "TOTAL_MISMATCH"),
        (row("S1", "1F1B", "85"), "UNKNOWN_SIGNAL"),
        (row("S1", "-1F", "85"), "NEGATIVE_NUMBER"),
        (row("S1", "2F", "-85"), "NEGATIVE_NUMBER"),
        (row("S1", "2F", "8.5"), "COUNT_INVALID"),
        (row("S1", "2F", ""), "CELL_EMPTY"),
        (row("S1", "2F", "9" * 5000), "COUNT_INVALID"),
        (row("S1", "2F", "900000"), "COUNT_INVALID"),
        (row("S1", "F", "85"), "PATTERN_INVALID"),
        (row("S1", "2F1", "85"), "PATTERN_INVALID"),
        (row("S1", "", "85"), "PATTERN_INVALID"),
        (row("S1", "9999F", "85"), "PATTERN_INVALID"),
        (row("S1", "2F", "85", probe=""), "CELL_EMPTY"),
        (row("S1", "2F", "85", probe="MYC"), "PROBE_UNKNOWN"),
        (row("S1", "2F", "85").replace("2024-01-31", "31.1.2024"), "DATE_INVALID"),
        (row("S1", "2F", "85") + row("S1", "3F", "5").replace("baseline", "C1"), "SPECIMEN_CONFLICT"),
    ],
)
def test_a_bad_row_refuses_its_specimen_and_no_other(tmp_path: Path, bad: str, code: str) -> None:
    (tmp_path / "n.csv").write_text(HEADER + row("S0", "2F", "200") + bad + row("S2", "1F1R", "200"))
    (tmp_path / "p.toml").write_text(PROBES)
    (tmp_path / "c.toml").write_text(CUTOFFS)
    answers = call_sheet(
        read_counts(tmp_path / "n.csv"),
        read_probes(tmp_path / "p.toml"),
        read_cutoffs(tmp_path / "c.toml"),
        rule=read_fish_rule(),
    )
    first, refused, last = answers
    assert isinstance(refused, RefusedSpecimen)
    assert (refused.specimen_id, refused.error.code) == ("S1", code)
    calls = [answer.call for answer in (first, last) if not isinstance(answer, RefusedSpecimen)]
    assert calls == ["normal", "rearranged_deletion_5prime"]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (HEADER, row("S1", "2F", "115") + row("S1", "1F1R1G", "85")),
        ("\ufeff" + HEADER, row("S1", "2f", "115") + row("S1", "1G1R1F", "85")),
        (HEADER.replace(",", ";"), (row("S1", "2Y", "115") + row("S1", "1Y 1O 1G", "85")).replace(",", ";")),
        (HEADER.replace(",", "\t"), (row("S1", "2F", "115") + row("S1", "1F1R1G", "85")).replace(",", "\t")),
        (HEADER, row("S1", "2F", "115") + HEADER + "\n,,,,,,,,\n" + row("S1", "1F1R1G", "85")),
        ("percent," + HEADER, '"57,5",' + row("S1", "2F", "115") + '"42,5",' + row("S1", "1F1R1G", "85")),
        (
            HEADER.replace("\n", "\r\n"),
            (row("S1", "2F", "115") + row("S1", "1F1R1G", "85")).replace("\n", "\r\n"),
        ),
    ],
    ids=[
        "plain",
        "byte order mark",
        "semicolons",
        "tabs",
        "header and empty row again",
        "decimal comma",
        "CR LF",
    ],
)
def test_sheets_as_laboratories_save_them(tmp_path: Path, header: str, rows: str) -> None:
    (tmp_path / "n.csv").write_text(header + rows, encoding="utf-8", newline="")
    (read,) = read_counts(tmp_path / "n.csv").specimens
    assert not isinstance(read, RefusedSpecimen)
    assert [(count.pattern[:3], count.nuclei) for count in read.counts] == [((2, 0, 0), 115), ((1, 1, 1), 85)]


def test_a_row_without_a_specimen_refuses_the_file(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(HEADER + row("S0", "2F", "115") + row("", "1F1R1G", "85"))
    with pytest.raises(InputError, match="row 3, column specimen_id"):
        read_counts(tmp_path / "n.csv")


@pytest.mark.parametrize("text", ["2f", "2F0R0G", "1F 1F", "1yellow1Y", "02F"])
def test_spellings_of_two_fusions(text: str) -> None:
    assert parse_pattern(text) == parse_pattern("2F")


@pytest.mark.parametrize(
    "text",
    [
        PROBES.replace('green = "5prime"\n', ""),
        PROBES.replace('green = "5prime"', 'green = "3prime"'),
        PROBES.replace("5prime", "red"),
        PROBES.replace("break_apart", "dual_fusion"),
        PROBES + 'colour = "x"\n',
        "",
        "probe = 3",
    ],
)
def test_a_probe_without_a_certain_colour_map_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(RuleError):
        read_probes(tmp_path / "p.toml")


BETAINV = (
    '[[cutoff]]\nprobe = "BA"\nclass = "split"\nmethod = "betainv"\nalpha = 0.05\nmax_false = 1\nn = 200\n'
)


@pytest.mark.parametrize(
    "text",
    [
        BETAINV.replace("0.05", "0.95"),
        BETAINV.replace("max_false = 1", "max_false = 200"),
        BETAINV.replace("max_false = 1", "max_false = -1"),
        BETAINV.replace("split", "dim"),
        BETAINV.replace("betainv", "mean_3sd"),
        BETAINV + BETAINV,
        BETAINV + "percent = 3\n",
        GIVEN.format("split").replace('source = "SOP 7"\n', ""),
        GIVEN.format("split").replace("2.35", "nan"),
        GIVEN.format("split").replace("2.35", "-1"),
    ],
)
def test_an_uncertain_cutoff_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(RuleError):
        read_cutoffs(tmp_path / "c.toml")


def test_another_gene_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(HEADER + row("S0", "2F", "200"))
    (tmp_path / "p.toml").write_text(PROBES.replace("CRLF2", "KMT2A"))
    (tmp_path / "c.toml").write_text(CUTOFFS)
    found = CliRunner().invoke(
        app,
        [
            "fish",
            "call",
            str(tmp_path / "n.csv"),
            "--json",
            "--probes",
            str(tmp_path / "p.toml"),
            "--cutoffs",
            str(tmp_path / "c.toml"),
        ],
    )
    assert found.exit_code == 3
    document = json.loads(found.stdout)
    assert document["results"] == []
    assert document["failures"][0]["error"] == "GENE_NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("lines", "exit_code", "n_results", "codes"),
    [
        (row("S0", "2F", "200"), 0, 1, []),
        (row("S0", "2F", "200") + row("S1", "1F1B", "9"), 4, 1, ["UNKNOWN_SIGNAL"]),
        (row("S1", "1F1B", "9"), 3, 0, ["UNKNOWN_SIGNAL"]),
        (row("S0", "2F", "60"), 0, 1, []),
        ("x\n", 3, 0, ["ROW_LENGTH"]),
    ],
)
def test_fish_call_exit_codes(
    tmp_path: Path, lines: str, exit_code: int, n_results: int, codes: list[str]
) -> None:
    (tmp_path / "n.csv").write_text(HEADER + lines)
    (tmp_path / "p.toml").write_text(PROBES)
    (tmp_path / "c.toml").write_text(CUTOFFS)
    arguments = ["fish", "call", str(tmp_path / "n.csv"), "--json"]
    options = ["--probes", str(tmp_path / "p.toml"), "--cutoffs", str(tmp_path / "c.toml")]
    found = CliRunner().invoke(app, arguments + options)
    assert found.exit_code == exit_code
    document = json.loads(found.stdout)
    assert len(document["results"]) == n_results
    assert [failure["error"] for failure in document["failures"]] == codes
    for result in document["results"]:
        assert {"specimen_id", "probe_id", "call", "classes", "n_scored", "n_dropped", "percent"} <= set(
            result
        )
        assert {"ci_low", "ci_high", "iscn_2024", "iscn_2020", "flags", "reasons"} <= set(result)
        assert set(result["classes"][0]) == {
            *("class", "n", "percent", "ci_low", "ci_high", "cutoff", "abnormal")
        }


def test_fish_cutoff_gives_the_published_number() -> None:
    """Cytogenetics page: n = 200, y = 1 gives 2.3498 %, 5 cells are positive."""
    found = CliRunner().invoke(app, ["fish", "cutoff", "--n", "200", "--max-false", "1", "--json"])
    document = json.loads(found.stdout)
    assert document["cutoff_percent"] == pytest.approx(2.34984704, abs=1e-6)
    assert (document["min_positive"], document["alpha"], found.exit_code) == (5, 0.05, 0)


@pytest.mark.parametrize(
    "options", [["0", "0"], ["200", "200"], ["200", "-1"], ["200", "1", "--alpha", "0.95"]]
)
def test_impossible_controls_are_a_usage_error(options: list[str]) -> None:
    n, max_false, *rest = options
    found = CliRunner().invoke(app, ["fish", "cutoff", "--n", n, "--max-false", max_false, *rest])
    assert isinstance(found.exception, UsageError)
