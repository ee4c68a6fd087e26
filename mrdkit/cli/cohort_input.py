"""What the commands of a cohort share: the patients of a source, one document, the exit code."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from mrdkit.cli.output import fields_of, json_text, print_json, print_table
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.patient.records import PatientRecord
    from mrdkit.results import Json
    from mrdkit.study.cohort import CohortInput

__all__ = ["Only", "Output", "Source", "chosen", "leave", "names_in", "print_document", "read_patients"]

_INCOMPLETE = 4

Source: TypeAlias = Annotated[
    Path, typer.Argument(metavar="STUDY|OUT", help="A study, or the results of a run.")
]
Only: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only these patients; may be repeated.")
]
Output: TypeAlias = Annotated[Path | None, typer.Option("-o", help="Also write here; .json or .csv.")]


def read_patients(source: Path) -> "CohortInput":
    """Return the patients of a study or a run."""
    from mrdkit.study.cohort import read_cohort

    return read_cohort(source)


def chosen(found: "CohortInput", only: Sequence[str] | None) -> "tuple[PatientRecord, ...]":
    """Return the patients for whom every condition holds."""
    from mrdkit.cohort.groups import only as only_those

    return only_those(found.records, only or ())


def names_in(text: str) -> list[str]:
    """Return the names of a list with commas."""
    return [name for name in (part.strip() for part in text.split(",")) if name]


def print_document(
    document: Mapping[str, object],
    table: str,
    columns: Sequence[str],
    *,
    output: Path | None,
    as_json: bool,
) -> None:
    """Print a document or its table, with what a reader must know; write it where asked."""
    fields = fields_of(dict(document))
    rows = cast("list[Mapping[str, Json]]", fields[table])
    if output is not None:
        _write(output, fields, rows)
    if as_json:
        print_json(fields)
    else:
        print_table(rows, columns)
        _print_remarks(fields, rows)


def _write(output: Path, fields: Mapping[str, object], rows: Sequence[Mapping[str, "Json"]]) -> None:
    from mrdkit.files import write_csv, write_text

    match output.suffix:
        case ".json":
            write_text(output, json_text(fields))
        case ".csv":
            columns = list(rows[0]) if rows else []
            write_csv(output, columns, ([_cell(row[name]) for name in columns] for row in rows))
        case suffix:
            raise UsageError(
                "no table of this kind can be written",
                code="OUTPUT_KIND_UNKNOWN",
                file=output,
                expected=".json or .csv",
                found=suffix or "no suffix",
            )


def _cell(value: "Json") -> object:
    return "|".join(map(str, value)) if isinstance(value, list) else value


def _print_remarks(fields: Mapping[str, object], rows: Sequence[Mapping[str, "Json"]]) -> None:
    """Say on stderr, once, what the table does not show."""
    said = [reason for part in (fields, *rows) for reason in _list(part.get("reasons"))]
    for reason in dict.fromkeys(said):
        sys.stderr.write(f"mrdkit: {reason}\n")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def leave(found: "CohortInput") -> None:
    """Name what could not be used, and leave with 4 where there is such."""
    for failure in found.failures:
        sys.stderr.write(f"mrdkit: {failure.error}: {failure.path}: {failure.message}\n")
    if found.failures:
        raise typer.Exit(_INCOMPLETE)
