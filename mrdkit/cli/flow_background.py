"""`mrdkit flow background`: limits of blank of a panel from leukemia-free marrows, or for one patient."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mrdkit.flow.dataset import FcsDataset

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the flow group."""
    app.command("background")(background)


def background(
    blanks: Annotated[
        list[Path], typer.Argument(metavar="BLANK...", help="FCS files of leukemia-free marrows.")
    ],
    *,
    panel: Annotated[str, typer.Option("--panel", help="Path or shipped name of a panel.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="BACKGROUND.json.", show_default=False)],
    diagnosis: Annotated[
        Path | None, typer.Option("--diagnosis", help="Diagnosis tube: make the background for its patient.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the limits of blank of a panel from at least 20 leukemia-free marrows."""
    from mrdkit.errors import InputError, UsageError
    from mrdkit.files import write_text
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.mrd.background_building import build_background, require_blanks
    from mrdkit.flow.mrd.background_file import background_summary, background_text
    from mrdkit.flow.mrd.background_patient import for_patient
    from mrdkit.flow.mrd.panel import read_panel

    rules = read_panel(panel)
    if diagnosis is not None and rules.rule.detection is None:
        raise UsageError(
            "the panel has a target gate and needs no diagnosis tube",
            code="OPTION_NOT_USED",
            place="--diagnosis",
            remedy="leave --diagnosis out",
        )
    require_blanks(len(blanks))
    made = build_background(_read(blanks), rules)
    if diagnosis is not None:
        try:
            made = for_patient(made, rules, read_fcs(diagnosis))
        except InputError as error:
            raise error.in_file(diagnosis) from None
    write_text(output, background_text(made))
    document = {**background_summary(made), "output": str(output)}
    if as_json:
        print_json(document)
        return
    columns = ("panel", "n_blanks", "provisional", "method", "alpha", "dispersion", "lob", "output")
    print_table([document], columns)
    if made.provisional:
        typer.echo("mrdkit: the limits are provisional: too few blanks to claim them", err=True)


def _read(paths: list[Path]) -> "Iterator[tuple[str, FcsDataset]]":
    from mrdkit.flow.fcs import read_fcs

    for path in paths:
        yield str(path), read_fcs(path)
