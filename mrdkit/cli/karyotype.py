"""`mrdkit karyotype`: ISCN karyotypes from the command line or from a column of a table."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import Batch, Failure, JsonOption, finish
from mrdkit.errors import MrdkitError, UsageError
from mrdkit.results import InputDigest, Json, Specimen, as_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="ISCN karyotypes.")

_COLUMNS = ("cleaned", "status", "error", "ploidy", "ploidy_group", "modal_number", "metaphases", "flags")
_INPUT_REFUSED = 3


@app.callback()
def karyotype() -> None:
    """ISCN karyotypes."""


@app.command()
def parse(
    karyotypes: Annotated[list[str] | None, typer.Argument(metavar="KARYOTYPE...", help="Texts.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A CSV table with karyotypes.")] = None,
    column: Annotated[str | None, typer.Option(help="Its column that holds them.")] = None,
    earlier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KARYOTYPE",
            help="A karyotype of an earlier sample: one metaphase with a change of it is clonal. Repeatable.",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the JSON here.")] = None,
    json: JsonOption = False,
) -> None:
    """Read karyotypes: clones of recipient and donor, ploidy, metaphases, recurrent rearrangements."""
    from mrdkit.karyotype import call_karyotype, items_known_from, read_karyotype_rule

    rule = read_karyotype_rule()
    known = items_known_from(call_karyotype(text, specimen=Specimen(), rule=rule) for text in earlier or [])
    cells, failures = _cells(karyotypes, file, column)
    inputs = _digests(file) if cells else ()
    results = tuple(
        _document(call_karyotype(text, specimen=specimen, rule=rule, known_items=known, inputs=inputs), row)
        for text, specimen, row in cells
    )
    batch = Batch(results=results, failures=tuple(failures))
    try:
        finish(batch, as_json_document=json, columns=_COLUMNS, output=output, incomplete=_gives_no_answer)
    except typer.Exit as leaving:
        refused = all(result["status"] == "rejected" for result in results)
        raise typer.Exit(_INPUT_REFUSED) if refused else leaving from None


def _cells(
    karyotypes: list[str] | None, file: Path | None, column: str | None
) -> tuple[list[tuple[str, Specimen, int | None]], list[Failure]]:
    """Return text, specimen and row of every karyotype, and the file or rows that cannot be read."""
    if (file is None) != (column is None) or (karyotypes is None) == (file is None):
        raise UsageError(
            "what to read is not clear",
            code="KARYOTYPES_UNCLEAR",
            expected="either KARYOTYPE... or --file CSV with --column NAME",
        )
    if file is None or column is None:
        return [(text, Specimen(), None) for text in karyotypes or []], []
    from mrdkit.files import read_table

    found: list[tuple[str, Specimen, int | None]] = []
    failures: list[Failure] = []
    try:
        rows = read_table(file, required=[column], separators=",;\t").rows
    except MrdkitError as error:
        return [], [Failure(path=str(file), error=error.code, message=str(error))]
    for row in rows:
        specimen_id = row.text("specimen_id") or None
        try:
            specimen = Specimen(
                subject_id=row.text("subject_id") or None,
                visit=row.text("visit") or None,
                specimen_id=specimen_id,
                collected_on=row.date("collected_on"),
            )
        except MrdkitError as error:
            failure = Failure(path=str(file), error=error.code, message=str(error), specimen_id=specimen_id)
            failures.append(failure)
        else:
            found.append((row.text(column), specimen, row.number))
    return found, failures


def _digests(file: Path | None) -> tuple[InputDigest, ...]:
    if file is None:
        return ()
    from mrdkit.files import sha256_of

    return (InputDigest(role="karyotypes", sha256=sha256_of(file)),)


def _document(call: object, row: int | None) -> dict[str, Json]:
    document = as_json(call)
    if not isinstance(document, dict):
        raise TypeError("a call is a record")
    return {**document, "row": row}


def _gives_no_answer(result: object) -> bool:
    known = result if isinstance(result, dict) else {}
    return known.get("status") == "rejected" or known.get("ploidy") == "not_evaluable"
