"""`mrdkit export`: a study of the results database in the form of another system."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.results import Json
    from mrdkit.study.exports import Export

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Write results for other systems.")

_Database = Annotated[
    str, typer.Option("--db", metavar="URL", help="sqlite:////absolute/path or postgresql://...")
]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder for the files.")]
_StudyId = Annotated[
    str | None, typer.Option("--study", metavar="ID", help="Which study, where the database holds several.")
]


@app.command()
def parquet(
    *,
    db: _Database,
    out: _Out,
    study: _StudyId = None,
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="Also write CSV files that are safe to open in one.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Every table as Parquet and CSV, each with its JSON schema."""
    from mrdkit.study.exports import export_parquet

    _print(export_parquet(db, out, study_id=study, spreadsheet=spreadsheet), as_json=as_json)


@app.command()
def sdtm(
    *,
    db: _Database,
    out: _Out,
    study: _StudyId = None,
    created: Annotated[
        datetime, typer.Option(help="Time of creation in the files; no clock is read.")
    ] = datetime(1970, 1, 1),  # noqa: DTZ001 - the formats hold local time
    as_json: JsonOption = False,
) -> None:
    """SDTM data sets as XPT version 5 and Dataset-JSON 1.1, and the codelist extensions."""
    from mrdkit.study.exports import export_sdtm

    _print(export_sdtm(db, out, study_id=study, created=created), as_json=as_json)


@app.command()
def redcap(
    *,
    db: _Database,
    out: _Out,
    study: _StudyId = None,
    event: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Unique name of the event that takes the data (longitudinal)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """A REDCap import file with its data dictionary."""
    from mrdkit.study.exports import export_redcap

    _print(export_redcap(db, out, study_id=study, event=event), as_json=as_json)


@app.command()
def cbioportal(*, db: _Database, out: _Out, study: _StudyId = None, as_json: JsonOption = False) -> None:
    """A cBioPortal study folder: clinical data, time lines, TP53 mutations."""
    from mrdkit.study.exports import export_cbioportal

    _print(export_cbioportal(db, out, study_id=study), as_json=as_json)


def _print(export: "Export", *, as_json: bool) -> None:
    from mrdkit.results import as_json as json_of

    if as_json:
        print_json(export)
        return
    print_table(
        [{"study_id": export.study_id, "subjects": export.subjects, "files": len(export.files)}],
        ["study_id", "subjects", "files"],
    )
    if export.notes:
        print_table(
            [cast("Mapping[str, Json]", json_of(note)) for note in export.notes],
            ["place", "subject_id", "code", "message"],
        )
