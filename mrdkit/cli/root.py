"""The root command and its groups.

Each command imports the rooms that it calls when it runs, so that `mrdkit --help` stays fast.
"""

from typing import Annotated

import typer

from mrdkit.cli import (
    cohort,
    cohort_models,
    db,
    export,
    fish,
    flow,
    flow_background,
    flow_dilute,
    flow_expression,
    flow_files,
    flow_gating,
    flow_limits,
    flow_quality,
    karyotype,
    ngs,
    ngs_summary,
    response,
    study,
    tp53,
)
from mrdkit.version import __version__

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
flow_gating.register(flow.app)
flow_quality.register(flow.app)
flow_expression.register(flow.app)
flow_files.register(flow.app)
flow_background.register(flow.app)
flow_limits.register(flow.app)
flow_dilute.register(flow.app)
ngs_summary.register(ngs.app)
cohort_models.register(cohort.app)
app.add_typer(cohort.app, name="cohort")
app.add_typer(export.app, name="export")
app.add_typer(db.app, name="db")
app.add_typer(fish.app, name="fish")
app.add_typer(flow.app, name="flow")
app.add_typer(karyotype.app, name="karyotype")
app.add_typer(ngs.app, name="ngs")
app.add_typer(response.app, name="response")
app.add_typer(tp53.app, name="tp53")
app.add_typer(study.group, name="study")
app.add_typer(study.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mrdkit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """One checked, explained, versioned answer per patient of a B-ALL trial."""
    del version
