"""Small study folders for tests, written table by table."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["COLUMNS", "file_row", "write_study", "write_table"]

_COLUMNS = """
    subjects.csv: subject_id sex age treatment_start arm salvage cr1_duration_months prior_sct
    manifest.csv: subject_id visit specimen_id specimen_type collected_on assay role path sha256 panel sample
        replicate
    assessments.csv: subject_id visit course marrow_date blasts_percent marrow_evaluable cbc_date anc anc_unit
        platelets platelets_unit extramedullary pb_blasts_percent cellularity_percent growth_factor
        platelet_transfusion_date
    events.csv: subject_id date event detail
    blood_counts.csv: subject_id date anc anc_unit platelets platelets_unit pb_blasts_percent
    fish_counts.csv: specimen_id subject_id visit collected_on probe_id reader pattern count
    karyotypes.csv: subject_id visit specimen_id collected_on karyotype
    external_results.csv: subject_id visit specimen_id collected_on assay status value unit numerator
        denominator lod source
"""


def _columns() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in _COLUMNS.split():
        if word.endswith(":"):
            found[word[:-1]] = []
        else:
            list(found.values())[-1].append(word)
    return found


#: Table -> its columns in the contract.
COLUMNS = _columns()

_TOML = 'id = "T1"\ncriteria = "jabbour2023"\npanel = "b_all_fixed"\n'
_SUBJECT = {"subject_id": "S1", "sex": "F", "age": "61", "treatment_start": "2024-01-08"}


def write_table(path: Path, rows: Sequence[Mapping[str, str]], *, without: str = "") -> None:
    """Write one table of a study; a cell that a row does not name is empty, `without` drops a column."""
    named = dict.fromkeys([*COLUMNS[path.name], *(name for row in rows for name in row)])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in named if name != without], restval="")
        writer.writeheader()
        writer.writerows({key: cell for key, cell in row.items() if key != without} for row in rows)


def write_study(folder: Path, toml: str = _TOML, /, **tables: Sequence[Mapping[str, str]]) -> Path:
    """Write study.toml, subjects.csv with S1 and the named tables; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    for name, rows in {"subjects": [_SUBJECT], **tables}.items():
        write_table(folder / f"{name}.csv", rows)
    return folder


def file_row(path: str, **cells: str) -> dict[str, str]:
    """Return a manifest row of a flow file of S1, unless told otherwise; the file names the specimen."""
    row = {
        "subject_id": "S1",
        "visit": "course 1",
        "specimen_id": Path(path).stem,
        "specimen_type": "BM",
        "collected_on": "2024-02-05",
        "assay": "flow_mrd",
        "role": "followup",
        "path": path,
    }
    return {**row, **cells}
