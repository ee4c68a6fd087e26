"""fish_counts.csv and karyotypes.csv as items of work: one per specimen and probe, one per karyotype.

Only whose material it is is read here; patterns and karyotypes are read by their rooms, item by item.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table
from mrdkit.results import Specimen

__all__ = [
    "FISH_COUNTS",
    "KARYOTYPES",
    "SUBJECT_UNKNOWN",
    "Item",
    "RefusedItem",
    "read_fish_items",
    "read_karyotype_items",
]

FISH_COUNTS = "fish_counts.csv"
KARYOTYPES = "karyotypes.csv"
SUBJECT_UNKNOWN = "SUBJECT_UNKNOWN"

_PROBE = "probe_id"
_FISH_COLUMNS = (
    "specimen_id",
    "subject_id",
    "visit",
    "collected_on",
    _PROBE,
    "reader",
    "pattern",
    "count",
)
_KARYOTYPE_COLUMNS = ("subject_id", "visit", "specimen_id", "collected_on", "karyotype")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One specimen's part of a table: `row` is its first line, `what` the probe's id or the karyotype."""

    row: int
    specimen: Specimen
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedItem:
    """A part that cannot be used, with what is readable of it."""

    row: int
    specimen: Specimen
    error: InputError


def read_fish_items(path: Path, *, subjects: Iterable[str]) -> tuple[Item | RefusedItem, ...]:
    """Return one item per specimen and probe, in the order of the table.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    known = frozenset(subjects)
    first: dict[tuple[str, str], Row] = {}
    for row in read_table(path, required=_FISH_COLUMNS).rows:
        first.setdefault((row.text("specimen_id"), row.text("probe_id")), row)
    return tuple(_item(row, _PROBE, known) for row in first.values())


def read_karyotype_items(path: Path, *, subjects: Iterable[str]) -> tuple[Item | RefusedItem, ...]:
    """Return one item per karyotype, in the order of the table; a repeated specimen is refused.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    known = frozenset(subjects)
    items: list[Item | RefusedItem] = []
    first: dict[Specimen, int] = {}
    for row in read_table(path, required=_KARYOTYPE_COLUMNS).rows:
        item = _item(row, "karyotype", known)
        if isinstance(item, Item) and item.specimen in first:
            item = _repeated(row, item, first[item.specimen])
        else:
            first[item.specimen] = row.number
        items.append(item)
    return tuple(items)


def _repeated(row: Row, item: Item, earlier: int) -> RefusedItem:
    error = row.error(
        f"the row repeats the specimen of row {earlier}",
        code="DUPLICATE_ROW",
        column="specimen_id",
        remedy="keep the row that is right",
    )
    return RefusedItem(row=row.number, specimen=item.specimen, error=error)


def _item(row: Row, column: str, known: frozenset[str]) -> Item | RefusedItem:
    try:
        specimen = Specimen(
            subject_id=row.required("subject_id"),
            visit=row.required("visit"),
            specimen_id=row.required("specimen_id") if column == _PROBE else row.text("specimen_id") or None,
            collected_on=row.date("collected_on"),
        )
        if specimen.subject_id not in known:
            raise unknown_subject(row)
        return Item(row=row.number, specimen=specimen, what=row.required(column))
    except InputError as error:
        readable = Specimen(
            subject_id=row.text("subject_id") or None,
            visit=row.text("visit") or None,
            specimen_id=row.text("specimen_id") or None,
        )
        return RefusedItem(row=row.number, specimen=readable, error=error)


def unknown_subject(row: Row) -> InputError:
    """Return the error for a row of somebody who is not in subjects.csv."""
    return row.error(
        "the subject is not in subjects.csv",
        code=SUBJECT_UNKNOWN,
        column="subject_id",
        found=repr(row.text("subject_id")[:40]),
        remedy="add the subject or correct the id",
    )
