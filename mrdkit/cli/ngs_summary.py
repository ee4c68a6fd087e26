"""`mrdkit ngs import-summary`: what a sponsor delivers, one row per sample."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import Batch, Failure, JsonOption, finish, print_table, run_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.ngs.summary import Summary
    from mrdkit.results import Json

__all__ = ["register"]

_ROW = ("row", "subject_id", "sample_id", "visit", "mrd_per_million", "status", "collapsed", "flags")


def register(app: typer.Typer) -> None:
    """Add the command to the ngs group."""
    app.command("import-summary")(import_summary)


def import_summary(
    files: Annotated[list[Path], typer.Argument(metavar="CSV...", help="Deliveries, one row per sample.")],
    *,
    map_: Annotated[
        str, typer.Option("--map", help="What the columns hold: a .toml file or a shipped name.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Also write a study's external results (.csv, .parquet)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a sponsor's summary: counts and words as delivered, each contradiction named."""
    from mrdkit.files import check_not_input
    from mrdkit.ngs.summary import read_summary
    from mrdkit.ngs.summary_map import read_summary_map
    from mrdkit.ngs.summary_results import check_results_name, write_summary_results

    if output is not None:
        check_results_name(output)
        check_not_input(output, files)
    summary_map = read_summary_map(map_)
    read: list[Summary] = []
    refused: list[Failure] = []

    def imported(path: Path) -> "Summary":
        delivery = read_summary(path, summary_map)
        read.append(delivery.summary)
        refused.extend(
            Failure(path=str(path), error=error.code, message=str(error)) for error in delivery.refused
        )
        return delivery.summary

    batch = run_each(files, imported)
    if output is not None and read:
        rows = [row for summary in read for row in summary.rows]
        write_summary_results(output, rows, source=summary_map.id)
    if not as_json:
        _print_rows(batch.results)
    finish(
        Batch(results=batch.results, failures=(*batch.failures, *refused)),
        as_json_document=as_json,
        columns=("path", "n_rows", "flags"),
        incomplete=_incomplete,
    )


def _print_rows(results: "tuple[Mapping[str, Json], ...]") -> None:
    rows = [row for result in results if isinstance(found := result["rows"], list) for row in found]
    print_table([row for row in rows if isinstance(row, dict)], _ROW)


def _incomplete(result: "Mapping[str, Json]") -> bool:
    """Tell whether a row must be looked at, or has no word where one was due."""
    flags = result["flags"]
    return isinstance(flags, list) and not {"REVIEW", "STATUS_MISSING"}.isdisjoint(map(str, flags))
