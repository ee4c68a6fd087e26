"""`mrdkit cohort`: the endpoints of a study, its curves, and the comparisons of its patients."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from mrdkit.cli.output import JsonOption, fields_of, json_text, print_json, print_table
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.cohort import Endpoint
    from mrdkit.patient.records import PatientRecord
    from mrdkit.results import Json
    from mrdkit.study.cohort import CohortInput

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Endpoints, survival and comparisons of all patients."
)

_INCOMPLETE = 4
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
_TERMS = ("model", "covariate", "reference", "n", "n_events", "hazard_ratio", "ci_low", "ci_high", "p_value")
_BALANCE = (
    "covariate",
    "treated_before",
    "control_before",
    "difference_before",
    "difference_after",
    "balanced",
)
_POINTS = ("day", "at_risk", "events", "competing", "incidence", "ci_low", "ci_high")

_Source = Annotated[Path, typer.Argument(metavar="STUDY|OUT", help="A study, or the results of a run.")]
_By = Annotated[str | None, typer.Option(metavar="COLUMN", help="Compare the groups of this column.")]
_Only = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only these patients; may be repeated.")
]
_Landmark = Annotated[
    str | None,
    typer.Option(metavar="EVENT:DAYS", help="Compare who had the event by that day, such as sct:122."),
]
_FromLandmark = Annotated[bool, typer.Option(help="Start the clock at the landmark, not with treatment.")]
_Covariates = Annotated[str, typer.Option(metavar="COLUMN,...", help="Columns of subjects.csv, or findings.")]
_Output = Annotated[Path | None, typer.Option("-o", help="Also write here; .json or .csv.")]


@app.command()
def summarize(
    source: _Source,
    by: _By = None,
    landmark: _Landmark = None,
    *,
    only: _Only = None,
    from_landmark: _FromLandmark = False,
    output: _Output = None,
    as_json: JsonOption = False,
) -> None:
    """Print every endpoint with its denominator and interval."""
    from mrdkit.cohort.methods import methods_paragraph

    found = _read(source)
    patients = _chosen(found, only)
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
    _print(document, "endpoints", _ENDPOINTS, output=output, as_json=as_json)
    _leave(found)


@app.command()
def curves(
    source: _Source,
    folder: Annotated[Path, typer.Option("-o", "--out", help="Folder for os.svg and rfs.svg.")],
    by: _By = None,
    landmark: _Landmark = None,
    *,
    only: _Only = None,
    from_landmark: _FromLandmark = False,
    as_json: JsonOption = False,
) -> None:
    """Draw the survival curves with the numbers at risk, as SVG."""
    from mrdkit.cohort.landmark import read_landmark
    from mrdkit.files import write_text
    from mrdkit.report import survival_figures

    found = _read(source)
    _one_comparison(by, landmark)
    mark = read_landmark(landmark, from_landmark=from_landmark) if landmark else None
    figures = survival_figures(_chosen(found, only), by=by, landmark=mark)
    for figure in figures:
        write_text(folder / f"{figure.name}.svg", figure.svg)
    if as_json:
        written = [{"path": str(folder / f"{each.name}.svg"), "about": each.about} for each in figures]
        print_json({"results": written, "failures": found.failures})
    else:
        for figure in figures:
            sys.stdout.write(f"{folder / figure.name}.svg: {figure.about}\n")
    _leave(found)


@app.command()
def cox(
    source: _Source,
    covariates: _Covariates = "",
    *,
    endpoint: Annotated[Literal["os", "rfs"], typer.Option(help="Overall or relapse-free survival.")] = "os",
    time_dependent: Annotated[
        str, typer.Option(metavar="EVENT,...", help="Exposures that change with time, such as sct.")
    ] = "",
    only: _Only = None,
    output: _Output = None,
    as_json: JsonOption = False,
) -> None:
    """Fit Cox models: each covariate alone, then together those that reached the level."""
    from mrdkit.cohort.landmark import event_kind
    from mrdkit.cohort.regression import cox_report

    found = _read(source)
    exposures = [event_kind(word) for word in _names(time_dependent)]
    report = cox_report(_chosen(found, only), _names(covariates), clock=endpoint, time_dependent=exposures)
    document = {"path": str(source), **fields_of(report), "failures": found.failures}
    _print(document, "terms", _TERMS, output=output, as_json=as_json)
    _leave(found)


@app.command("match")
def match_command(
    source: _Source,
    treated: Annotated[str, typer.Option(metavar="COLUMN=VALUE", help="Who gets a partner.")],
    covariates: _Covariates,
    *,
    only: _Only = None,
    output: _Output = None,
    as_json: JsonOption = False,
) -> None:
    """Match pairs of patients by their propensity score, and print the balance."""
    from mrdkit.cohort.groups import read_condition
    from mrdkit.cohort.matching import match

    found = _read(source)
    column, value = read_condition(treated)
    made = match(_chosen(found, only), column, value, _names(covariates))
    document = {"path": str(source), **fields_of(made), "failures": found.failures}
    _print(document, "balance", _BALANCE, output=output, as_json=as_json)
    if not as_json:
        sys.stdout.write(f"{len(made.pairs)} pairs; {made.method}\n")
    _leave(found)


@app.command("incidence")
def incidence_command(
    source: _Source,
    column: Annotated[str, typer.Option(metavar="COLUMN", help="Column with the event's date: sos_date.")],
    *,
    only: _Only = None,
    output: _Output = None,
    as_json: JsonOption = False,
) -> None:
    """Print the cumulative incidence of an event, death without it competing."""
    from mrdkit.cohort.competing import incidence

    found = _read(source)
    curve = incidence(_chosen(found, only), column)
    document = {"path": str(source), **fields_of(curve), "failures": found.failures}
    _print(document, "points", _POINTS, output=output, as_json=as_json)
    _leave(found)


@app.command()
def stopping(
    limit_percent: Annotated[float, typer.Option(help="Rate that must not be exceeded.")],
    certainty_percent: Annotated[float, typer.Option(help="Stop where it is exceeded with more than this.")],
    patients: Annotated[int, typer.Option(help="Largest number of patients.")],
    *,
    from_patient: Annotated[int, typer.Option(help="No look before so many patients.")] = 1,
    prior_events: Annotated[float | None, typer.Option(help="Beta prior, first parameter.")] = None,
    prior_others: Annotated[float | None, typer.Option(help="Beta prior, second parameter.")] = None,
    true_percent: Annotated[
        list[float] | None, typer.Option(help="Chance of stopping at this true rate; may be repeated.")
    ] = None,
    output: _Output = None,
    as_json: JsonOption = False,
) -> None:
    """Tabulate when a monitored trial stops: Beta-binomial, a look after every patient."""
    from mrdkit.cohort.rules import analysis_rules
    from mrdkit.cohort.stopping import StoppingRule, boundaries, chance_of_stopping

    defaults = analysis_rules().stopping
    rule = StoppingRule(
        limit=limit_percent / 100.0,
        certainty=certainty_percent / 100.0,
        patients=patients,
        prior_events=defaults.prior_events if prior_events is None else prior_events,
        prior_others=defaults.prior_others if prior_others is None else prior_others,
        from_patient=from_patient,
    )
    chances = [
        {"true_percent": rate, "stops_percent": 100.0 * chance_of_stopping(rule, rate / 100.0)}
        for rate in true_percent or ()
    ]
    document = {"rule": rule, "boundaries": boundaries(rule), "operating_characteristics": chances}
    _print(document, "boundaries", ("patients", "stop_at_events"), output=output, as_json=as_json)
    if chances and not as_json:
        print_table(chances, ("true_percent", "stops_percent"))


def _read(source: Path) -> "CohortInput":
    from mrdkit.study.cohort import read_cohort

    return read_cohort(source)


def _chosen(found: "CohortInput", only: Sequence[str] | None) -> "tuple[PatientRecord, ...]":
    from mrdkit.cohort.groups import only as only_those

    return only_those(found.records, only or ())


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


def _names(text: str) -> list[str]:
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _print(
    document: Mapping[str, object],
    table: str,
    columns: Sequence[str],
    *,
    output: Path | None,
    as_json: bool,
) -> None:
    fields = fields_of(dict(document))
    rows = cast("list[Mapping[str, Json]]", fields[table])
    if output is not None:
        _write(output, fields, rows)
    if as_json:
        print_json(fields)
    else:
        print_table(rows, columns)
        _print_remarks(fields, rows)


def _write(output: Path, fields: Mapping[str, object], rows: Sequence[Mapping[str, "Json"]]) -> None:
    from mrdkit.files import write_csv, write_text

    match output.suffix:
        case ".json":
            write_text(output, json_text(fields))
        case ".csv":
            columns = list(rows[0]) if rows else []
            write_csv(output, columns, ([_cell(row[name]) for name in columns] for row in rows))
        case suffix:
            raise UsageError(
                "no table of this kind can be written",
                code="OUTPUT_KIND_UNKNOWN",
                file=output,
                expected=".json or .csv",
                found=suffix or "no suffix",
            )


def _cell(value: "Json") -> object:
    return "|".join(map(str, value)) if isinstance(value, list) else value


def _print_remarks(fields: Mapping[str, object], rows: Sequence[Mapping[str, "Json"]]) -> None:
    """Say on stderr, once, what the table does not show."""
    said = [reason for part in (fields, *rows) for reason in _list(part.get("reasons"))]
    for reason in dict.fromkeys(said):
        sys.stderr.write(f"mrdkit: {reason}\n")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _leave(found: "CohortInput") -> None:
    """Name what could not be used, and leave with 4 where there is such."""
    for failure in found.failures:
        sys.stderr.write(f"mrdkit: {failure.error}: {failure.path}: {failure.message}\n")
    if found.failures:
        raise typer.Exit(_INCOMPLETE)
