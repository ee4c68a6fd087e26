"""What `mrdkit export` writes: one study of a results database, in the form of another system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mrdkit.export import StudyTables, write_cbioportal, write_redcap, write_sdtm, write_tables
from mrdkit.export.values import Note
from mrdkit.patient.records import PatientRecord
from mrdkit.store import read_contents, read_records, study_ids
from mrdkit.study.assemble import endpoints_of

__all__ = ["Export", "export_cbioportal", "export_parquet", "export_redcap", "export_sdtm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written: file names within the folder, and what could not be written as it was."""

    study_id: str
    path: str
    subjects: int
    files: tuple[str, ...]
    notes: tuple[Note, ...]


def export_parquet(url: str, out: Path, *, study_id: str | None = None, spreadsheet: bool = False) -> Export:
    """Write every table as Parquet and CSV with its JSON schema.

    Raises:
        UsageError: the address is none, or the study is ambiguous.
        InputError: the database has no such study.
    """
    stored = read_contents(url, study_id=study_id)
    tables = StudyTables(
        study_id=stored.study_id,
        records=stored.records,
        calls=tuple(stored_call.call for stored_call in stored.calls),
        endpoints=endpoints_of(stored.records),
        queries=stored.queries,
    )
    files = write_tables(out, tables, spreadsheet=spreadsheet)
    return _export(stored.study_id, out, stored.records, files)


def export_sdtm(url: str, out: Path, *, study_id: str | None = None, created: datetime) -> Export:
    """Write the SDTM data sets.

    Raises:
        UsageError: the address is none, or the study is ambiguous.
        InputError: the database has no such study, or an identifier does not fit the format.
    """
    study, records = _stored(url, study_id)
    files, notes = write_sdtm(out, study, records, created)
    return _export(study, out, records, files, notes)


def export_redcap(url: str, out: Path, *, study_id: str | None = None, event: str | None = None) -> Export:
    """Write the REDCap import file and its data dictionary.

    Raises:
        UsageError: the address is none, or the study is ambiguous.
        InputError: the database has no such study, or the folder's numbers of instances are damaged.
    """
    study, records = _stored(url, study_id)
    files, notes = write_redcap(out, records, event=event)
    return _export(study, out, records, files, notes)


def export_cbioportal(url: str, out: Path, *, study_id: str | None = None) -> Export:
    """Write the cBioPortal study folder.

    Raises:
        UsageError: the address is none, or the study is ambiguous.
        InputError: the database has no such study, or two identifiers would become one.
    """
    study, records = _stored(url, study_id)
    files, notes = write_cbioportal(out, study, records)
    return _export(study, out, records, files, notes)


def _stored(url: str, wanted: str | None) -> tuple[str, tuple[PatientRecord, ...]]:
    records = read_records(url, study_id=wanted)
    return wanted or study_ids(url)[0], records


def _export(
    study_id: str,
    out: Path,
    records: Sequence[PatientRecord],
    files: Sequence[Path],
    notes: Sequence[Note] = (),
) -> Export:
    return Export(
        study_id=study_id,
        path=str(out),
        subjects=len(records),
        files=tuple(sorted(path.relative_to(out).as_posix() for path in files)),
        notes=tuple(notes),
    )
