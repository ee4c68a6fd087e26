"""`mrdkit cohort`: the endpoints of a study, its curves, and the comparisons of its patients."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.cohort_input import Only, Output, Source, chosen, leave, print_document, read_patients
from mrdkit.cli.output import JsonOption, print_json
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.cohort import Endpoint
    from mrdkit.patient.records import PatientRecord

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Endpoints, survival and comparisons of all patients."
)

_ENDPOINTS = (
    "endpoint",
    "group",
    "n",
    "denominator",
    "percent",
    "value",
    "unit",
    "ci_low",
    "ci_high",
    "p_value",
)

_By = Annotated[str | None, typer.Option(metavar="COLUMN", help="Compare the groups of this column.")]
_Landmark = Annotated[
    str | None,
    typer.Option(metavar="EVENT:DAYS", help="Compare who had the event by that day, such as sct:122."),
]
_FromLandmark = Annotated[bool, typer.Option(help="Start the clock at the landmark, not with treatment.")]


@app.command()
def summarize(
    source: Source,
    by: _By = None,
    landmark: _Landmark = None,
    *,
    only: Only = None,
    from_landmark: _FromLandmark = False,
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Print every endpoint with its denominator and interval."""
    from mrdkit.cohort.methods import methods_paragraph

    found = read_patients(source)
    patients = chosen(found, only)
    rows = _rows_of(patients, by, landmark, from_landmark=from_landmark)
    document = {
        "path": str(source),
        "n_patients": len(patients),
        "endpoints": rows,
        "failures": found.failures,
        "flags": found.flags,
        "reasons": found.reasons,
        "methods": methods_paragraph(patients),
    }
    print_document(document, "endpoints", _ENDPOINTS, output=output, as_json=as_json)
    leave(found)


@app.command()
def curves(
    source: Source,
    folder: Annotated[Path, typer.Option("-o", "--out", help="Folder for os.svg and rfs.svg.")],
    by: _By = None,
    landmark: _Landmark = None,
    *,
    only: Only = None,
    from_landmark: _FromLandmark = False,
    as_json: JsonOption = False,
) -> None:
    """Draw the survival curves with the numbers at risk, as SVG."""
    from mrdkit.cohort.landmark import read_landmark
    from mrdkit.files import write_text
    from mrdkit.report import survival_figures

    found = read_patients(source)
    _one_comparison(by, landmark)
    mark = read_landmark(landmark, from_landmark=from_landmark) if landmark else None
    figures = survival_figures(chosen(found, only), by=by, landmark=mark)
    for figure in figures:
        write_text(folder / f"{figure.name}.svg", figure.svg)
    if as_json:
        written = [{"path": str(folder / f"{each.name}.svg"), "about": each.about} for each in figures]
        print_json({"results": written, "failures": found.failures})
    else:
        for figure in figures:
            sys.stdout.write(f"{folder / figure.name}.svg: {figure.about}\n")
    leave(found)


def _rows_of(
    patients: "tuple[PatientRecord, ...]", by: str | None, landmark: str | None, *, from_landmark: bool
) -> "tuple[Endpoint, ...]":
    from mrdkit.cohort import summarize as summarize_all
    from mrdkit.cohort import summarize_by
    from mrdkit.cohort.landmark import landmark_rows, read_landmark

    _one_comparison(by, landmark)
    if landmark is not None:
        return landmark_rows(patients, read_landmark(landmark, from_landmark=from_landmark))
    return summarize_all(patients) if by is None else summarize_by(patients, by)


def _one_comparison(by: str | None, landmark: str | None) -> None:
    if by is not None and landmark is not None:
        raise UsageError(
            "--by and --landmark are two comparisons",
            code="COMPARISON_AMBIGUOUS",
            remedy="give one of them; --only COLUMN=VALUE restricts the patients of the other",
        )
