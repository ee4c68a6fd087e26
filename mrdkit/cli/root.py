"""The root command and its groups.

Each command imports the rooms that it calls when it runs, so that `mrdkit --help` stays fast.
"""

from typing import Annotated

import typer

from mrdkit.cli import study
from mrdkit.version import __version__

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
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
