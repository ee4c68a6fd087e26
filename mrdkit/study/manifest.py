"""manifest.csv: one row per file of a laboratory, whose it is, and what is to be done with it.

A row that cannot be used is kept with its error, so that it is reported and stops nothing; a missing column
concerns every row and refuses the table. A blank's subject is its donor, who is no patient of the study.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Literal, cast

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table
from mrdkit.results import Specimen
from mrdkit.study.specimens import unknown_subject

__all__ = ["MANIFEST", "Manifest", "ManifestRow", "RefusedRow", "read_manifest"]

MANIFEST = "manifest.csv"

Assay = Literal["flow_mrd", "ngs_mrd", "tp53"]
Role = Literal["diagnosis", "followup", "blank"]

_COLUMNS = (
    "subject_id",
    "visit",
    "specimen_id",
    "specimen_type",
    "collected_on",
    "assay",
    "role",
    "path",
    "sha256",
    "panel",
    "sample",
    "replicate",
)
_ASSAYS = ("flow_mrd", "ngs_mrd", "tp53")
_ROLES = ("diagnosis", "followup", "blank")
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One file: `row` is its line in the manifest, `path` relative to the study, `extra` unknown columns.

    Attributes:
        sha256: digest that the laboratory declared, empty where it declared none.
        sample: name of the sample or data set within the file, empty for the only one.
    """

    row: int
    specimen: Specimen
    assay: Assay
    role: Role
    path: str
    sha256: str
    panel: str
    sample: str
    replicate: str
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that cannot be used, with what is readable of it."""

    row: int
    subject_id: str
    visit: str
    assay: str
    path: str
    error: InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The rows that can be used and those that cannot, each in the order of the file."""

    rows: tuple[ManifestRow, ...] = ()
    refused: tuple[RefusedRow, ...] = ()


def read_manifest(path: Path, *, subjects: Iterable[str]) -> Manifest:
    """Read a manifest.

    Args:
        path: the table.
        subjects: the ids of subjects.csv; a row of anybody else is refused, but for the donors of blanks.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    known = frozenset(subjects)
    rows: list[ManifestRow] = []
    refused: list[RefusedRow] = []
    first: dict[tuple[object, ...], int] = {}
    for row in read_table(path, required=_COLUMNS).rows:
        try:
            made = _row(row, known)
            _check_once(row, made, first)
        except InputError as error:
            refused.append(_refused(row, error))
        else:
            rows.append(made)
    return Manifest(rows=tuple(rows), refused=tuple(refused))


def _row(row: Row, known: frozenset[str]) -> ManifestRow:
    subject_id, role = row.required("subject_id"), _word(row, "role", _ROLES)
    blank = role == "blank"
    if subject_id not in known and not blank:
        raise unknown_subject(row)
    return ManifestRow(
        row=row.number,
        specimen=Specimen(
            subject_id=subject_id,
            visit=row.text("visit") or None if blank else row.required("visit"),
            specimen_id=row.text("specimen_id") or None,
            collected_on=row.date("collected_on"),
            specimen_type=row.text("specimen_type") or None,
        ),
        assay=cast("Assay", _word(row, "assay", _ASSAYS)),
        role=cast("Role", role),
        path=row.required("path"),
        sha256=_digest(row),
        panel=row.text("panel"),
        sample=row.text("sample"),
        replicate=row.text("replicate"),
        extra={name: cell for name, cell in row.cells.items() if name not in _COLUMNS},
    )


def _word(row: Row, column: str, words: tuple[str, ...]) -> str:
    word = row.required(column).casefold()
    if word not in words:
        raise row.error(
            f"the {column} is not known",
            code=f"{column.upper()}_UNKNOWN",
            column=column,
            expected="one of " + ", ".join(words),
            found=repr(word[:40]),
        )
    return word


def _digest(row: Row) -> str:
    text = row.text("sha256").casefold()
    if text and (len(text) != 64 or not _HEX.issuperset(text)):  # noqa: PLR2004 - 256 bits
        raise row.error(
            "the cell is not a sha256",
            code="SHA256_INVALID",
            column="sha256",
            expected="64 hexadecimal digits or an empty cell",
        )
    return text


def _check_once(row: Row, made: ManifestRow, first: dict[tuple[object, ...], int]) -> None:
    """Refuse a second row that would answer the same question as an earlier one."""
    key = (made.specimen, made.assay, made.role, made.panel, made.sample, made.replicate)
    same_file = (normpath(made.path), made.sample, made.assay, made.role, made.panel)
    for kind, found in (("specimen", key), ("file", same_file)):
        if (kind, found) in first:
            raise row.error(
                f"the row repeats the {kind} of row {first[kind, found]}",
                code="DUPLICATE_ROW",
                column="path" if kind == "file" else "specimen_id",
                remedy="remove it, or tell replicates apart in the column replicate",
            )
    first["specimen", key] = row.number
    first["file", same_file] = row.number


def _refused(row: Row, error: InputError) -> RefusedRow:
    return RefusedRow(
        row=row.number,
        subject_id=row.text("subject_id"),
        visit=row.text("visit"),
        assay=row.text("assay"),
        path=row.text("path"),
        error=error,
    )
