"""Values that an earlier import may have put into REDCap and that are results no longer.

An import erases nothing, so that a person has to: the value of an amended result would else stand beside its
new status. What is withdrawn is listed until the cell has a value again.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mrdkit.export.values import Note
from mrdkit.files import read_table

__all__ = ["WITHDRAWN_COLUMNS", "Cell", "cells_of", "earlier_cells", "withdrawn_notes"]

WITHDRAWN_COLUMNS = ("record_id", "instrument", "instance", "field")
#: What names a row of the import file.
_HEADS = ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance")


class Cell(NamedTuple):
    """One cell of the project; instrument and instance are empty where it does not repeat."""

    record_id: str
    instrument: str
    instance: str
    field: str


def cells_of(columns: Sequence[str], rows: Iterable[Sequence[str]], fields: frozenset[str]) -> set[Cell]:
    """Return the cells of an import file that have a value."""
    heads = [columns.index(name) for name in _HEADS]
    places = [(at, name) for at, name in enumerate(columns) if name in fields]
    found: set[Cell] = set()
    for row in rows:
        record_id, instrument, instance = (row[at] for at in heads)
        found.update(Cell(record_id, instrument, instance, name) for at, name in places if row[at])
    return found


def earlier_cells(records: Path, withdrawn: Path, fields: frozenset[str]) -> set[Cell]:
    """Return every cell that an earlier export into the folder had a value for.

    Raises:
        InputError: one of its files is damaged.
    """
    cells: set[Cell] = set()
    if records.exists():
        table = read_table(records, required=_HEADS)
        cells = cells_of(
            table.columns, ([row.text(name) for name in table.columns] for row in table.rows), fields
        )
    if withdrawn.exists():
        listed = read_table(withdrawn, required=WITHDRAWN_COLUMNS).rows
        cells |= {Cell(*(row.text(name) for name in WITHDRAWN_COLUMNS)) for row in listed}
    return cells


def withdrawn_notes(cells: Iterable[Cell]) -> Iterator[Note]:
    """Yield what a person has to remove."""
    for cell in cells:
        row = f"{cell.instrument} {cell.instance}" if cell.instrument else "the row of the subject"
        message = f"{row} has no value any more; an import leaves the old one: remove it in REDCap"
        yield Note(place=cell.field, subject_id=cell.record_id, code="WITHDRAWN", message=message)
