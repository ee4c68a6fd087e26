"""What a results database holds now: the last version of every record, call, picture and query of a study."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Table, select

from mrdkit.errors import InputError, StoreError, UsageError
from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow
from mrdkit.results import Call
from mrdkit.store import schema
from mrdkit.store.cells import Row
from mrdkit.store.collecting import no_collection
from mrdkit.store.contents import Contents, Picture, StoredCall
from mrdkit.store.documents import call_from_text, record_from_text
from mrdkit.store.engine import Source, engine_of, reading
from mrdkit.store.migrate import require_current

__all__ = ["read_contents", "read_records", "study_ids"]

T = TypeVar("T")

_ORDER = (
    "subject_id",
    "visit",
    "assay",
    "method",
    "specimen_id",
    "role",
    "replicate",
    "occurrence",
    "assay_run_key",
)


def read_records(source: Source, *, study_id: str | None = None) -> tuple[PatientRecord, ...]:
    """Return the patients of a results database, sorted by subject.

    Args:
        source: path of a `results.sqlite`, or the address of a database.
        study_id: the study; needed where the database holds several.

    Raises:
        InputError: there is no such file or study, or it is no results database of this version.
        UsageError: the address is none, or the study is not clear.
    """

    def read(connection: Connection) -> tuple[PatientRecord, ...]:
        return _records(connection, _study(connection, study_id), _Calls(connection))

    return _read(source, read)


def read_contents(source: Source, *, study_id: str | None = None) -> Contents:
    """Return everything that a results database holds now of one study, as one batch.

    The calls are in a fixed order that depends on what they are about only; retracted ones are left out.

    Raises:
        InputError: there is no such file or study, or it is no results database of this version.
        UsageError: the address is none, or the study is not clear.
    """

    def read(connection: Connection) -> Contents:
        study = _study(connection, study_id)
        batch = _last_batch(connection, study)
        calls = _Calls(connection)
        return Contents(
            study_id=study,
            software_version=batch["software_version"],
            settings=json.loads(batch["settings"]),
            records=_records(connection, study, calls),
            calls=tuple(_stored_calls(connection, study, calls)),
            queries=tuple(_queries(connection, batch["number"])),
        )

    return _read(source, read)


def study_ids(source: Source) -> tuple[str, ...]:
    """Return the studies of a results database, sorted.

    Raises:
        InputError: there is no such file, or it is no results database of this version.
    """
    return _read(source, _studies)


def _read(source: Source, read: Callable[[Connection], T]) -> T:
    try:
        with reading(engine_of(source, read_only=True)) as connection, no_collection():
            require_current(connection)
            return read(connection)
    except (StoreError, ValueError, KeyError, TypeError) as error:
        if not isinstance(source, Path) and isinstance(error, StoreError):
            raise
        raise InputError(
            "the file is no results database of this version",
            code="STORE_UNREADABLE",
            file=source if isinstance(source, Path) else None,
        ) from None


def _studies(connection: Connection) -> tuple[str, ...]:
    found = connection.execute(select(schema.studies.c.study_id)).scalars()
    return tuple(sorted(found))


def _study(connection: Connection, wanted: str | None) -> str:
    found = _studies(connection)
    if wanted is not None and wanted not in found:
        raise InputError(
            "the database has no such study",
            code="STUDY_UNKNOWN",
            expected=_listed(found),
            found=wanted[:100],
        )
    if wanted is None and len(found) > 1:
        raise UsageError(
            "the database holds several studies",
            code="STUDY_AMBIGUOUS",
            expected=_listed(found),
            remedy="--study ID",
        )
    if not found:
        raise InputError(
            "the database holds no study yet", code="STUDY_MISSING", remedy="mrdkit db ingest OUT"
        )
    return wanted or found[0]


def _listed(names: tuple[str, ...]) -> str:
    return "one of " + ", ".join(names[:10]) if names else "none yet"


class _Calls(Mapping[str, Call]):
    """The calls of a database by their names, each made once: a record and a run share theirs."""

    def __init__(self, connection: Connection) -> None:
        table = schema.calls
        query = select(table.c.call_id, table.c.assay, table.c.document)
        self._written = {name: (assay, text) for name, assay, text in connection.execute(query)}
        self._made: dict[str, Call] = {}

    def __getitem__(self, name: str) -> Call:
        if name not in self._made:
            self._made[name] = call_from_text(*self._written[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


def _records(connection: Connection, study_id: str, calls: Mapping[str, Call]) -> tuple[PatientRecord, ...]:
    rows = _last(connection, schema.records, study_id)
    ordered = sorted(rows, key=lambda row: str(row["subject_id"]))
    return tuple(record_from_text(row["record"], calls) for row in ordered)


def _stored_calls(connection: Connection, study_id: str, calls: Mapping[str, Call]) -> Iterator[StoredCall]:
    runs = _last(connection, schema.assay_runs, study_id)
    pictures = _pictures(connection)
    shown: set[str] = set()
    for run in sorted(runs, key=lambda row: tuple(str(row[name] or "") for name in _ORDER)):
        name = run["call_id"]
        yield StoredCall(
            call=calls[name],
            role=run["role"],
            replicate=run["replicate"],
            instrument=run["instrument"],
            figures=() if name in shown else tuple(pictures.get(name, ())),
        )
        shown.add(name)


def _pictures(connection: Connection) -> dict[str, list[Picture]]:
    found: dict[str, list[Picture]] = {}
    table = schema.figures
    query = select(table).order_by(table.c.call_id, table.c.section, table.c.name, table.c.figure_id)
    for row in connection.execute(query).mappings():
        values = {name: value for name, value in row.items() if name not in ("figure_id", "call_id", "batch")}
        found.setdefault(row["call_id"], []).append(Picture(**values))
    return found


def _queries(connection: Connection, batch: int) -> Iterator[QueryRow]:
    table = schema.queries
    query = select(table).where(table.c.batch == batch).order_by(table.c.number)
    for row in connection.execute(query).mappings():
        yield QueryRow(**{name: value for name, value in row.items() if name not in ("batch", "number")})


def _last_batch(connection: Connection, study_id: str) -> Row:
    table = schema.batches
    query = select(table).where(table.c.study_id == study_id).order_by(table.c.number.desc()).limit(1)
    return dict(connection.execute(query).mappings().one())


def _last(connection: Connection, table: Table, study_id: str) -> list[Row]:
    """Return the last version of each row of a study, without those that were retracted."""
    key = next(iter(table.primary_key))
    query = select(table).where(table.c.study_id == study_id).order_by(key, table.c.version)
    last = {row[key.name]: dict(row) for row in connection.execute(query).mappings()}
    return [row for row in last.values() if row["action"] != "delete"]
