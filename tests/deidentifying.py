"""Files that name a patient, and the command that takes the names out."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fcs_files import packed
from identified_files import IDENTIFIERS, identified_fcs, planted
from typer.testing import CliRunner, Result

from mrdkit.cli.root import app
from mrdkit.flow import FcsDataset, read_fcs_datasets

SUBJECT = "Rosenkranz-7731905"
FILE = "Doe_Jane_MRN7731905_relapse"
EVENTS = [[1.5, 2.5], [10.0, 20.0], [100.0, 200.0]]
KEPT = {
    "$P1N": "FSC-A",
    "$P2N": "FL1-A",
    "$P2S": "CD19 PE-Cy7",
    "$P2V": "450",
    "$TIMESTEP": "0.01",
    "$CYT": "FACSCanto II",
    "$SPILLOVER": "2,FSC-A,FL1-A,1,0.25,0,1",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", "deidentify", *map(str, arguments)])


def table(tmp_path: Path, rows: Sequence[Sequence[object]], *, shift: bool = False) -> Path:
    path = tmp_path / "map.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "subject_id", "pseudonym", *(["date_shift_days"] if shift else [])])
        writer.writerows(rows)
    return path


def one(tmp_path: Path, content: bytes, *, name: str = "a", days: str = "", subject: str = "S-1") -> Result:
    """De-identify one file as P001 into `out`."""
    path = tmp_path / f"{name}.fcs"
    path.write_bytes(content)
    rows = table(tmp_path, [[path, subject, "P001", days]], shift=True)
    return run(path, "-o", tmp_path / "out", "--pseudonyms", rows, "--json")


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    (document,) = json.loads(result.stdout)["results"]
    assert isinstance(document, dict)
    return document


def error_of(result: Result) -> str:
    (failure,) = json.loads(result.stdout)["failures"]
    return str(failure["error"])


def texts_of(identifiers: Sequence[str]) -> Iterator[str]:
    for identifier in identifiers:
        yield identifier
        yield from (word for word in re.split(r"[\W_]+", identifier) if len(word) >= 4)


def assert_silent(content: bytes, *, also: Sequence[str] = ()) -> None:
    """Find no identifier and no word of one, in any encoding, in capitals or not."""
    lowered = content.lower()
    for text in texts_of([*IDENTIFIERS, SUBJECT, FILE, *also]):
        for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
            for form in (text, text.lower(), text.upper()):
                assert form.encode(encoding).lower() not in lowered, (text, encoding)


def said_by(result: Result) -> str:
    """Return all that a command said, but for the paths, which stand in `path` as they were given."""
    said = result.output + result.stderr + str(result.exception or "")
    document = json.loads(result.stdout) if result.stdout.startswith("{") else {}
    for item in (*document.get("results", ()), *document.get("failures", ())):
        said = said.replace(json.dumps(item["path"], ensure_ascii=False), "")
    return said


# --- the acceptance test: twelve identifiers in every place -----------------------------------------------

STORED: Mapping[str, tuple[bytes, Mapping[str, str]]] = {
    "F": (packed(EVENTS, numbers="FF", bits=[32, 32]), {"$DATATYPE": "F", "$BYTEORD": "1,2,3,4"}),
    "D big": (
        packed(EVENTS, numbers="DD", bits=[64, 64], big_endian=True),
        {"$DATATYPE": "D", "$BYTEORD": "4,3,2,1", "$P1B": "64", "$P2B": "64"},
    ),
    "I 16": (
        packed([[1, 2], [3, 4], [5, 6]], numbers="II", bits=[16, 16]),
        {"$DATATYPE": "I", "$BYTEORD": "1,2,3,4", "$P1B": "16", "$P2B": "16"},
    ),
    "I 8 and 32": (
        packed([[1, 2], [3, 4], [5, 6]], numbers="II", bits=[8, 32]),
        {"$DATATYPE": "I", "$BYTEORD": "4,3,2,1", "$P1B": "8"},
    ),
}
VERSIONS = ("2.0", "3.0", "3.1", "3.2")


def keywords_of(stored: str) -> dict[str, str]:
    general = {"$PAR": "2", "$TOT": "3", "$MODE": "L"}
    for n in (1, 2):
        general |= {f"$P{n}B": "32", f"$P{n}R": "262144", f"$P{n}E": "0,0"}
    return {**general, **KEPT, **STORED[stored][1]}


def patient_file(
    version: str, stored: str, others: Mapping[str, str] | None = None, *, turn: int = 0
) -> bytes:
    """Return two data sets, each with another identifier in every keyword."""
    parts = []
    for index in (0, 1):
        keywords = {**keywords_of(stored), **(others or {})}
        secret = {key: value for key, value in planted(turn + index).items() if key not in keywords}
        parts.append(
            identified_fcs(
                STORED[stored][0],
                keywords,
                version=version,
                secret=secret,
                utf_16=("$OP", "&10PT NAME"),
                has_next=index == 0,
            )
        )
    return b"".join(parts)


def assert_same_events(before: Path, after: Path) -> None:
    first, second = read_fcs_datasets(before), read_fcs_datasets(after)
    assert [d.n_events for d in first] == [d.n_events for d in second]
    for old, new in zip(first, second, strict=True):
        assert raw(old) == raw(new)
        assert old.stored().tobytes() == new.stored().tobytes()
        assert [c.name for c in old.channels] == [c.name for c in new.channels]
        assert old.version == new.version
        assert old.spillover == new.spillover
        np.testing.assert_array_equal(old.linear(), new.linear())


def raw(dataset: FcsDataset) -> bytes:
    assert dataset.data is not None
    return dataset.data.tobytes()
