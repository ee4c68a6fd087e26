"""Records as columns: where a value lies is found once for each kind of row, then read for all its rows.

A row is one record or several, as they stand beside each other in a table; the later one answers first.
Lists are joined by `|` (a `|` inside becomes `/`). A value that a column cannot hold is an error.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from operator import attrgetter, itemgetter, methodcaller
from typing import Any, TypeAlias

import polars as pl

from mrdkit.export.columns import Column, Kind
from mrdkit.results import as_json

__all__ = ["RowParts", "frame_of"]

#: The records of one row.
RowParts: TypeAlias = tuple[object, ...]

_Reader: TypeAlias = Callable[[Any], object]

_STUDY = "study_id"
_PLACE = "__place__"
_FRAME_TYPES: Mapping[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "number": pl.Float64,
    "count": pl.Int64,
    "truth": pl.Boolean,
    "date": pl.Date,
    "list": pl.String,
}
#: Types whose values a column takes as they are; all others are looked at one by one.
_EXACT: Mapping[Kind, type] = {"text": str, "number": float, "count": int, "truth": bool, "date": date}


def frame_of(study_id: str, columns: Sequence[Column], rows: Sequence[RowParts]) -> pl.DataFrame:
    """Return a table of rows in their order; the column `study_id` is the study's.

    Raises:
        TypeError: a column cannot hold a value.
        ValueError: a number is NaN or infinite.
    """
    kinds: dict[tuple[object, ...], list[int]] = {}
    for place, row in enumerate(rows):
        kinds.setdefault(tuple(map(_kind, row)), []).append(place)
    frames = [
        _frame(study_id, columns, [rows[place] for place in places], places) for places in kinds.values()
    ]
    whole = pl.concat(frames) if frames else _frame(study_id, columns, (), ())
    return whole.sort(_PLACE).drop(_PLACE)


def _kind(part: object) -> object:
    """Return what decides where a record has a value: its type, or the keys of a dict."""
    return tuple(part) if isinstance(part, dict) else type(part)


def _frame(
    study_id: str, columns: Sequence[Column], rows: Sequence[RowParts], places: Sequence[int]
) -> pl.DataFrame:
    """Return a table of rows of one kind, with their places."""
    series = [pl.Series(_PLACE, places, dtype=pl.Int64)]
    for column in columns:
        values = [study_id] * len(rows) if column.name == _STUDY else _cells(column, rows)
        made = pl.Series(column.name, values, dtype=_FRAME_TYPES[column.kind])
        if column.kind == "number" and not made.is_finite().all():
            raise ValueError(f"column {column.name} has a number that is not finite")
        series.append(made)
    return pl.DataFrame(series)


def _cells(column: Column, rows: Sequence[RowParts]) -> Sequence[object]:
    values = _values(column.keys, rows)
    if column.kind == "list":
        return _joined(values)
    exact = _EXACT[column.kind]
    return [value if value is None or type(value) is exact else _converted(column, value) for value in values]


def _values(keys: Sequence[str], rows: Sequence[RowParts]) -> Iterable[object]:
    """Return what each of several rows of one kind has under the keys, None where it has nothing."""
    first, *deeper = keys
    parts = enumerate(rows[0] if rows else ())
    readers = [
        (at, _reader(part, first)) for at, part in parts if not isinstance(part, dict) or first in part
    ]
    at, read = next(((at, read) for at, read in reversed(readers) if read), (0, None))
    if read is None:
        return [None] * len(rows)
    values: Iterable[object] = map(read, map(itemgetter(at), rows))
    for key in deeper:
        values = _under(values, key)
    return values


def _under(values: Iterable[object], key: str) -> Iterator[object]:
    """Yield what each value has under a key."""
    readers: dict[type, _Reader | None] = {}
    for value in values:
        kind = type(value)
        if kind not in readers:
            readers[kind] = _reader(value, key)
        read = readers[kind]
        yield read(value) if read else None


def _reader(record: object, key: str) -> _Reader | None:
    """Return what reads a value by its name in JSON (`class` for `class_`); None where there is none."""
    if isinstance(record, Mapping):
        return methodcaller("get", key)
    names = [each.name for each in fields(record)] if is_dataclass(record) else ()
    return next((attrgetter(name) for name in names if name.removesuffix("_") == key), None)


def _converted(column: Column, value: object) -> object:
    match column.kind, value:
        case "text", date():
            return value.isoformat()
        case "text", str() | int() | float():
            return str(value)
        case "number", int():
            return float(value)
        case "count", int():
            return int(value)
        case "date", str():
            return date.fromisoformat(value)
        case _:
            raise TypeError(f"column {column.name} cannot hold {type(value).__name__}")


def _joined(values: Iterable[object]) -> list[str | None]:
    """Return lists as text; many rows have the very same one."""
    known: dict[object, str] = {}
    texts: list[str | None] = []
    for value in values:
        match value:
            case None:
                texts.append(None)
            case tuple():
                text = known.get(value)
                if text is None:
                    text = known[value] = "|".join(_item(as_json(item)) for item in value)
                texts.append(text)
            case _:
                raise TypeError(f"a column of lists cannot hold {type(value).__name__}")
    return texts


def _item(value: object) -> str:
    match value:
        case {"role": role, "sha256": digest}:
            text = f"{role}:{digest}"
        case {"id": name, "version": version}:
            text = f"{name}@{version}"
        case _:
            text = str(value)
    return text.replace("|", "/")
