"""The targets of one subject as a Parquet file: one row per candidate, what they rest on in its metadata.

The file is the same, byte for byte, for the same targets. On reading, columns, types and metadata must be
exactly those of schema 1, and every target_id must still belong to its subject, locus and sequence.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from mrdkit.errors import InputError
from mrdkit.files import write_bytes
from mrdkit.files.digest import unreadable
from mrdkit.ngs.denominator import CellsSource
from mrdkit.ngs.sample import Compartment
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.results import Evidence, as_json

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "read_targets", "write_targets"]

_CANDIDATE = "candidate"
_VERSION = "ngs_target/2"
_VERSION_KEY = "mrdkit.schema"
_SET_KEY = "mrdkit.targets"
_LARGEST_FILE = 64 * 1024**2  # bytes
_MOST_TARGETS = 1_000_000

#: Columns and types of the file: those of `Target`, and whether it is a candidate or a sub-clone only.
SCHEMA: Mapping[str, str] = {
    **dict.fromkeys(("target_id", "locus", "like_group", "sequence", "v", "d", "j", "frame"), "String"),
    "templates": "Int64",
    "fraction_of_group": "Float64",
    "fraction_of_cells": "Float64",
    "n_next_decade": "Int64",
    "dominant": "Boolean",
    "failed_criteria": "List(String)",
    "vendor_dominant": "Boolean",
    "sensitivity_bin": "Float64",
    "cell_free_sensitivity_bin": "Float64",
    "clone_probability": "Float64",
    "collapsed_into": "String",
    "j_index": "Int64",
    "variant_templates": "Int64",
    "stem_start": "Int64",
    "evolved_from": "String",
    "stem_length": "Int64",
    _CANDIDATE: "Boolean",
}

_MAY_BE_NULL = frozenset(
    {
        *("v", "d", "j", "frame", "fraction_of_cells", "vendor_dominant", "sensitivity_bin"),
        *("cell_free_sensitivity_bin", "clone_probability", "collapsed_into", "j_index"),
        *("stem_start", "evolved_from", "stem_length"),
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
    import polars as pl

    names = [field.name for field in fields(_SetRecord)]
    record = {name: as_json(getattr(targets, name)) for name in names}
    candidates = {target.target_id for target in targets.candidates}
    listed = [*targets.candidates, *(one for one in targets.evolved if one.target_id not in candidates)]
    columns = [name for name in SCHEMA if name != _CANDIDATE]
    rows = [
        [*(getattr(target, name) for name in columns), target.target_id in candidates] for target in listed
    ]
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema=_schema(), orient="row").write_parquet(
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
    import polars as pl

    content = _content(path)
    try:
        metadata = pl.read_parquet_metadata(content)
        if metadata.get(_VERSION_KEY) != _VERSION or pl.read_parquet_schema(content) != _schema():
            raise _refused(path, f"a file that mrdkit ngs calibrate wrote ({_VERSION})")
        record = TypeAdapter(_SetRecord).validate_json(metadata[_SET_KEY])
        table = pl.read_parquet(content, n_rows=_MOST_TARGETS + 1)
        if table.height > _MOST_TARGETS:
            raise _refused(path, f"at most {_MOST_TARGETS} candidates")
        rows = [(row.pop(_CANDIDATE), _target(row)) for row in table.iter_rows(named=True)]
        values = {field.name: getattr(record, field.name) for field in fields(_SetRecord)}
        return TargetSet(
            candidates=tuple(target for listed, target in rows if listed),
            evolved=tuple(target for _, target in rows if target.evolved_from is not None),
            **values,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _refused(path, "a Parquet file", found=type(error).__name__) from None
    except (KeyError, ValidationError):
        raise _refused(path, "complete metadata") from None
    except ValueError as error:
        raise _refused(path, "targets as they were written", found=str(error)) from None


def _schema() -> "Mapping[str, pl.DataType]":
    import polars as pl

    return {
        name: pl.List(pl.String()) if dtype == "List(String)" else getattr(pl, dtype)()
        for name, dtype in SCHEMA.items()
    }


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
