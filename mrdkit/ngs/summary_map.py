"""Which column of a sponsor's delivery holds what, how its words read, and which columns are never read.

A map is a rule file: an unknown key is an error. `Positive`, `Negative` and `Indeterminate` always mean
themselves; a map adds other spellings and cannot turn one of the three into another. A map that reads a
column which may name a person is refused. Source: sequencing facts, sections 2.6 and 2.7; reference/ngs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.errors import RuleError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.ngs.summary_collapse import CollapseRule, read_collapse
from mrdkit.results import MrdStatus

__all__ = ["Columns", "SummaryMap", "Threshold", "collapse_of", "folded", "read_summary_map"]

Threshold: TypeAlias = Literal["1e-4", "1e-5", "1e-6"]
_Text: TypeAlias = Annotated[str, Field(min_length=1)]

#: The vendor's own three words.
_DELIVERED = (MrdStatus.POSITIVE, MrdStatus.NEGATIVE, MrdStatus.INDETERMINATE)
#: Days that a format must give back; in neither can month, day and year be taken for each other.
_DAYS = (date(2019, 11, 8), date(2024, 3, 31))
_NOT_LETTERS = re.compile(r"[\W_]+")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Columns:
    """Names of columns in the delivery; None where it has no such column."""

    subject: _Text
    visit: _Text
    sample: _Text | None = None
    per_million: _Text | None = None
    screening_per_million: _Text | None = None
    cells: _Text | None = None
    collected_on: _Text | None = None
    specimen_type: _Text | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SummaryMap(Rule):
    """How one kind of delivery reads; see `reference/ngs_summaries/clonoseq_trial.toml`.

    Attributes:
        columns: what each column holds.
        status: threshold -> column of its words.
        words: status word -> further spellings of it, compared without regard to case and blanks.
        visits: visit as delivered -> visit of the study; other visits stay as delivered.
        missing: cells that say nothing, besides empty ones.
        decimal_mark: of the numbers; there is no mark between thousands.
        date_format: of the dates, by the letters of strptime; ISO 8601 where it is not given.
        collapse: name or path of the study's own rule that makes one word of several; none by default.
    """

    columns: Columns
    status: Mapping[Threshold, _Text] = field(default_factory=dict)
    words: Mapping[MrdStatus, tuple[_Text, ...]] = field(default_factory=dict)
    visits: Mapping[str, _Text] = field(default_factory=dict)
    missing: tuple[str, ...] = ("NA", "N/A")
    decimal_mark: Literal[".", ","] = "."
    date_format: _Text | None = None
    collapse: _Text | None = None

    def __post_init__(self) -> None:
        """Refuse a map that reads nothing, one column twice, or one word in two ways."""
        if self.columns.per_million is None and not self.status:
            raise ValueError("the map names neither a column of per-million counts nor one of status words")
        used = self.column_names()
        if repeated := sorted({name for name in used if used.count(name) > 1}):
            raise ValueError(f"one column is read as two things: {', '.join(repeated)}")
        _check_date_format(self.date_format)
        for word, spelling in self._spellings():
            if self.reading.get(spelling, word) is not word:
                raise ValueError(f"the word {spelling!r} reads as {self.reading[spelling]} and as {word}")
        if lost := sorted(self.silent & self.reading.keys()):
            raise ValueError(f"the word {lost[0]!r} is said to be missing and to be a result")

    @property
    def reading(self) -> Mapping[str, MrdStatus]:
        """Spelling, folded -> status word; the vendor's own three words stand first."""
        found: dict[str, MrdStatus] = {}
        for word, spelling in self._spellings():
            found.setdefault(spelling, word)
        return found

    @property
    def silent(self) -> frozenset[str]:
        """Cells that say nothing, folded."""
        return frozenset(folded(text) for text in ("", *self.missing))

    def column_names(self) -> tuple[str, ...]:
        """Return every column that the map reads, in the order of the map."""
        names = (getattr(self.columns, name) for name in Columns.__dataclass_fields__)
        return (*(name for name in names if name is not None), *self.status.values())

    def _spellings(self) -> Iterator[tuple[MrdStatus, str]]:
        yield from ((word, word.value) for word in _DELIVERED)
        for word, spellings in self.words.items():
            yield from ((word, folded(spelling)) for spelling in spellings)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _IdentifyingColumns(Rule):
    """See `reference/ngs/identifying_columns.toml`; both in lower-case letters and digits."""

    whole: tuple[_Text, ...]
    within: tuple[_Text, ...]

    def named_by(self, column: str) -> bool:
        letters = _NOT_LETTERS.sub("", column).casefold()
        return letters in self.whole or any(part in letters for part in self.within)


def read_summary_map(name_or_path: str | Path) -> SummaryMap:
    """Read a map, and refuse one that reads a column which may name a person.

    Raises:
        RuleError: no such map, one that is not complete and exact, or one that reads such a column.
    """
    found = read_rule("ngs_summaries", name_or_path, SummaryMap)
    identifying = read_rule("ngs", "identifying_columns", _IdentifyingColumns)
    for column in found.column_names():
        if identifying.named_by(column):
            raise RuleError(
                "the map reads a column that may name a person",
                code="IDENTIFYING_COLUMN",
                file=name_or_path,
                place="columns",
                expected="pseudonyms, visits and results only",
                found=repr(column[:40]),
                remedy="take the column out, or give it another name if it names nobody",
            )
    return found


def _check_date_format(date_format: str | None) -> None:
    """Refuse a format that does not give a day back; `%d %m` would put every date into 1900."""
    if date_format is None:
        return
    for day in _DAYS:
        try:
            found = datetime.strptime(day.strftime(date_format), date_format).date()  # noqa: DTZ007  # a day
        except ValueError:
            found = None
        if found != day:
            raise ValueError(f"date_format {date_format!r} does not name day, month and year")


def collapse_of(found: SummaryMap) -> CollapseRule | None:
    """Return the rule that the map names, None where it names none.

    Raises:
        RuleError: no such rule, or one whose thresholds the map does not read.
    """
    if found.collapse is None:
        return None
    rule = read_collapse(found.collapse)
    if lacking := [threshold for threshold in rule.needs if threshold not in found.status]:
        raise RuleError(
            "the collapse rule needs the words at a threshold that the map does not read",
            code="COLLAPSE_INCOMPLETE",
            place="collapse",
            expected=", ".join(lacking) + " under [status]",
            found=", ".join(found.status) or "none",
            remedy="name the column, or take the collapse rule out",
        )
    return rule


def folded(text: str) -> str:
    """Return a word as words are compared: without case, blanks as one."""
    return " ".join(text.split()).casefold()
