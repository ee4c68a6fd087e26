"""What all commands share: files in order, failures beside results, JSON or a table, the exit code."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer

from mrdkit.errors import MrdkitError, UsageError
from mrdkit.results import Json, as_json

__all__ = [
    "Batch",
    "Failure",
    "JsonOption",
    "fields_of",
    "finish",
    "json_text",
    "print_json",
    "print_table",
    "run_each",
]

T = TypeVar("T")

JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_INPUT_REFUSED = 3
_SOME_FAILED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One item that gave no result: the path as given, a stable code and the message."""

    path: str
    error: str
    message: str
    specimen_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Results and failures, each in the order of the command line."""

    results: tuple[Mapping[str, Json], ...]
    failures: tuple[Failure, ...]


def run_each(paths: Iterable[Path], action: Callable[[Path], object]) -> Batch:
    """Apply `action` to every path; a refused input becomes a failure and stops nothing.

    Raises:
        UsageError: the first one of `action`, where no path has a result: the command itself was not clear.
    """
    results: list[Mapping[str, Json]] = []
    failures: list[Failure] = []
    unclear: list[UsageError] = []
    for path in paths:
        try:
            document = fields_of(action(path))
        except MrdkitError as error:
            named = error.in_file(path)
            if isinstance(named, UsageError):
                unclear.append(named)
            failures.append(Failure(path=str(path), error=named.code, message=str(named)))
        else:
            results.append({"path": str(path), **document})
    if unclear and not results:
        raise unclear[0]
    return Batch(results=tuple(results), failures=tuple(failures))


def finish(
    batch: Batch,
    *,
    as_json_document: bool,
    columns: Sequence[str],
    output: Path | None = None,
    incomplete: Callable[[Mapping[str, Json]], bool] = lambda _: False,
) -> None:
    """Print a batch and leave with its exit code: 0, 4 where some items failed, 3 where all did.

    Args:
        batch: results and failures.
        as_json_document: print JSON instead of a table.
        columns: the fields that the table for people shows.
        output: also write the JSON document here.
        incomplete: tells a result that counts as not evaluable.
    """
    document = as_json({"results": list(batch.results), "failures": list(batch.failures)})
    if output is not None:
        from mrdkit.files import write_text

        write_text(output, _dumps(document))
    if as_json_document:
        sys.stdout.write(_dumps(document))
    else:
        print_table(batch.results, columns)
    for failure in batch.failures:
        sys.stderr.write(f"mrdkit: {failure.error}: {failure.message}\n")
    if batch.failures and not batch.results:
        raise typer.Exit(_INPUT_REFUSED)
    if batch.failures or any(incomplete(result) for result in batch.results):
        raise typer.Exit(_SOME_FAILED)


def fields_of(record: object) -> dict[str, Json]:
    """Return a record or mapping as a JSON object.

    Raises:
        TypeError: the value is neither.
    """
    document = as_json(record)
    if not isinstance(document, dict):
        raise TypeError("an action answers with a record")
    return document


def json_text(value: object) -> str:
    """Return one JSON document as it is printed and written."""
    return _dumps(as_json(value))


def print_json(value: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json_text(value))


def print_table(results: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> None:
    """Print a plain aligned table with the chosen fields."""
    rows = [list(columns)] + [[_cell(result.get(column)) for column in columns] for result in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def _cell(value: Json) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case dict():
            return " ".join(f"{key}:{_cell(item)}" for key, item in value.items())
        case list():
            return ", ".join(_cell(item) for item in value) or "-"
        case _:
            return str(value)


def _dumps(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
