"""The targets of one subject as a Parquet file: one row per candidate, what they rest on in its metadata.

The file is the same, byte for byte, for the same targets. On reading, columns, types and metadata must be
exactly those of schema 1, and every target_id must still belong to its subject, locus and sequence.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from mrdkit.errors import InputError
from mrdkit.files import write_bytes
from mrdkit.files.digest import unreadable
from mrdkit.ngs.denominator import CellsSource
from mrdkit.ngs.sample import Compartment
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.results import Evidence, as_json

__all__ = ["SCHEMA", "read_targets", "write_targets"]

_VERSION = "ngs_target/1"
_VERSION_KEY = "mrdkit.schema"
_SET_KEY = "mrdkit.targets"
_LARGEST_FILE = 64 * 1024**2  # bytes
_MOST_TARGETS = 1_000_000

#: Columns and types of the file, in the order of `Target`.
SCHEMA: Mapping[str, pl.DataType] = {
    "target_id": pl.String(),
    "locus": pl.String(),
    "like_group": pl.String(),
    "sequence": pl.String(),
    "v": pl.String(),
    "d": pl.String(),
    "j": pl.String(),
    "frame": pl.String(),
    "templates": pl.Int64(),
    "fraction_of_group": pl.Float64(),
    "fraction_of_cells": pl.Float64(),
    "n_next_decade": pl.Int64(),
    "dominant": pl.Boolean(),
    "failed_criteria": pl.List(pl.String()),
    "vendor_dominant": pl.Boolean(),
    "sensitivity_bin": pl.Float64(),
    "cell_free_sensitivity_bin": pl.Float64(),
    "clone_probability": pl.Float64(),
    "collapsed_into": pl.String(),
    "j_index": pl.Int64(),
    "variant_templates": pl.Int64(),
}

_MAY_BE_NULL = frozenset(
    {
        *("v", "d", "j", "frame", "fraction_of_cells", "vendor_dominant", "sensitivity_bin"),
        *("cell_free_sensitivity_bin", "clone_probability", "collapsed_into", "j_index"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetRecord:
    """What the metadata says of all candidates together: the fields of `TargetSet` without them."""

    subject_id: str
    sample_id: str
    compartment: Compartment
    cells: float | None
    cells_source: CellsSource
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


def write_targets(path: Path, targets: TargetSet) -> None:
    """Write the targets of one subject, whole or not at all."""
    names = [field.name for field in fields(_SetRecord)]
    record = {name: as_json(getattr(targets, name)) for name in names}
    rows = [[getattr(target, name) for name in SCHEMA] for target in targets.candidates]
    table = pl.DataFrame(rows, schema=dict(SCHEMA), orient="row")
    buffer = io.BytesIO()
    table.write_parquet(
        buffer,
        compression="zstd",
        metadata={_VERSION_KEY: _VERSION, _SET_KEY: json.dumps(record, ensure_ascii=True)},
    )
    write_bytes(path, buffer.getvalue())


def read_targets(path: Path) -> TargetSet:
    """Read the targets of one subject.

    Raises:
        InputError: unreadable, not a targets file of this schema, or changed since it was written.
    """
    content = _content(path)
    try:
        metadata = pl.read_parquet_metadata(content)
        if metadata.get(_VERSION_KEY) != _VERSION or pl.read_parquet_schema(content) != SCHEMA:
            raise _refused(path, f"a file that mrdkit ngs calibrate wrote ({_VERSION})")
        record = TypeAdapter(_SetRecord).validate_json(metadata[_SET_KEY])
        table = pl.read_parquet(content, n_rows=_MOST_TARGETS + 1)
        if table.height > _MOST_TARGETS:
            raise _refused(path, f"at most {_MOST_TARGETS} candidates")
        rows = [_target(row) for row in table.iter_rows(named=True)]
        values = {field.name: getattr(record, field.name) for field in fields(_SetRecord)}
        return TargetSet(candidates=tuple(rows), **values)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _refused(path, "a Parquet file", found=type(error).__name__) from None
    except (KeyError, ValidationError):
        raise _refused(path, "complete metadata") from None
    except ValueError as error:
        raise _refused(path, "targets as they were written", found=str(error)) from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(content) > _LARGEST_FILE:
        raise _refused(path, f"at most {_LARGEST_FILE} bytes")
    return content


def _target(row: Mapping[str, Any]) -> Target:
    missing = [name for name, value in row.items() if value is None and name not in _MAY_BE_NULL]
    if missing:
        raise ValueError(f"no value in column {missing[0]}")
    return Target(**{**row, "failed_criteria": tuple(row["failed_criteria"])})


def _refused(path: Path, expected: str, *, found: str | None = None) -> InputError:
    return InputError(
        "this is no usable targets file",
        code="TARGETS_INVALID",
        file=path,
        expected=expected,
        found=found,
        remedy="write it again with mrdkit ngs calibrate",
    )
