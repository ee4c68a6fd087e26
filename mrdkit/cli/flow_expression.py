"""`mrdkit flow expression`: antigens on the blasts of diagnosis and relapse tubes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import JsonOption, finish, print_table, run_each
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.flow.mrd.expression_cutoff import Control
    from mrdkit.flow.mrd.expression_report import ExpressionReport
    from mrdkit.flow.mrd.expression_rules import ExpressionSettings
    from mrdkit.flow.mrd.panel import Panel
    from mrdkit.results import Json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the flow group."""
    app.command("expression")(expression)


def expression(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="FCS files of diagnosis or relapse.", show_default=False),
    ],
    *,
    panel: Annotated[str, typer.Option("--panel", help="Path or shipped name of a panel.")],
    markers: Annotated[str, typer.Option("--markers", help="Markers of the panel: CD19,CD20,CD22.")],
    control: Annotated[
        list[str] | None,
        typer.Option(
            "--control",
            help="MARKER=FILE: control tube (FMO, isotype) for one marker; a lone FILE serves every marker.",
        ),
    ] = None,
    diagnosis: Annotated[
        Path | None, typer.Option("--diagnosis", help="The patient's diagnosis tube, to compare with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which antigens the blasts carry: percent positive, median, limits of therapies, losses."""
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.mrd.expression_cutoff import Question
    from mrdkit.flow.mrd.expression_report import compared_with, expression_report
    from mrdkit.flow.mrd.expression_rules import read_expression_settings
    from mrdkit.flow.mrd.panel import read_panel

    rules, settings = read_panel(panel), read_expression_settings()
    names = tuple(name.strip() for name in markers.split(",") if name.strip())
    if control and diagnosis is not None:
        raise UsageError(
            "a diagnosis tube is compared by cut-offs of each tube's own",
            code="CONTROL_WITH_DIAGNOSIS",
            place="--control",
            remedy="leave --control or --diagnosis out",
        )
    controls = _controls(control or [], names, rules, settings)
    question = Question(panel=rules, markers=names, settings=settings, controls=controls)
    first = None if diagnosis is None else expression_report(read_fcs(diagnosis), question)

    def told(path: Path) -> "ExpressionReport":
        found = expression_report(read_fcs(path), question)
        return found if first is None else compared_with(first, found, settings)

    batch = run_each(files, told)
    if not as_json:
        _print_markers(batch.results)
    finish(
        batch,
        as_json_document=as_json,
        columns=("path", "state", "n_blasts", "blasts_percent", "flags"),
        incomplete=_incomplete,
    )


def _controls(
    given: list[str], markers: tuple[str, ...], panel: "Panel", settings: "ExpressionSettings"
) -> "dict[str, Control]":
    """Return the control tube of each marker; a later one replaces an earlier one."""
    from mrdkit.errors import MrdkitError
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.mrd.expression_cutoff import controls_of

    controls: dict[str, Control] = {}
    for text in given:
        name, sign, path = text.partition("=")
        served, file = ((name,), path) if sign and name in markers else (markers, text)
        try:
            controls |= controls_of(read_fcs(file), panel, served, settings)
        except MrdkitError as error:
            raise error.in_file(file) from None
    return controls


def _incomplete(result: "Mapping[str, Json]") -> bool:
    rows = result["markers"]
    return not isinstance(rows, list) or any(
        isinstance(row, dict) and row["percent_positive"] is None for row in rows
    )


def _print_markers(results: "tuple[Mapping[str, Json], ...]") -> None:
    columns = ("path", "marker", "percent_positive", "ci_low", "ci_high", "median", "cutoff", "cutoff_method")
    rows = [
        {"path": result["path"], **row}
        for result in results
        if isinstance(found := result["markers"], list)
        for row in found
        if isinstance(row, dict)
    ]
    print_table(rows, columns)
