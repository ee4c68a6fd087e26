"""Every export of a study with 100,000 results, from the database to the last file, and the reading alone.

Goal: each export in at most 20 s, reading included.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

if TYPE_CHECKING:
    from mrdkit.patient.records import PatientRecord

GOAL_SECONDS = 20.0
RESULTS = 100_000


def study_database(folder: Path, results: int) -> tuple[str, int]:
    """Write copies of the example patients until there are as many results; return address and number."""
    from export_examples import FIRST

    from mrdkit.result_rows import result_rows
    from mrdkit.store import Contents, StoredCall, write_database

    each = sum(len(result_rows(call)) for call in (*FIRST.calls, *FIRST.responses))
    records = tuple(_copy(FIRST, f"P-{number:05d}") for number in range(-(-results // each)))
    calls = tuple(StoredCall(call=call) for record in records for call in (*record.calls, *record.responses))
    path = folder / "results.sqlite"
    contents = Contents(
        study_id="BENCH", software_version="0", settings={}, records=records, calls=calls, queries=()
    )
    write_database(path, contents)
    return f"sqlite:///{path}", each * len(records)


def _copy(record: "PatientRecord", name: str) -> "PatientRecord":
    """Return a patient of another name: every row of a record says whose it is."""
    return replace(
        record,
        subject=replace(record.subject, subject_id=name),
        calls=tuple(replace(call, specimen=replace(call.specimen, subject_id=name)) for call in record.calls),
        responses=tuple(replace(call, subject_id=name) for call in record.responses),
        events=tuple(replace(row, subject_id=name) for row in record.events),
        external=tuple(replace(row, subject_id=name) for row in record.external),
        assessments=tuple(replace(row, subject_id=name) for row in record.assessments),
        blood_counts=tuple(replace(row, subject_id=name) for row in record.blood_counts),
    )


def steps(url: str, folder: Path) -> dict[str, Callable[[], object]]:
    """Return every export by its name, after the two ways of reading that they begin with."""
    from mrdkit.export.sdtm import CREATED
    from mrdkit.store import read_contents, read_records
    from mrdkit.study.exports import export_cbioportal, export_parquet, export_redcap, export_sdtm

    return {
        "read results": partial(read_contents, url),
        "read records": partial(read_records, url),
        "parquet": partial(export_parquet, url, folder / "parquet"),
        "sdtm": partial(export_sdtm, url, folder / "sdtm", created=CREATED),
        "redcap": partial(export_redcap, url, folder / "redcap"),
        "cbioportal": partial(export_cbioportal, url, folder / "cbioportal"),
    }


def measure_exports(name: str, url: str, folder: Path) -> None:
    """Print how long each step takes on one database."""
    for step, action in steps(url, folder).items():
        wall, cpu = perf_counter(), process_time()
        action()
        wall, cpu = perf_counter() - wall, process_time() - cpu
        goal = "" if step.startswith("read") else f"   goal at most {GOAL_SECONDS:.0f} s"
        print(f"{name:<11} {step:<17} {wall:7.1f} s   {cpu:7.1f} s CPU here{goal}", flush=True)


def main() -> None:
    """Measure a database made for it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, stored = study_database(folder, RESULTS)
        print(f"{stored} results")
        measure_exports("SQLite", url, folder)


if __name__ == "__main__":
    main()
