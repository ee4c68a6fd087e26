"""`mrdkit flow dilute`: tubes of known residual disease, made of tubes with and without leukemia."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import JsonOption, fields_of, print_json, print_table
from mrdkit.errors import UsageError

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the flow group."""
    app.command("dilute")(dilute)


def dilute(
    diagnosis: Annotated[Path, typer.Argument(metavar="DX", help="FCS file of a diagnosis tube.")],
    normals: Annotated[
        list[Path], typer.Argument(metavar="NORMAL...", help="FCS files of tubes without leukemic cells.")
    ],
    *,
    panel: Annotated[str, typer.Option("--panel", help="Path or shipped name of the tubes' panel.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the tubes.", show_default=False)],
    levels: Annotated[
        str, typer.Option("--levels", help="Leukemic per nucleated cell: 1e-3,1e-4; 0 is a blank.")
    ],
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Tubes per level and NORMAL; one blank each.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the random numbers.")] = 1,
    align: Annotated[
        bool,
        typer.Option("--align/--no-align", help="Move the cells to where NORMAL's own populations stand."),
    ] = True,
    as_json_document: JsonOption = False,
) -> None:
    """Put leukemic cells of a diagnosis tube into tubes without leukemia, at known levels."""
    from mrdkit.flow.mrd.dilution_draw import Series
    from mrdkit.flow.mrd.dilution_files import write_dilution
    from mrdkit.flow.mrd.panel import read_panel

    series = Series(levels=_numbers(levels), replicates=replicates, seed=seed)
    made = write_dilution(diagnosis, normals, read_panel(panel), series, folder=output, aligned=align)
    if as_json_document:
        print_json(made)
        return
    columns = ("file", "level", "replicate", "n_leukemic", "n_denominator", "true_fraction", "n_clipped")
    print_table([fields_of(tube) for tube in made.tubes], columns)
    typer.echo(f"mrdkit: the diagnosis tube holds {made.n_leukemic_cells} leukemic cells", err=True)
    for sentence in (*made.flags, *made.reasons):
        typer.echo(f"mrdkit: {sentence}", err=True)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            "the levels are no numbers",
            code="LEVELS_INVALID",
            place="--levels",
            expected="numbers such as 1e-3,1e-4,0",
            found=text[:40],
        ) from None
