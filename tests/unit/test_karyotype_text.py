"""Any text at all: cleaning is idempotent, reading never fails in another way than by its named outcome."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from karyotype_calls import called
from typer.testing import CliRunner

from mrdkit import reference
from mrdkit.cli.root import app
from mrdkit.errors import RuleError, UsageError
from mrdkit.karyotype import clean, read_karyotype_rule

PIECES = [
    *(
        "46",
        "45~47",
        "92",
        "<4n>",
        ",",
        "XX",
        "XY",
        "X",
        "/",
        "//",
        "[20]",
        "[cp5]",
        "[3,one is 4n]",
        "[",
        "]",
    ),
    *(
        "+8",
        "-7",
        "+mar1",
        "+3~5mar",
        "t(4;11)(q21;q23)",
        "der(22)t(9;22)(q34;q11)",
        "del(5)(q13q33)",
        "dic(",
    ),
    *("idem", "sl", "sl2", "sdl1", "slx2", "idemx2", "inc", " or ", "?", "c", "\u00d72", " ", "\n", "\u2212"),
    *(
        "&amp;",
        "&#43;",
        "nonclonal",
        " w/",
        "donor",
        ".ish ",
        ".nuc ish (CRLF2)",
        "2024-01-31 ",
        "karyotype:",
    ),
    *(
        "nonclonal w/",
        "one is 4n",
        "4n",
        "mos ",
        "chi ",
        " cells",
        "52(26,X,+8)x2",
        "der(11)(del(11)(p11)",
        "del13)(",
    ),
    *(
        "22pter->22q11::9q34->9qter",
        "name: Doe ",
        "t(3;16)(p21q24)",
        "-del(5)",
        "+5",
        "9qh+",
        "[3,one",
        "patient",
    ),
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@given(texts)
@example("&amp;amp;lt;")
@example("1.1.20 2.2.20 46,XX[2]")
def test_cleaning_is_idempotent_and_lists_every_change(text: str) -> None:
    once = clean(text)
    again = clean(once.text)
    assert (again.text, again.changes) == (once.text, ())
    assert (once.text == text) == (not once.changes)


@given(texts)
def test_any_text_has_a_named_outcome(text: str) -> None:
    call = called(text)
    assert (call.error is not None) == (call.status == "rejected")
    assert (call.status == "partly") <= bool(call.unparsed)
    if call.metaphases is not None:
        assert call.metaphases.recipient + call.metaphases.donor == call.metaphases.total
        assert call.metaphases.normal <= call.metaphases.recipient
    if "//" not in call.cleaned:
        assert all(clone.population == "recipient" for clone in call.clones)
    assert called(text) == call


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9_999,
        "&" + "amp;" * 2_400,
        "/" * 9_999,
        "46,XX" + "/47,sl,+8" * 1_000,
        "46,XX,+8[2]" + "/46,sdl1,-8[2]" * 600,
        "46," + "X" * 9_000,
        ",".join(["46", "XX", *["+8"] * 1_000]),
        "46,XX,der(1)" + "t(1;2)(p1;q1)" * 700,
        "1.1.20 " * 1_400 + "46,XX[2]",
        "\u2212 " * 5_000,
        "46,XX[" + "9" * 9_000 + "]",
        "x" * 1_000_000,
        "name:" + " a" * 4_900,
        "46,XX,+8[2" + ",a" * 4_900,
        "46,XX," + "der(1)" * 1_600,
        "46,XX,del(1)(" + "p1" * 4_900 + ")",
        "46,XX.nuc ish" + "(A)x2" * 1_900,
        "46,XX,der(1)(" + "1q1?::" * 1_600 + "!)",
        "46,XX,der(1)(" + "?p1" * 3_000 + ")",
        "46,XX,add(1)(" + "p1 or " * 1_600 + "q)",
        "46,XX," + "-7 or " * 1_600 + "-8",
        "46,XX," + "9h+" * 3_000 + "!",
        "46,XX.ish " + "(a)" * 3_000 + "!",
        "46,XX.ish " + "a(b)x2" * 1_600 + "!",
        "46,XX.nuc ish(" + "a'" * 4_900 + ")",
        "46,XX,der(1)(" + "1p1->1q1::" * 900 + ")",
        "46,XX," + "-del(5)," * 1_200 + "+5[3]",
        "99(" * 3_000 + "26,X" + ")x2" * 300,
    ],
    ids=range(28),
)
def test_hostile_text_is_answered(text: str) -> None:
    assert called(text).status in {"parsed", "partly", "rejected"}


def invoke(*arguments: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
    found = CliRunner().invoke(app, ["karyotype", "parse", "--json", *arguments])
    return found.exit_code, json.loads(found.stdout)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "statuses"),
    [
        (["46,XX[20]"], 0, ["parsed"]),
        (["46,XX[20]", "46,XX,fra(2)[3]"], 0, ["parsed", "partly"]),
        (["46,XX[20]", "nothing"], 4, ["parsed", "rejected"]),
        (["no metaphases"], 4, ["parsed"]),
        (["nothing"], 3, ["rejected"]),
        (["--", "-9"], 3, ["rejected"]),
    ],
)
def test_parse_on_the_command_line(arguments: list[str], exit_code: int, statuses: list[str]) -> None:
    code, document = invoke(*arguments)
    assert code == exit_code
    assert [result["status"] for result in document["results"]] == statuses
    names = "text cleaned changes status error clones ploidy ploidy_group modal_number n_abnormalities_iscn"
    names += " n_abnormalities_tokens complex_raw complex_all kmt2a ph metaphases excluded_level unparsed"
    for result in document["results"]:
        assert set(names.split()) | {"flags", "reasons"} <= set(result)


def test_an_earlier_karyotype_makes_a_single_metaphase_clonal() -> None:
    text, earlier = "46,XY,t(9;22)(q34;q11.2)[1]/46,XY[19]", "46,XY,t(9;22)(q34;q11)[20]//47,XY,+8[3]"
    alone, known = invoke(text)[1], invoke(text, "--earlier", earlier)[1]
    assert [alone["results"][0][name] for name in ("ploidy", "n_abnormalities_iscn")] == [None, 0]
    assert [known["results"][0][name] for name in ("ploidy", "n_abnormalities_iscn")] == ["pseudodiploid", 1]
    donor = invoke("47,XY,+8[1]/46,XY[19]", "--earlier", earlier)[1]
    assert donor["results"][0]["n_abnormalities_iscn"] == 0


def test_parse_of_a_column(tmp_path: Path) -> None:
    table = tmp_path / "karyotypes.csv"
    table.write_text(
        "subject_id,visit,specimen_id,collected_on,karyotype\n"
        'P1,baseline,S1,2024-01-31,"46,XX,t(4;11)(q21;q23)[18]/46,XX[2]"\n'
        'P1,C1,S2,31.1.2024,"46,XX[20]"\n'
        "P1,C2,S3,2024-05-31,\n"
    )
    code, document = invoke("--file", str(table), "--column", "karyotype")
    assert code == 4
    assert [(r["specimen_id"], r["row"], r["status"]) for r in document["results"]] == [
        ("S1", 2, "parsed"),
        ("S3", 4, "rejected"),
    ]
    assert [(f["specimen_id"], f["error"]) for f in document["failures"]] == [("S2", "DATE_INVALID")]


@pytest.mark.parametrize(
    "arguments", [[], ["--file", "x.csv"], ["46,XX", "--file", "x.csv", "--column", "k"]]
)
def test_unclear_input_is_a_usage_error(arguments: list[str]) -> None:
    found = CliRunner().invoke(app, ["karyotype", "parse", *arguments])
    assert isinstance(found.exception, UsageError)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text("a\n1\n")
    code, document = invoke("--file", str(tmp_path / "k.csv"), "--column", "karyotype")
    assert code == 3
    assert document["failures"][0]["error"] == "COLUMN_MISSING"


def test_a_rule_that_names_no_human_chromosome_is_refused(tmp_path: Path) -> None:
    shipped = reference.text("karyotype", "b_all.toml")
    own = tmp_path / "own.toml"
    own.write_text(shipped.replace('HoTr_lost_against_3n = ["3",', 'HoTr_lost_against_3n = ["24",'))
    with pytest.raises(RuleError, match="HoTr_lost_against_3n"):
        read_karyotype_rule(ploidy=str(own))
