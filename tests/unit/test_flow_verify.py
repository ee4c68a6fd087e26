"""mrdkit flow verify: second opinions agree, differ for a known reason, differ, fail, or are not there."""

import importlib.metadata
import json
import logging
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fcs_files import fcs_bytes, packed
from numpy.typing import NDArray
from real_data import needs_real_data, real
from tables import rows
from typer.testing import CliRunner, Result

from mrdkit.cli.root import app
from mrdkit.errors import InputError
from mrdkit.flow import verify
from mrdkit.flow.verify import verify_file
from mrdkit.flow.verify_opinion import Opinion

EVENTS = [[1.5, 2.5], [10.0, 20.0], [100.0, 200.0]]
WHOLE = [[1, 2], [1000, 2000], [1023, 65_535]]
NAME = "Doe Jane 12345678"


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "tube.fcs"
    path.write_bytes(content)
    return path


def opinions(path: Path, index: int = 0) -> dict[str, Opinion]:
    return {opinion.reader: opinion for opinion in verify_file(path).datasets[index].opinions}


def outcomes(path: Path, index: int = 0) -> list[str]:
    """Return what each reader says: its outcome, or the known fault behind a difference."""
    said = opinions(path, index).values()
    return [opinion.known_fault or opinion.outcome for opinion in said]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", "verify", *map(str, arguments)])


@pytest.mark.parametrize(
    "content",
    [
        fcs_bytes(EVENTS),
        fcs_bytes(EVENTS, big_endian=True),
        fcs_bytes(EVENTS, number="D"),
        fcs_bytes(EVENTS, number="D", big_endian=True),
        fcs_bytes(EVENTS, version="2.0"),
        fcs_bytes(WHOLE, number="I"),
        fcs_bytes(WHOLE, number="I", bits=[16, 32], big_endian=True),
        fcs_bytes(WHOLE, number="I", bits=[16, 16], ranges=[1000, 65_536]),
        fcs_bytes([[float("nan"), float("inf")]]),
    ],
    ids=["F", "F big", "D", "D big", "2.0", "I", "I mixed widths", "I masked", "not finite"],
)
def test_both_readers_agree_on_what_both_read(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    verified = verify_file(path)
    assert outcomes(path) == ["agrees", "agrees"]
    assert (verified.flags, verified.reasons) == ((), ())
    (dataset,) = verified.datasets
    assert (dataset.index, len(verified.sha256)) == (0, 64)
    for opinion in dataset.opinions:
        assert opinion.version == importlib.metadata.version(opinion.reader)
        assert opinion.n_events == dataset.n_events
        found = [(c.index, c.name, c.n_different, c.max_difference) for c in opinion.channels]
        assert found == [(1, "C1", 0, 0.0), (2, "C2", 0, 0.0)]


# --- known faults -----------------------------------------------------------------------------------------


def mixed() -> bytes:
    data = packed([[1.5, 7], [2.5, 9]], numbers="FI", bits=[32, 32])
    keywords = {"$P2DATATYPE": "I", "$TOT": "2", "$CYT": "X"}
    return fcs_bytes([[0, 0]], version="3.2", data=data, keywords=keywords)


def misplaced(place: str) -> bytes:
    true = int(fcs_bytes(EVENTS, gap=100)[26:34])
    if place == "header":
        return fcs_bytes(EVENTS, gap=100, header_data=(true - 50, true - 27))
    wrong = {"$BEGINDATA": f"{true - 50:010}", "$ENDDATA": f"{true - 27:010}"}
    return fcs_bytes(EVENTS, gap=100, keywords=wrong)


FAULTS: Mapping[str, tuple[bytes, list[str]]] = {
    "a type of its own (3.2)": (mixed(), ["PARAMETER_TYPES_IGNORED"] * 2),
    "HEADER misplaces DATA": (misplaced("header"), ["agrees", "OFFSETS_TRUSTED"]),
    "TEXT misplaces DATA": (misplaced("text"), ["OFFSETS_TRUSTED", "agrees"]),
    "only HEADER places DATA": (
        fcs_bytes(EVENTS, keywords={"$BEGINDATA": "0", "$ENDDATA": "0"}),
        ["ZERO_OFFSETS_TRUSTED", "agrees"],
    ),
    "10 bits declared, 16 stored": (
        fcs_bytes(
            WHOLE, number="I", bits=[16, 16], ranges=[1024, 65_536], keywords={"$P1B": "10", "$P2B": "10"}
        ),
        ["failed", "LENGTH_TRUSTED"],
    ),
    "$PnR below 2": (
        fcs_bytes(WHOLE, number="I", ranges=[1, 65_536]),
        ["RANGE_BELOW_TWO_MASKED"] * 2,
    ),
    "24 bits little endian": (
        fcs_bytes(WHOLE, number="I", bits=[24, 24]),
        ["failed", "THREE_BYTES_PADDED_IN_FRONT"],
    ),
    "24 bits big endian": (
        fcs_bytes(WHOLE, number="I", bits=[24, 24], big_endian=True),
        ["failed", "agrees"],
    ),
    "delimiter +": (fcs_bytes(EVENTS, delimiter="+"), ["failed", "agrees"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_known_fault_is_named_and_is_no_disagreement(tmp_path: Path, name: str) -> None:
    content, expected = FAULTS[name]
    path = write(tmp_path, content)
    assert outcomes(path) == expected
    assert "READERS_DISAGREE" not in verify_file(path).flags
    assert run(path).exit_code == 0
    for opinion in opinions(path).values():
        if opinion.known_fault is not None:
            assert opinion.outcome == "differs"
            assert "known fault: it " in opinion.message


def test_a_fault_of_one_column_does_not_explain_another_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = np.array([[0.0, 3.0], [0.0, 2000.0], [0.0, 65_535.0]])
    answer_with(monkeypatch, wrong)
    path = write(tmp_path, fcs_bytes(WHOLE, number="I", ranges=[1, 65_536]))
    assert outcomes(path)[0] == "differs"
    assert "READERS_DISAGREE" in verify_file(path).flags


# --- unexplained differences ------------------------------------------------------------------------------


def answer_with(monkeypatch: pytest.MonkeyPatch, values: NDArray[np.float64]) -> None:
    """Let FlowIO give these numbers."""
    flowio: Any = pytest.importorskip("flowio")
    monkeypatch.setattr(flowio.FlowData, "as_array", lambda *_, **__: values)


def test_an_unexplained_difference_is_flagged_with_its_size_and_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, np.array([[1.5, 2.5], [10.0, 26.0], [100.0, float("nan")]]))
    result = run(write(tmp_path, fcs_bytes(EVENTS)), "--json")
    assert result.exit_code == 4
    (found,) = json.loads(result.stdout)["results"]
    assert found["flags"] == ["READERS_DISAGREE"]
    first, second = found["datasets"][0]["opinions"]
    assert (first["outcome"], first["known_fault"], second["outcome"]) == ("differs", None, "agrees")
    assert [c["n_different"] for c in first["channels"]] == [0, 2]
    assert first["channels"][1]["max_difference"] is None  # NaN against a number has no size
    answer_with(monkeypatch, np.array([[1.5, 2.5], [10.0, 26.0], [100.0, 200.0]]))
    assert opinions(tmp_path / "tube.fcs")["flowio"].channels[1].max_difference == 6.0


@pytest.mark.parametrize(
    ("values", "n_different"),
    [
        (np.array(EVENTS[:2]), [1, 1]),
        (np.array([*EVENTS, [0.0, 0.0]]), [1, 1]),
        (np.array([[1.0], [2.0], [3.0]]), []),
    ],
    ids=["an event less", "an event more", "a channel less"],
)
def test_another_number_of_events_or_channels_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: NDArray[np.float64], n_different: Sequence[int]
) -> None:
    answer_with(monkeypatch, values)
    opinion = opinions(write(tmp_path, fcs_bytes(EVENTS)))["flowio"]
    assert (opinion.outcome, opinion.n_events) == ("differs", len(values))
    assert [channel.n_different for channel in opinion.channels] == list(n_different)


# --- no opinion -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["no package", "no import"])
def test_a_reader_that_is_not_installed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def no_package(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    if how == "no package":
        monkeypatch.setattr(importlib.metadata, "version", no_package)
    else:
        monkeypatch.setitem(sys.modules, "flowio", None)
        monkeypatch.setitem(sys.modules, "fcsparser", None)
    path = write(tmp_path, fcs_bytes(EVENTS))
    assert outcomes(path) == ["not_installed", "not_installed"]
    assert verify_file(path).flags == ("READER_NOT_INSTALLED", "NO_SECOND_OPINION")
    assert all("pip install 'mrdkit[verify]'" in o.message for o in opinions(path).values())
    assert run(path).exit_code == 0


def test_every_data_set_is_asked_about_and_fcsparser_knows_the_first(tmp_path: Path) -> None:
    parts = [fcs_bytes([[float(i), 2.0]], next_data=i < 2) for i in range(3)]
    path = write(tmp_path, b"".join(parts))
    assert [outcomes(path, i) for i in range(3)] == [
        ["agrees", "agrees"],
        *[["agrees", "not_applicable"]] * 2,
    ]


def test_nothing_that_a_reader_says_reaches_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def talk(*_: object, **__: object) -> None:
        print(NAME)  # noqa: T201  # what is tested
        sys.stderr.write(NAME)
        warnings.warn(NAME, stacklevel=1)
        logging.getLogger("fcsparser.api").warning(NAME)
        raise RuntimeError(NAME)

    fcsparser: Any = pytest.importorskip("fcsparser")
    monkeypatch.setattr(fcsparser.api.FCSParser, "load_file", talk)
    path = write(tmp_path, fcs_bytes(EVENTS, keywords={"$P1G": "NA " + NAME, "$OP": NAME}))
    result = run(path, "--json")
    assert result.exit_code == 0
    said = {o["reader"]: o for o in json.loads(result.stdout)["results"][0]["datasets"][0]["opinions"]}
    assert said["fcsparser"]["message"] == "fcsparser failed with RuntimeError"
    assert said["flowio"]["message"] == "flowio failed with ValueError"
    captured = capfd.readouterr()
    assert NAME not in result.output + captured.out + captured.err


def test_the_readers_are_left_as_they_were(tmp_path: Path) -> None:
    fcsparser: Any = pytest.importorskip("fcsparser")
    before = (fcsparser.api.fromfile, fcsparser.api.FCSParser.read_data, dict(vars(fcsparser.api)))
    filters, disabled = list(warnings.filters), logging.getLogger("fcsparser.api").disabled
    verify_file(write(tmp_path, fcs_bytes(EVENTS, big_endian=True)))
    assert (fcsparser.api.fromfile, fcsparser.api.FCSParser.read_data, dict(vars(fcsparser.api))) == before
    assert (list(warnings.filters), logging.getLogger("fcsparser.api").disabled) == (filters, disabled)


def test_an_interrupt_is_no_opinion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    flowio: Any = pytest.importorskip("flowio")
    monkeypatch.setattr(flowio, "FlowData", interrupt)
    with pytest.raises(KeyboardInterrupt):
        verify_file(write(tmp_path, fcs_bytes(EVENTS)))


def test_a_file_that_our_reader_refuses_is_not_given_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(verify, "_opinion", lambda *arguments: asked.append(arguments))
    with pytest.raises(InputError):
        verify_file(write(tmp_path, b"no FCS"))
    assert not asked


# --- real files -------------------------------------------------------------------------------------------

# Every other file of the zoo and of the traps: both agree.
OTHERWISE = {
    name: (first, second)
    for name, first, second in rows("""
file                                              | flowio              | fcsparser
--------------------------------------------------|---------------------|----------------
fcs_traps/datatype_lower.fcs                      | agrees              | failed
fcs_traps/delim_dot.fcs                           | failed              | agrees
fcs_traps/delim_plus.fcs                          | failed              | agrees
fcs_traps/delim_question.fcs                      | failed              | agrees
fcs_traps/enddata_zero.fcs                        | ZERO_OFFSETS_TRUSTED | agrees
fcs_zoo/Data003.fcs                               | failed              | agrees
fcs_zoo/data_start_offset_discrepancy_example.fcs | agrees              | OFFSETS_TRUSTED
""")
}
REFUSED = {"fcs_zoo/corrupted.fcs": "NOT_FCS", "fcs_zoo/sample_header.fcs": "DATA_MISSING"}


@needs_real_data
def test_every_real_file_has_the_outcome_that_is_expected() -> None:
    root = real("flow")
    found = {}
    paths = sorted((*root.glob("fcs_zoo/*"), *root.glob("fcs_traps/*")))
    for path in paths:
        name = path.relative_to(root).as_posix()
        if name in REFUSED:
            with pytest.raises(InputError) as caught:
                verify_file(path)
            assert caught.value.code == REFUSED[name]
        else:
            found[name] = tuple(outcomes(path))
    assert len(found) == 42
    assert {name: said for name, said in found.items() if said != ("agrees", "agrees")} == OTHERWISE
