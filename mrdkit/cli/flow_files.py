"""`mrdkit flow verify` and `mrdkit flow deidentify`: FCS files seen by other readers, and given to others."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import JsonOption, finish, run_each

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the flow group."""
    app.command("verify")(verify)


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FCS files.", show_default=False)],
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare the numbers read in FCS files with those of FlowIO and fcsparser, channel by channel."""
    from mrdkit.flow.verify import verify_file

    finish(
        run_each(files, verify_file),
        as_json_document=as_json,
        columns=("path", "flags", "reasons"),
        incomplete=lambda result: "READERS_DISAGREE" in str(result["flags"]),
    )
