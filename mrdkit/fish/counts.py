"""Signal counts as the readers wrote them: COUNTS.csv, one row per specimen, probe, reader and pattern.

Rows are grouped by specimen and probe. A row that cannot be read refuses its specimen and no other; a row
that names no specimen could belong to any of them and refuses the file. Nothing that stands twice is added.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table, sha256_of
from mrdkit.fish.patterns import Pattern, parse_pattern
from mrdkit.results import InputDigest, Specimen

__all__ = ["CountSheet", "PatternCount", "RefusedSpecimen", "SpecimenCounts", "read_counts"]

_COLUMNS = ("specimen_id", "subject_id", "visit", "collected_on", "probe_id", "reader", "pattern", "count")
_whose = itemgetter("specimen_id", "subject_id", "visit", "collected_on", "probe_id")
_MOST_DIGITS = 6
_MOST_NUCLEI = 100_000  # of one specimen; more is no count of a person's and would cost too much to test


class PatternCount(NamedTuple):
    """Nuclei of one pattern by one reader; the reader is empty where the sheet names none."""

    reader: str
    pattern: Pattern
    nuclei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenCounts:
    """All counts of one specimen with one probe, in the order of the sheet."""

    specimen: Specimen
    probe_id: str
    counts: tuple[PatternCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSpecimen:
    """A specimen that gives no call, and why."""

    specimen_id: str
    probe_id: str
    error: InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheet:
    """One file of counts: each specimen and probe read or refused, in the order of the file."""

    digest: InputDigest
    specimens: tuple[SpecimenCounts | RefusedSpecimen, ...]


def read_counts(path: Path) -> CountSheet:
    """Read COUNTS.csv.

    Raises:
        InputError: the file as a whole is unreadable, misses a column, or a row names no specimen.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    first: dict[str, Specimen | InputError] = {}
    seen: set[tuple[str, ...]] = set()
    for row in read_table(path, required=_COLUMNS, separators=",;\t").rows:
        specimen_id = row.required("specimen_id")
        groups.setdefault((specimen_id, row.text("probe_id")), []).append(row)
        whose = _whose(row.cells)
        if whose not in seen:
            seen.add(whose)
            first[specimen_id] = _same_specimen(first.get(specimen_id), row)
    read = (_group(name, probe, first[name], rows) for (name, probe), rows in groups.items())
    digest = InputDigest(role="fish_counts", sha256=sha256_of(path))
    return CountSheet(digest=digest, specimens=tuple(read))


def _same_specimen(known: Specimen | InputError | None, row: Row) -> Specimen | InputError:
    """Return whose material the rows are, or why that is not certain."""
    if isinstance(known, InputError):
        return known
    try:
        row.required("probe_id")
        found = Specimen(
            subject_id=row.text("subject_id") or None,
            visit=row.text("visit") or None,
            specimen_id=row.required("specimen_id"),
            collected_on=row.date("collected_on"),
        )
    except InputError as error:
        return error
    if known in (None, found):
        return found
    return row.error(
        "the rows of one specimen differ in subject, visit or date",
        code="SPECIMEN_CONFLICT",
        column="specimen_id",
        remedy="give each specimen its own id",
    )


def _group(
    specimen_id: str, probe_id: str, specimen: Specimen | InputError, rows: list[Row]
) -> SpecimenCounts | RefusedSpecimen:
    try:
        if isinstance(specimen, InputError):
            raise specimen
        counts = tuple(_counts(rows))
        _check_total(rows, counts)
    except InputError as error:
        return RefusedSpecimen(specimen_id=specimen_id, probe_id=probe_id, error=error)
    return SpecimenCounts(specimen=specimen, probe_id=probe_id, counts=counts)


def _counts(rows: Iterable[Row]) -> Iterator[PatternCount]:
    seen: dict[tuple[str, Pattern], int] = {}
    for row in rows:
        key = row.text("reader"), _pattern(row)
        if key in seen:
            raise row.error(
                "the same specimen, probe, reader and pattern stand twice",
                code="DUPLICATE_ROW",
                column="pattern",
                found=f"also in row {seen[key]}",
                remedy="keep the row that is right; counts are never added",
            )
        seen[key] = row.number
        yield PatternCount(*key, _nuclei(row, "count"))


def _pattern(row: Row) -> Pattern:
    try:
        return parse_pattern(row.text("pattern"))
    except InputError as error:
        raise row.error(
            error.what,
            code=error.code,
            column="pattern",
            expected=error.expected,
            found=error.found,
            remedy=error.remedy,
        ) from None


def _nuclei(row: Row, column: str) -> int:
    text = row.required(column)
    if len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    if text.startswith("-") and text[1:].isdigit():
        raise row.error("a count is negative", code="NEGATIVE_NUMBER", column=column, found=repr(text[:20]))
    if len(text.lstrip("0")) > _MOST_DIGITS:
        raise row.error(
            "a count is not plausible", code="COUNT_INVALID", column=column, found=repr(text[:20])
        )
    return row.count(column)


def _check_total(rows: list[Row], counts: Iterable[PatternCount]) -> None:
    total = sum(count.nuclei for count in counts)
    for row in rows:
        if row.text("declared_total") and (declared := _nuclei(row, "declared_total")) != total:
            raise row.error(
                "the counts of the specimen do not add up to the declared total",
                code="TOTAL_MISMATCH",
                column="declared_total",
                expected=f"{declared} nuclei",
                found=f"{total}",
                remedy="correct the count or the total",
            )
    if total > _MOST_NUCLEI:
        raise rows[0].error(
            "the specimen has more nuclei than can be called",
            code="COUNT_INVALID",
            column="count",
            expected=f"at most {_MOST_NUCLEI}",
            found=f"{total}",
        )
