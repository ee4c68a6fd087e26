"""What was doubtful in reading a sample: stable codes and short sentences that travel with it."""

from collections.abc import Iterator

from mrdkit.ngs.counts import Counts
from mrdkit.ngs.facts import SampleFacts
from mrdkit.ngs.layouts import PIPELINE, Layout
from mrdkit.ngs.loci import KNOWN_LOCI, UNKNOWN_LOCUS
from mrdkit.ngs.sample import SampleWarning
from mrdkit.ngs.sequences import SequenceTable

__all__ = ["doubts_of"]

_QC_PASSED = "PASS"
_LONGEST_SHOWN = 80


def doubts_of(
    rows: SequenceTable, n_rows: int, facts: SampleFacts, counts: Counts, layout: Layout
) -> tuple[SampleWarning, ...]:
    """Return the doubts of a sample that was read.

    Args:
        rows: its sequences, each once.
        n_rows: rows in the file.
        facts: what the file says of it.
        counts: its templates.
        layout: of its dialect.
    """
    found = (
        *_of_counts(rows, facts, counts, layout),
        *(_of_quality(facts) if layout.name == PIPELINE else ()),
        *_of_loci(rows),
        *_of_repeats(rows, n_rows),
    )
    return tuple(SampleWarning(code=code, message=message) for code, message in found)


def _of_counts(
    rows: SequenceTable, facts: SampleFacts, counts: Counts, layout: Layout
) -> Iterator[tuple[str, str]]:
    if counts.reads_only:
        yield (
            "READS_NOT_TEMPLATES",
            f"The file counts reads ({counts.source}), not templates: no MRD is calculated.",
        )
    elif counts.stands_in:
        yield (
            "TEMPLATES_FROM_COUNT",
            f"Templates are read from the column {counts.source}: no {layout.templates[0]} column.",
        )
    total = int(rows.templates.sum())
    if not counts.reads_only and facts.templates is not None and facts.templates != total:
        yield (
            "TEMPLATES_DIFFER_FROM_HEADER",
            f"The rows hold {total:,} templates, the file states {facts.templates:,}.",
        )


def _of_quality(facts: SampleFacts) -> Iterator[tuple[str, str]]:
    if not facts.qc_flags:
        yield "QC_NOT_STATED", "The file states no QC flag."
    elif facts.qc_flags.upper() != _QC_PASSED:
        yield "QC_NOT_PASS", f"The vendor's QC flag is {facts.qc_flags[:_LONGEST_SHOWN]!r}."


def _of_loci(rows: SequenceTable) -> Iterator[tuple[str, str]]:
    unknown = len(rows.rows_of(UNKNOWN_LOCUS))
    if unknown:
        yield "LOCUS_UNKNOWN", f"{unknown} row(s) name no locus and no gene that tells it."
    unusual = sorted(set(rows.templates_by_locus()) - KNOWN_LOCI - {UNKNOWN_LOCUS})
    if unusual:
        names = ", ".join(repr(name[:20]) for name in unusual[:5])
        yield "LOCUS_UNUSUAL", f"Sequences of {names} match only targets of a locus of the same name."


def _of_repeats(rows: SequenceTable, n_rows: int) -> Iterator[tuple[str, str]]:
    if rows.n < n_rows:
        yield "SEQUENCE_REPEATED", "A sequence stands in more than one row of its locus."
