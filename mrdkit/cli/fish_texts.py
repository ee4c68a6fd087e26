"""`mrdkit fish parse` and `mrdkit fish text`: FISH results that others wrote, as ISCN strings or in words."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import Batch, JsonOption, fields_of, finish
from mrdkit.cli.texts import TextCell, text_cells
from mrdkit.results import Json

__all__ = ["register"]

_PARSE_COLUMNS = ("text", "status", "edition", "normal", "calls", "error", "flags")
_TEXT_COLUMNS = ("text", "call", "n_abnormal", "n_scored", "percent", "flags")
_INPUT_REFUSED = 3

FileOption = Annotated[Path | None, typer.Option(help="A CSV table with texts.")]
ColumnOption = Annotated[str | None, typer.Option(help="Its column that holds them.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Also write the JSON here.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the fish group."""
    app.command("parse")(parse)
    app.command("text")(text)


def parse(
    iscn: Annotated[list[str] | None, typer.Argument(metavar="ISCN...", help="Strings.")] = None,
    file: FileOption = None,
    column: ColumnOption = None,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Read ISCN FISH strings of any edition: signals per nucleus, cells, recipient and donor."""
    from mrdkit.fish import parse_iscn, read_fish_rule

    rule = read_fish_rule()
    cells, failures = text_cells(iscn, file, column, noun="ISCN")
    batch = Batch(results=_documents(cells, lambda one: parse_iscn(one, rule)), failures=tuple(failures))
    try:
        finish(batch, as_json_document=json, columns=_PARSE_COLUMNS, output=output, incomplete=_is_rejected)
    except typer.Exit as leaving:
        refused = all(map(_is_rejected, batch.results))
        raise typer.Exit(_INPUT_REFUSED) if refused else leaving from None


def text(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="Results in words.")] = None,
    file: FileOption = None,
    column: ColumnOption = None,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Read free-text CRLF2 FISH results; what is not understood needs review and is never negative."""
    from mrdkit.fish import read_fish_rule, read_text, read_text_rule

    rule, words = read_fish_rule(), read_text_rule()
    cells, failures = text_cells(texts, file, column, noun="TEXT")
    batch = Batch(
        results=_documents(cells, lambda one: read_text(one, rule, words)), failures=tuple(failures)
    )
    finish(
        batch,
        as_json_document=json,
        columns=_TEXT_COLUMNS,
        output=output,
        incomplete=lambda result: result.get("call") == "not_evaluable",
    )


def _documents(cells: list[TextCell], read: Callable[[str], object]) -> tuple[Mapping[str, Json], ...]:
    return tuple(
        {**fields_of(read(cell.text)), "specimen_id": cell.specimen_id, "row": cell.row} for cell in cells
    )


def _is_rejected(result: Mapping[str, Json]) -> bool:
    return result.get("status") == "rejected"
