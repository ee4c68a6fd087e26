"""The folder of an SDTM export: each data set as XPT and Dataset-JSON, the codelist extensions, the notes.

No clock: the time of creation is an argument, so that the same store gives the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mrdkit.export.sdtm.dataset_json import dataset_json
from mrdkit.export.sdtm.datasets import Dataset, Findings, Row, build_datasets
from mrdkit.export.sdtm.disease import flow_rows, sequencing_rows
from mrdkit.export.sdtm.genes import gene_rows
from mrdkit.export.sdtm.marrow import blood_rows, marrow_rows
from mrdkit.export.sdtm.model import codelists
from mrdkit.export.sdtm.people import (
    arm_codes,
    collection_rows,
    demographic_notes,
    demographic_row,
    specimen_rows,
)
from mrdkit.export.sdtm.response import response_rows
from mrdkit.export.sdtm.subject import SubjectView, flag_baseline, subject_views
from mrdkit.export.sdtm.xpt import xpt_bytes
from mrdkit.export.values import Note, spreadsheet_row
from mrdkit.files import write_bytes, write_csv, write_text
from mrdkit.patient.records import PatientRecord

__all__ = ["CREATED", "sdtm_findings", "write_sdtm"]

#: The time of creation where none is given.
CREATED = datetime(1970, 1, 1)  # noqa: DTZ001 - Dataset-JSON and XPT say local time

EXTENSIONS = "codelist_extensions.csv"
NOTES = "notes.csv"
_OF_PROFILE = "category of the criteria profile named in RSSCAT, or a choice between its categories"


def write_sdtm(
    folder: Path, study_id: str, records: Sequence[PatientRecord], created: datetime = CREATED
) -> tuple[tuple[Path, ...], tuple[Note, ...]]:
    """Write the data sets of a study; return the files and what could not be written as it was.

    Raises:
        InputError: an identifier does not fit the format; nothing was written.
    """
    findings = sdtm_findings(study_id, records)
    contents = [(each, xpt_bytes(each, created)) for each in findings.datasets]
    written: list[Path] = []
    for dataset, transport in contents:
        stem = folder / dataset.name.lower()
        write_bytes(stem.with_suffix(".xpt"), transport)
        write_text(stem.with_suffix(".json"), dataset_json(dataset, study_id, created))
        written += [stem.with_suffix(".xpt"), stem.with_suffix(".json")]
    _write_extensions(folder / EXTENSIONS, findings)
    _write_notes(folder / NOTES, findings.notes)
    _remove_stale(folder, findings.datasets)
    return (*written, folder / EXTENSIONS, folder / NOTES), findings.notes


def sdtm_findings(study_id: str, records: Sequence[PatientRecord]) -> Findings:
    """Return every data set of a study, the extensions used in them, and notes.

    Raises:
        InputError: an identifier does not fit the format.
    """
    views = subject_views(study_id, records)
    codes = arm_codes(records)
    rows = {
        "DM": [demographic_row(view, codes) for view in views],
        **{name: [row for view in views for row in make(view)] for name, make in _MAKERS.items()},
    }
    findings = build_datasets(
        study_id, {name: flag_baseline(name, each, views) for name, each in rows.items()}
    )
    lacking = (note for view in views for note in demographic_notes(view))
    return replace(findings, notes=(*lacking, *findings.notes))


def _genomics(view: SubjectView) -> Iterator[Row]:
    yield from sequencing_rows(view)
    yield from gene_rows(view)


_MAKERS: Mapping[str, Callable[[SubjectView], Iterator[Row]]] = {
    "LB": blood_rows,
    "MI": marrow_rows,
    "CP": flow_rows,
    "GF": _genomics,
    "RS": response_rows,
    "BE": collection_rows,
    "RELSPEC": specimen_rows,
}


def _write_extensions(path: Path, findings: Findings) -> None:
    """Name every value that is no term of the standard, with its meaning and where it is used."""
    rows = []
    for use in findings.extensions:
        codelist = codelists()[use.codelist]
        meaning = next((each.meaning for each in codelist.extensions if each.value == use.value), _OF_PROFILE)
        rows.append(spreadsheet_row([use.codelist, codelist.name, use.value, meaning, use.place, use.count]))
    write_csv(path, ("codelist", "codelist_name", "value", "meaning", "used_in", "n_values"), rows)


def _write_notes(path: Path, notes: Iterable[Note]) -> None:
    rows = [spreadsheet_row([note.place, note.subject_id, note.code, note.message]) for note in notes]
    write_csv(path, ("place", "subject_id", "code", "message"), rows)


def _remove_stale(folder: Path, datasets: Iterable[Dataset]) -> None:
    """Remove supplemental qualifiers of an earlier export that this one does not have."""
    names = {dataset.name.lower() for dataset in datasets}
    for path in (*folder.glob("supp*.xpt"), *folder.glob("supp*.json")):
        if path.stem not in names:
            path.unlink()
