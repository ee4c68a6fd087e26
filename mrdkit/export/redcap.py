"""REDCap: an import file of one row per subject and repeated result, its data dictionary, its numbers.

Import with "blank values are ignored": this file then erases nothing. A repeated row keeps its number in the
same folder (`instances.csv`), so that an import never writes one result over another; a value that is gone is
listed (`withdrawn.csv`), since REDCap keeps it. REDCap is a machine: cells are raw. Source: facts on the
trial database, section 4.3.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from mrdkit.export.redcap_dictionary import (
    DICTIONARY_COLUMNS,
    Instrument,
    dictionary_rows,
    instruments,
    obeys,
)
from mrdkit.export.redcap_rows import Entry, entries_of
from mrdkit.export.redcap_withdrawn import WITHDRAWN_COLUMNS, cells_of, earlier_cells, withdrawn_notes
from mrdkit.export.values import Note
from mrdkit.files import read_table, write_csv, write_text
from mrdkit.patient.records import PatientRecord

__all__ = ["write_redcap"]

RECORDS = "records.csv"
DICTIONARY = "data_dictionary.csv"
INSTANCES = "instances.csv"
WITHDRAWN = "withdrawn.csv"
README = "README.txt"
_OTHER = "other"
_BREAKS = re.compile(r"[\r\n\t]+")
_INSTANCE_COLUMNS = ("record_id", "instrument", "key", "instance")
_TEXT = """\
1. Set up the project with data_dictionary.csv; switch on "repeating instruments" for: {repeating}.
2. Import records.csv with date format YMD and "ignore blank values" (overwriteBehavior=normal), never with
   "overwrite with blank values". A blank cell means "no value here" and erases nothing.
3. Keep this folder and export into it again: each result keeps its number (instances.csv).
4. Remove in REDCap by hand what withdrawn.csv lists: values of an earlier export that are results no longer.
These instruments belong to the import: a row that is typed into one of them may have the number of a result.
Cells are raw. Do not open and save these files with a spreadsheet.
"""


def write_redcap(
    folder: Path, records: Sequence[PatientRecord], *, event: str | None = None
) -> tuple[tuple[Path, ...], tuple[Note, ...]]:
    """Write the import file of a study; return the files, and the words and cells that a person must look at.

    Args:
        folder: where to; the numbers of an earlier export in it are kept, its values compared.
        records: the patients.
        event: unique name of the event of a longitudinal project; without it the project is a classic one.

    Raises:
        InputError: the files of an earlier export in the folder are damaged.
    """
    numbers = _Numbers(folder / INSTANCES)
    notes: list[Note] = []
    rows: list[list[str]] = []
    columns, fields = _columns(event), frozenset(_fields())
    for record in sorted(records, key=lambda each: each.subject.subject_id):
        found = _rows_of(record, event, numbers, notes)
        rows += [[cells.get(name, "") for name in columns] for cells in found]
    earlier = earlier_cells(folder / RECORDS, folder / WITHDRAWN, fields)
    withdrawn = sorted(earlier - cells_of(columns, rows, fields))
    # What an import must not forget is written before what is imported.
    write_csv(folder / INSTANCES, _INSTANCE_COLUMNS, numbers.rows())
    write_csv(folder / WITHDRAWN, WITHDRAWN_COLUMNS, withdrawn)
    write_csv(folder / RECORDS, columns, rows)
    write_csv(folder / DICTIONARY, DICTIONARY_COLUMNS, dictionary_rows())
    repeating = ", ".join(each.name for each in instruments() if each.repeats)
    write_text(folder / README, _TEXT.format(repeating=repeating))
    files = (RECORDS, DICTIONARY, INSTANCES, WITHDRAWN, README)
    return tuple(folder / name for name in files), (*notes, *withdrawn_notes(withdrawn))


_INSTRUMENT, _INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"
_RECORD, _EVENT = "record_id", "redcap_event_name"


def _columns(event: str | None) -> list[str]:
    """Return the columns of the import file: what names a row first, then every other field."""
    return [_RECORD, *([_EVENT] if event else []), _INSTRUMENT, _INSTANCE, *_fields()]


def _fields() -> Iterator[str]:
    """Yield the name of every field but the record's id."""
    for instrument in instruments():
        yield from (field.name for field in instrument.fields if field.name != _RECORD)


def _rows_of(
    record: PatientRecord, event: str | None, numbers: "_Numbers", notes: list[Note]
) -> Iterator[dict[str, str]]:
    """Yield the cells of every row of a patient; what is not there is empty."""
    subject_id = record.subject.subject_id
    forms = {each.name: each for each in instruments()}
    seen: Counter[tuple[str, str]] = Counter()
    for entry in entries_of(record):
        seen[entry.instrument, entry.key] += 1
        cells = {**_coded(entry, forms[entry.instrument], subject_id, notes), _RECORD: subject_id}
        if event:
            cells[_EVENT] = event
        if forms[entry.instrument].repeats:
            number = numbers.of(subject_id, entry, seen[entry.instrument, entry.key])
            cells |= {_INSTRUMENT: entry.instrument, _INSTANCE: str(number)}
        yield cells


def _coded(entry: Entry, form: Instrument, subject_id: str, notes: list[Note]) -> dict[str, str]:
    """Return the cells of one row, every one of them as the dictionary allows it."""
    cells: dict[str, str] = {}
    for field in form.fields:
        value = entry.values.get(field.name, "")
        if field.text and value:
            cells[field.text] = _line(value)
            value = value if obeys(field, value) else _OTHER
        if not field.choices and field.name not in cells:
            cells[field.name] = value if field.type == "notes" else _line(value)
        elif field.choices and obeys(field, value):
            cells[field.name] = value
        elif field.choices:
            message = f"{value[:80]!r} is none of the choices and is left out"
            notes.append(Note(place=field.name, subject_id=subject_id, code="NO_CHOICE", message=message))
    return cells


def _line(value: str) -> str:
    return _BREAKS.sub(" ", value)


class _Numbers:
    """The number of every repeated row: the one of an earlier export, else the next free."""

    def __init__(self, path: Path) -> None:
        self._known: dict[tuple[str, str, str], int] = {}
        self._given: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row in read_table(path, required=_INSTANCE_COLUMNS).rows if path.exists() else ():
            key = (row.required("record_id"), row.required("instrument"), row.text("key"))
            number = row.count("instance")
            if number < 1 or key in self._known or number in self._given[key[:2]]:
                raise row.error(
                    "the number of a repeated row is damaged",
                    code="INSTANCE_INVALID",
                    column="instance",
                    expected="a whole number from 1, once for each instrument of a subject",
                    found=str(number),
                )
            self._keep(key, number)

    def of(self, subject_id: str, entry: Entry, nth: int) -> int:
        """Return the number of the n-th row of one key."""
        key = (subject_id, entry.instrument, entry.key if nth == 1 else f"{entry.key}|#{nth}")
        if key not in self._known:
            self._keep(key, max(self._given[key[:2]], default=0) + 1)
        return self._known[key]

    def rows(self) -> list[tuple[str, str, str, int]]:
        """Return all numbers, those of rows that are gone included: they are never given again."""
        return [(*key, number) for key, number in sorted(self._known.items())]

    def _keep(self, key: tuple[str, str, str], number: int) -> None:
        self._known[key] = number
        self._given[key[:2]].add(number)
