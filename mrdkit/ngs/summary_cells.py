"""The cells of one delivered row: each becomes a value, or none and the name of what is wrong with it.

Nothing is guessed: `<1`, `1,5` with a decimal point in the map, and a word that the map does not know have no
value here, and the row says so. What was delivered is kept beside what was read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mrdkit.files import Row
from mrdkit.ngs.findings import Finding
from mrdkit.ngs.summary_map import SummaryMap, folded
from mrdkit.results import THRESHOLDS_NGS, MrdStatus

__all__ = ["ReadCells", "read_cells"]

_LARGEST = 1e12  # cells or templates per million; beyond anything measured
_LONGEST = 40  # characters of a cell that are repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCells:
    """What one row says, and what could not be read in it.

    Attributes:
        as_delivered: text of every cell that the map reads; None where the delivery has no such column.
        status: threshold -> word; None where the delivery has no such column, not_evaluable where the cell is
            empty or not known.
    """

    mrd_per_million: float | None
    screening_per_million: float | None
    cells: float | None
    collected_on: date | None
    status: Mapping[str, MrdStatus | None]
    as_delivered: Mapping[str, str | None]
    findings: tuple[Finding, ...]


def read_cells(row: Row, summary_map: SummaryMap) -> ReadCells:
    """Read the results of one row; its subject, sample and visit are not looked at."""
    reader = _Reader(row=row, map=summary_map)
    columns = summary_map.columns
    value, of_value = reader.number(columns.per_million, "COUNT_INVALID", "per-million count")
    screening, of_screening = reader.number(
        columns.screening_per_million, "SCREENING_COUNT_INVALID", "per-million count at screening"
    )
    cells, of_cells = reader.number(columns.cells, "CELLS_INVALID", "number of cells", above_zero=True)
    day, of_day = reader.day(columns.collected_on)
    words = {name: reader.word(name) for name in THRESHOLDS_NGS}
    return ReadCells(
        mrd_per_million=value,
        screening_per_million=screening,
        cells=cells,
        collected_on=day,
        status={name: word for name, (word, _) in words.items()},
        as_delivered=_as_delivered(row, summary_map),
        findings=(
            *(finding for _, found in words.values() for finding in found),
            *(*of_value, *of_screening, *of_cells, *of_day),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    row: Row
    map: SummaryMap

    def number(
        self, column: str | None, code: str, what: str, *, above_zero: bool = False
    ) -> tuple[float | None, tuple[Finding, ...]]:
        text = self._given(column)
        if text is None:
            return None, ()
        number = _number(text, self.map.decimal_mark)
        if number is None or (above_zero and number == 0.0):
            return None, ((code, f"{_quoted(text)} in {column} is no {what}."),)
        return number, ()

    def day(self, column: str | None) -> tuple[date | None, tuple[Finding, ...]]:
        text = self._given(column)
        if text is None:
            return None, ()
        try:
            return _day(text, self.map.date_format), ()
        except ValueError:
            wanted = self.map.date_format or "ISO 8601"
            return None, (("DATE_INVALID", f"{_quoted(text)} in {column} is no date by {wanted}."),)

    def word(self, threshold: str) -> tuple[MrdStatus | None, tuple[Finding, ...]]:
        column = {str(name): column for name, column in self.map.status.items()}.get(threshold)
        if column is None:
            return None, ()
        text = self._given(column)
        if text is None:
            return MrdStatus.NOT_EVALUABLE, (("STATUS_MISSING", f"Nothing was delivered at {threshold}."),)
        word = self.map.reading.get(folded(text))
        if word is None:
            sentence = f"The word {_quoted(text)} at {threshold} is not known to the map."
            return MrdStatus.NOT_EVALUABLE, (("STATUS_UNKNOWN", sentence),)
        return word, ()

    def _given(self, column: str | None) -> str | None:
        text = self.row.text(column) if column else ""
        return None if folded(text) in self.map.silent else text


def _as_delivered(row: Row, summary_map: SummaryMap) -> Mapping[str, str | None]:
    columns = summary_map.columns
    by_threshold = {str(name): column for name, column in summary_map.status.items()}
    read = {
        **{threshold: by_threshold.get(threshold) for threshold in THRESHOLDS_NGS},
        "visit": columns.visit,
        "per_million": columns.per_million,
        "screening_per_million": columns.screening_per_million,
        "cells": columns.cells,
        "collected_on": columns.collected_on,
    }
    return {name: row.text(column) if column else None for name, column in read.items()}


def _number(text: str, decimal_mark: str) -> float | None:
    plain = re.fullmatch(rf"[0-9]+(?:{re.escape(decimal_mark)}[0-9]+)?(?:[eE][+-]?[0-9]+)?", text)
    number = float(text.replace(",", ".")) if plain else -1.0
    return number if 0.0 <= number <= _LARGEST else None


def _day(text: str, date_format: str | None) -> date:
    if date_format is None:
        return date.fromisoformat(text)
    return datetime.strptime(text, date_format).date()  # noqa: DTZ007  # a day has no time zone


def _quoted(text: str) -> str:
    return repr(text[:_LONGEST])
