"""Every export of a study with 100,000 results, from the database to the last file."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

GOAL_SECONDS = 20.0
RESULTS = 100_000


def study_database(folder: Path, results: int) -> tuple[str, int]:
    """Write copies of the example patients until there are as many results; return address and number."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from export_examples import FIRST

    from mrdkit.result_rows import result_rows
    from mrdkit.store import Contents, StoredCall, write_database

    each = sum(len(result_rows(call)) for call in (*FIRST.calls, *FIRST.responses))
    records = tuple(_copy(FIRST, number) for number in range(-(-results // each)))
    calls = tuple(StoredCall(call=call) for record in records for call in (*record.calls, *record.responses))
    path = folder / "results.sqlite"
    contents = Contents(
        study_id="BENCH", software_version="0", settings={}, records=records, calls=calls, queries=()
    )
    write_database(path, contents)
    return f"sqlite:///{path}", each * len(records)


def _copy(record, number):  # noqa: ANN001, ANN202 - a patient's record
    name = f"P-{number:05d}"
    return replace(
        record,
        subject=replace(record.subject, subject_id=name),
        calls=tuple(replace(call, specimen=replace(call.specimen, subject_id=name)) for call in record.calls),
        responses=tuple(replace(call, subject_id=name) for call in record.responses),
    )


def exports(url: str, folder: Path) -> dict[str, Callable[[], object]]:
    """Return every export by its name."""
    from mrdkit.export.sdtm import CREATED
    from mrdkit.study.exports import export_cbioportal, export_parquet, export_redcap, export_sdtm

    return {
        "parquet": partial(export_parquet, url, folder / "parquet"),
        "sdtm": partial(export_sdtm, url, folder / "sdtm", created=CREATED),
        "redcap": partial(export_redcap, url, folder / "redcap"),
        "cbioportal": partial(export_cbioportal, url, folder / "cbioportal"),
    }


def main() -> None:
    """Print the seconds of each export."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, stored = study_database(folder, RESULTS)
        print(f"{stored} results; goal at most {GOAL_SECONDS:.0f} s")
        for form, export in exports(url, folder).items():
            start, work = perf_counter(), process_time()
            export()
            print(f"{form:<11} {perf_counter() - start:6.1f} s   {process_time() - work:6.1f} s of CPU")


if __name__ == "__main__":
    main()
