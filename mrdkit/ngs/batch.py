"""Whether samples of one plate share what unrelated people cannot: duplicates, bleed-over, shared background.

All samples are compared with all. Identical bytes are a duplicate file, identical sequences and templates a
duplicate content; where subjects differ, that is a swap alarm. A sequence too improbable to arise twice that
stands in samples of two subjects has bled over; one that anybody may have is shared background. Samples of
one subject share sequences by nature. Source: `reference/ngs/batch.toml`.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext.seqmatch import window_digests
from mrdkit.ngs.criteria import candidates_of
from mrdkit.ngs.denominator import denominator
from mrdkit.ngs.matching import mismatches
from mrdkit.ngs.rules import BatchRule, NgsRules
from mrdkit.ngs.sample import NgsSample

__all__ = ["BatchSample", "Pair", "SharedSequence", "check_batch"]

Verdict: TypeAlias = Literal["duplicate_file", "duplicate_content", "bleed_over", "shared_background"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSample:
    """One sample of a plate; `subject_id` is a pseudonym, or the path where subjects are not known."""

    path: str
    subject_id: str
    sample: NgsSample


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSequence:
    """One sequence in two samples.

    Attributes:
        source: the sample that has more of it, where it may have come from.
        ratio: templates of the other sample over those of the source.
        clone_probability: chance that it arises independently; None where not stated.
        dominant: whether it is a dominant sequence of the source.
        n_subjects: subjects of the plate in whose samples it stands.
    """

    sequence: str
    locus: str
    templates_a: int
    templates_b: int
    source: Literal["a", "b"]
    ratio: float
    clone_probability: float | None
    dominant: bool
    n_subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What was found between two samples."""

    a: str
    b: str
    verdict: Verdict
    shared: tuple[SharedSequence, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Indexed:
    """A sample with its notable sequences and the windows of all."""

    of: BatchSample
    content: str
    notable: tuple[int, ...]
    dominant: frozenset[int]
    windows: NDArray[np.uint64] = field(repr=False)
    order: NDArray[np.int64] = field(repr=False)

    def having(self, window: np.uint64) -> NDArray[np.int64]:
        """Return the rows with this window."""
        ordered = self.windows[self.order]
        low, high = np.searchsorted(ordered, [window, window + np.uint64(1)])
        return np.sort(self.order[low:high])


#: A sample and the rows of one sequence in it.
_Place: TypeAlias = tuple[_Indexed, list[int]]


def check_batch(samples: Sequence[BatchSample], rule: BatchRule, rules: NgsRules) -> tuple[Pair, ...]:
    """Compare all samples of a plate with each other.

    Args:
        samples: in the order in which pairs are reported.
        rule: of the batch check.
        rules: by which a sequence is dominant.

    Returns:
        Pairs with a finding; a pair stands once per verdict.
    """
    indexed = [_index(sample, rule, rules) for sample in samples]
    return tuple(pair for a, b in combinations(indexed, 2) for pair in _compared(a, b, indexed, rule))


def _index(of: BatchSample, rule: BatchRule, rules: NgsRules) -> _Indexed:
    table = of.sample.rows
    cells = denominator(of.sample, rules.cells).cells
    candidates = candidates_of(table, cells, rules.dominance)
    dominant = {one.row for one in candidates if not one.failed_criteria or one.vendor_dominant}
    enough = np.flatnonzero(table.templates >= rule.shared_templates_at_least).tolist()
    windows = np.empty(table.n, dtype=np.uint64)
    if table.n:
        window_digests(
            table.bases, table.offsets, table.anchors, rule.window_left_nt, rule.window_right_nt, windows
        )
    return _Indexed(
        of=of,
        content=_content(of.sample),
        notable=tuple(sorted({*enough, *dominant})),
        dominant=frozenset(dominant),
        windows=windows,
        order=np.argsort(windows, kind="stable"),
    )


def _content(sample: NgsSample) -> str:
    """Return a digest of sequences, loci and templates that knows no order."""
    table = sample.rows
    rows = sorted(
        f"{table.locus.at(i)}\t{table.sequence(i)}\t{int(table.templates[i])}" for i in range(table.n)
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _compared(a: _Indexed, b: _Indexed, plate: Sequence[_Indexed], rule: BatchRule) -> Iterator[Pair]:
    duplicate = _duplicate(a, b)
    if duplicate is not None:
        yield duplicate
        return
    if a.of.subject_id == b.of.subject_id:
        return
    verdicts: dict[Verdict, list[SharedSequence]] = {"bleed_over": [], "shared_background": []}
    for shared in _shared(a, b, plate, rule):
        verdicts[_verdict(shared, rule)].append(shared)
    for verdict, sequences in verdicts.items():
        if sequences:
            yield _pair(a, b, verdict, sequences)


def _duplicate(a: _Indexed, b: _Indexed) -> Pair | None:
    same_file = a.of.sample.sha256 == b.of.sample.sha256
    if not same_file and (a.content != b.content or not a.of.sample.rows.n):
        return None
    swapped = a.of.subject_id != b.of.subject_id
    what = "The two files are the same, byte for byte." if same_file else "The two files hold the same rows."
    swap = ("Two subjects cannot share them: one sample stands under a wrong subject.",) if swapped else ()
    return Pair(
        a=a.of.path,
        b=b.of.path,
        verdict="duplicate_file" if same_file else "duplicate_content",
        shared=(),
        flags=("SWAP_SUSPECTED",) if swapped else (),
        reasons=(what, *swap),
    )


def _shared(a: _Indexed, b: _Indexed, plate: Sequence[_Indexed], rule: BatchRule) -> Iterator[SharedSequence]:
    """Yield what the two share of the notable sequences of either, most templates first."""
    found: dict[tuple[str, str], SharedSequence] = {}
    seen: set[int] = set()
    for row in a.notable:
        rows = _matching(a, row, b, rule)
        seen.update(rows.tolist())
        if len(rows):
            found[_key(a, row)] = _shared_sequence((a, [row]), (b, rows.tolist()), plate, rule)
    for row in b.notable:
        rows = _matching(b, row, a, rule)
        if len(rows) and row not in seen:
            found[_key(b, row)] = _shared_sequence((a, rows.tolist()), (b, [row]), plate, rule)
    yield from sorted(found.values(), key=lambda one: (-max(one.templates_a, one.templates_b), one.sequence))


def _key(sample: _Indexed, row: int) -> tuple[str, str]:
    return sample.of.sample.rows.locus.at(row), sample.of.sample.rows.sequence(row)


def _matching(sample: _Indexed, row: int, other: _Indexed, rule: BatchRule) -> NDArray[np.int64]:
    """Return the rows of another sample that are this sequence, over the whole of their overlap."""
    window = sample.windows[row]
    rows = other.having(window) if window else np.empty(0, dtype=np.int64)
    table, others = sample.of.sample.rows, other.of.sample.rows
    rows = rows[[others.locus.at(int(each)) == table.locus.at(row) for each in rows]] if len(rows) else rows
    differences = mismatches(
        others,
        rows,
        table.sequence(row),
        int(table.anchors[row]),
        min_overlap=rule.window_left_nt + rule.window_right_nt,
        max_mismatches=0,
    )
    return np.asarray(rows[differences == 0], dtype=np.int64)


def _shared_sequence(
    in_a: _Place, in_b: _Place, plate: Sequence[_Indexed], rule: BatchRule
) -> SharedSequence:
    templates = [int(sample.of.sample.rows.templates[list(rows)].sum()) for sample, rows in (in_a, in_b)]
    from_a = templates[0] >= templates[1]
    source, (row, *_) = in_a if from_a else in_b
    table = source.of.sample.rows
    probabilities = [
        sample.of.sample.rows.clone_probability.at(each) for sample, rows in (in_a, in_b) for each in rows
    ]
    known = [one for one in probabilities if not math.isnan(one)]
    subjects = {
        other.of.subject_id for other in plate if other is source or len(_matching(source, row, other, rule))
    }
    return SharedSequence(
        sequence=table.sequence(row),
        locus=table.locus.at(row),
        templates_a=templates[0],
        templates_b=templates[1],
        source="a" if from_a else "b",
        ratio=min(templates) / max(templates) if max(templates) else 0.0,
        clone_probability=max(known) if known else None,
        dominant=row in source.dominant,
        n_subjects=len(subjects),
    )


def _verdict(shared: SharedSequence, rule: BatchRule) -> Verdict:
    if shared.clone_probability is not None:
        rare = shared.clone_probability < rule.rare_probability_below
    else:
        rare = shared.n_subjects < rule.background_subjects_at_least
    return "bleed_over" if rare else "shared_background"


def _pair(a: _Indexed, b: _Indexed, verdict: Verdict, shared: Sequence[SharedSequence]) -> Pair:
    unknown = any(one.clone_probability is None for one in shared)
    names: Mapping[Verdict, str] = {
        "bleed_over": "too improbable to arise twice: templates of one sample are in the other",
        "shared_background": "common in unrelated people: neither a new clone nor contamination",
    }
    reasons = [f"{len(shared)} shared sequence(s), {names[verdict]}."]
    if unknown:
        reasons.append(
            "No probability is stated for some; how many subjects of the plate share them decides."
        )
    return Pair(
        a=a.of.path,
        b=b.of.path,
        verdict=verdict,
        shared=tuple(shared),
        flags=("CLONE_PROBABILITY_NOT_STATED",) if unknown else (),
        reasons=tuple(reasons),
    )
