"""`mrdkit cohort cox`, `match`, `incidence` and `stopping`: models of a cohort, and rules of a trial."""

import sys
from typing import Annotated, Literal

import typer

from mrdkit.cli.cohort_input import (
    Only,
    Output,
    Source,
    chosen,
    leave,
    names_in,
    print_document,
    read_patients,
)
from mrdkit.cli.output import JsonOption, fields_of, print_table

__all__ = ["register"]

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
_Covariates = Annotated[str, typer.Option(metavar="COLUMN,...", help="Columns of subjects.csv, or findings.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the cohort group."""
    app.command("cox")(cox)
    app.command("match")(match_command)
    app.command("incidence")(incidence_command)
    app.command("stopping")(stopping)


def cox(
    source: Source,
    covariates: _Covariates = "",
    *,
    endpoint: Annotated[Literal["os", "rfs"], typer.Option(help="Overall or relapse-free survival.")] = "os",
    time_dependent: Annotated[
        str, typer.Option(metavar="EVENT,...", help="Exposures that change with time, such as sct.")
    ] = "",
    only: Only = None,
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Fit Cox models: each covariate alone, then together those that reached the level."""
    from mrdkit.cohort.landmark import event_kind
    from mrdkit.cohort.regression import cox_report

    found = read_patients(source)
    exposures = [event_kind(word) for word in names_in(time_dependent)]
    report = cox_report(chosen(found, only), names_in(covariates), clock=endpoint, time_dependent=exposures)
    document = {"path": str(source), **fields_of(report), "failures": found.failures}
    print_document(document, "terms", _TERMS, output=output, as_json=as_json)
    leave(found)


def match_command(
    source: Source,
    treated: Annotated[str, typer.Option(metavar="COLUMN=VALUE", help="Who gets a partner.")],
    covariates: _Covariates,
    *,
    only: Only = None,
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Match pairs of patients by their propensity score, and print the balance."""
    from mrdkit.cohort.groups import read_condition
    from mrdkit.cohort.matching import match

    found = read_patients(source)
    column, value = read_condition(treated)
    made = match(chosen(found, only), column, value, names_in(covariates))
    document = {"path": str(source), **fields_of(made), "failures": found.failures}
    print_document(document, "balance", _BALANCE, output=output, as_json=as_json)
    if not as_json:
        sys.stdout.write(f"{len(made.pairs)} pairs; {made.method}\n")
    leave(found)


def incidence_command(
    source: Source,
    column: Annotated[str, typer.Option(metavar="COLUMN", help="Column with the event's date: sos_date.")],
    *,
    only: Only = None,
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Print the cumulative incidence of an event, death without it competing."""
    from mrdkit.cohort.competing import incidence

    found = read_patients(source)
    curve = incidence(chosen(found, only), column)
    document = {"path": str(source), **fields_of(curve), "failures": found.failures}
    print_document(document, "points", _POINTS, output=output, as_json=as_json)
    leave(found)


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
    output: Output = None,
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
    print_document(document, "boundaries", ("patients", "stop_at_events"), output=output, as_json=as_json)
    if chances and not as_json:
        print_table(chances, ("true_percent", "stops_percent"))
