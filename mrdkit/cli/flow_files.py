"""`mrdkit flow verify` and `mrdkit flow deidentify`: FCS files seen by other readers, and given to others."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import JsonOption, finish, run_each

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the flow group."""
    app.command("verify")(verify)
    app.command("deidentify")(deidentify)


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


def deidentify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FCS files.", show_default=False)],
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the new files.", show_default=False)
    ],
    pseudonyms: Annotated[
        Path,
        typer.Option("--pseudonyms", help="CSV: path, subject_id, pseudonym; optional date_shift_days."),
    ],
    policy: Annotated[
        str, typer.Option("--policy", help="Path or shipped name of the rules of what may be kept.")
    ] = "deidentification",
    as_json: JsonOption = False,
) -> None:
    """Write FCS files without identity, named by pseudonym; measured values stay as they are."""
    from mrdkit.errors import InputError
    from mrdkit.flow.deidentify import Deidentified, deidentify_file
    from mrdkit.flow.deidentify_map import assignments, read_pseudonyms
    from mrdkit.flow.deidentify_policy import read_policy

    rules = read_policy(policy)
    plan = iter(assignments(files, read_pseudonyms(pseudonyms)))

    def written(path: Path) -> Deidentified:
        assignment = next(plan)
        if isinstance(assignment, InputError):
            raise assignment
        return deidentify_file(path, assignment, output, rules)

    # Only the JSON document holds the paths of the inputs, which may name a patient.
    finish(
        run_each(files, written),
        as_json_document=as_json,
        columns=("pseudonym", "output", "n_datasets", "flags"),
    )
