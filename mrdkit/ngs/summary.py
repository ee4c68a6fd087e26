"""Sequencing MRD as a sponsor delivers it: one row per sample, read through a map, never recomputed.

The three words Positive, Negative and Indeterminate stay what they are at each threshold. A study's own rule
that makes one word of them answers in a field of its own. What is wrong with a row stands in its flags; a row
that does not say whose it is, or of which visit, is refused and the others are read. Source: sequencing
facts, section 2.7.
"""

from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table, sha256_of
from mrdkit.ngs.summary_cells import ReadCells, read_cells
from mrdkit.ngs.summary_checks import contradictions
from mrdkit.ngs.summary_collapse import CollapseRule
from mrdkit.ngs.summary_compared import compared
from mrdkit.ngs.summary_map import SummaryMap, collapse_of
from mrdkit.ngs.summary_row import SummaryRow, with_findings
from mrdkit.results import MrdStatus, RuleUsed

__all__ = ["Delivery", "Summary", "read_summary"]

_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The rows of one delivery.

    Attributes:
        map: the map it was read through.
        collapse: the study's own rule, None where the map names none.
        flags: codes of all rows, each once.
        reasons: sentences with the rows that they are about.
    """

    sha256: str
    map: RuleUsed
    collapse: RuleUsed | None
    n_rows: int
    rows: tuple[SummaryRow, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What could be read of one file, and the errors of the rows that could not be used."""

    summary: Summary
    refused: tuple[InputError, ...]


def read_summary(path: Path, summary_map: SummaryMap) -> Delivery:
    """Read a delivery: comma, semicolon or tab, plain or gzip.

    Raises:
        InputError: the table is damaged, or a column of the map is not in it.
        RuleError: the map's collapse rule is none, or needs a column that the map does not read.
    """
    rule = collapse_of(summary_map)
    table = read_table(path, required=summary_map.column_names(), separators=_SEPARATORS)
    rows: list[SummaryRow] = []
    refused: list[InputError] = []
    for row in table.rows:
        try:
            rows.append(_row(row, summary_map, rule))
        except InputError as error:
            refused.append(error)
    checked = compared(rows)
    summary = Summary(
        sha256=sha256_of(path),
        map=_used(summary_map),
        collapse=None if rule is None else _used(rule),
        n_rows=len(table.rows),
        rows=checked,
        flags=tuple(dict.fromkeys(flag for row in checked for flag in row.flags)),
        reasons=tuple(f"Row {row.row}: {reason}" for row in checked for reason in row.reasons),
    )
    return Delivery(summary=summary, refused=tuple(refused))


def _used(rule: SummaryMap | CollapseRule) -> RuleUsed:
    return RuleUsed(id=rule.id, version=rule.version, source=rule.source)


def _row(row: Row, summary_map: SummaryMap, rule: CollapseRule | None) -> SummaryRow:
    columns = summary_map.columns
    visit = row.required(columns.visit)
    read = read_cells(row, summary_map)
    found = SummaryRow(
        row=row.number,
        subject_id=row.required(columns.subject),
        sample_id=_text(row, columns.sample),
        visit=summary_map.visits.get(visit, visit),
        collected_on=read.collected_on,
        specimen_type=_text(row, columns.specimen_type),
        mrd_per_million=read.mrd_per_million,
        screening_per_million=read.screening_per_million,
        cells=read.cells,
        status=read.status,
        as_delivered=read.as_delivered,
        collapsed=None if rule is None else rule.collapsed(read.status),
        collapse_rule=None if rule is None else rule.id,
        detected=_detected(read),
        flags=(),
        reasons=(),
    )
    return with_findings(found, (*read.findings, *contradictions(read)))


def _text(row: Row, column: str | None) -> str | None:
    return (row.text(column) or None) if column else None


def _detected(read: ReadCells) -> bool | None:
    """Return what the count says; without a count, a positive word says that something was found."""
    positive = MrdStatus.POSITIVE in read.status.values()
    if read.mrd_per_million is None:
        return True if positive else None
    return None if positive and read.mrd_per_million == 0.0 else read.mrd_per_million > 0.0
