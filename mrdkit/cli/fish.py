"""`mrdkit fish`: CRLF2 break-apart calls from signal counts, and cut-offs from normal controls."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli import fish_cutoff, fish_texts
from mrdkit.cli.output import Batch, Failure, JsonOption, finish
from mrdkit.errors import MrdkitError
from mrdkit.results import Json, as_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="CRLF2 break-apart FISH.")
fish_cutoff.register(app)
fish_texts.register(app)

_COLUMNS = (
    "specimen_id",
    "probe_id",
    "call",
    "percent",
    "ci_low",
    "ci_high",
    "n_scored",
    "flags",
    "iscn_2024",
)


@app.command()
def call(
    counts: Annotated[Path, typer.Argument(metavar="COUNTS.csv", help="Signal counts, one row per pattern.")],
    probes: Annotated[Path, typer.Option(help="PROBES.toml: which colour is which end.")],
    cutoffs: Annotated[Path, typer.Option(help="CUTOFFS.toml: the laboratory's cut-offs.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the JSON here.")] = None,
    json: JsonOption = False,
) -> None:
    """Call every specimen of a sheet of counts; a refused one stands among the failures."""
    from mrdkit.fish import (
        RefusedSpecimen,
        call_sheet,
        read_counts,
        read_cutoffs,
        read_fish_rule,
        read_probes,
    )

    registry, table, rule = read_probes(probes), read_cutoffs(cutoffs), read_fish_rule()
    results: list[dict[str, Json]] = []
    failures: list[Failure] = []
    try:
        answers = call_sheet(read_counts(counts), registry, table, rule=rule)
    except MrdkitError as error:
        answers = ()
        failures.append(_failure(counts, None, error))
    for answer in answers:
        if isinstance(answer, RefusedSpecimen):
            failures.append(_failure(counts, answer.specimen_id, answer.error))
        else:
            results.append(_document(answer))
    batch = Batch(results=tuple(results), failures=tuple(failures))
    finish(batch, as_json_document=json, columns=_COLUMNS, output=output)


def _failure(path: Path, specimen_id: str | None, error: MrdkitError) -> Failure:
    message = str(error.in_file(path))
    return Failure(path=str(path), error=error.code, message=message, specimen_id=specimen_id)


def _document(call: object) -> dict[str, Json]:
    document = as_json(call)
    if not isinstance(document, dict):
        raise TypeError("a call is a record")
    return document
