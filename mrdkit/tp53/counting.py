"""Whether an annotated allele counts as a mutation under a policy, why, and what bars wild type.

All comparisons are of integers and exact fractions, and inclusive. A row that does not count says why in
`count_reason`; a row that could hide a mutation blocks wild type. Neighbours on one haplotype are judged as
the one change that they are, unless its reads are too few to count while one of them counts alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from mrdkit.results import Tp53Variant
from mrdkit.tp53.annotated import AlleleRow, AnnotatedVcf
from mrdkit.tp53.gene import Build
from mrdkit.tp53.merging import merged_row, neighbours_in_cis
from mrdkit.tp53.phase import apart, in_cis
from mrdkit.tp53.policy import Policy, percent

__all__ = ["CountReason", "Judged", "judge", "judge_row"]


class CountReason(StrEnum):
    """Why a variant counts or does not."""

    COUNTED = "counted"
    BENIGN = "benign"
    LIKELY_BENIGN = "likely_benign"
    CONSEQUENCE = "consequence_not_counted"
    REJECTED = "ref_mismatch"
    STRUCTURAL = "structural"
    UNRESOLVED = "unresolved"
    FILTERED = "filtered"
    CONFLICT = "genotype_conflict"
    VAF_UNKNOWN = "vaf_unknown"
    LOW_VAF = "low_vaf"
    LOW_EVIDENCE = "low_evidence"


_NOT_NAMED = {"rejected": CountReason.REJECTED, "structural": CountReason.STRUCTURAL}
_HARMLESS = {CountReason.BENIGN, CountReason.LIKELY_BENIGN, CountReason.CONSEQUENCE}
_MEETING = ("PHASE_UNKNOWN", "PHASE_NOT_MERGED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One listed variant with its exact VAF and the codons that it touches."""

    variant: Tp53Variant
    reason: CountReason
    vaf: Fraction | None
    codons: range
    row: AlleleRow

    @property
    def blocks_wild_type(self) -> bool:
        """Whether the row could hide a mutation that it does not prove."""
        return not self.variant.counted and (self.reason not in _HARMLESS or self.meets_another)

    @property
    def meets_another(self) -> bool:
        """Whether another variant of the same codon may stand on the same allele.

        Two changes that are harmless apart (synonymous, benign) can be a missense or a stop together.
        """
        return any(flag in self.variant.flags for flag in _MEETING)

    @property
    def is_harmless_alone(self) -> bool:
        """Whether only another variant beside it could make it a mutation."""
        return self.reason in _HARMLESS


def judge(annotated: AnnotatedVcf, policy: Policy) -> tuple[Judged, ...]:
    """Return the listed variants in the order of the file, each allele once, with flags and reasons."""
    listed = [judge_row(row, policy) for row in _once(annotated.rows) if _is_listed(row, policy)]
    return _with_neighbours(_with_merged(annotated.build, listed, policy))


def _with_merged(build: Build, listed: Sequence[Judged], policy: Policy) -> list[Judged]:
    """Put the common change of neighbours in cis into the place of the first of them."""
    places: dict[str, Judged] = {one.row.annotation.key: one for one in listed}
    for run in neighbours_in_cis([one.row for one in listed]):
        parts = [places[row.annotation.key] for row in run]
        row = merged_row(build, run)
        merged = None if row is None else judge_row(row, policy)
        if merged is None or _loses_a_mutation(parts, merged):
            continue
        first, *others = sorted(parts, key=listed.index)
        places[first.row.annotation.key] = merged
        for part in others:
            del places[part.row.annotation.key]
    # The file may hold the common change as a record of its own too.
    kept = {id(row) for row in _once(one.row for one in places.values())}
    return [one for one in places.values() if id(one.row) in kept]


def _loses_a_mutation(parts: Iterable[Judged], merged: Judged) -> bool:
    """Tell a merged change that lacks reads or a passed filter where a part of it counts alone."""
    doubtful = not merged.variant.counted and merged.reason not in _HARMLESS
    return doubtful and any(part.variant.counted for part in parts)


def _is_listed(row: AlleleRow, policy: Policy) -> bool:
    """Leave out what the sample does not carry, and what lies below the listed VAF."""
    depth = row.depth
    if row.annotation.status != "annotated":
        return row.genotype != "reference"
    if row.genotype == "reference":
        # A caller that says "reference" over countable reads contradicts itself; that is not hidden.
        return _shortage(row, policy) is None and depth.vaf is not None
    if depth.alt_reads == 0 and depth.depth:
        return _contradicts_reads(row, policy)
    return depth.vaf is None or depth.vaf >= percent(policy.listed_vaf_percent_at_least)


def _contradicts_reads(row: AlleleRow, policy: Policy) -> bool:
    """Tell a genotype that carries the allele, at a countable fraction, over no read of it."""
    stated = row.depth.stated_vaf
    enough = stated is not None and stated >= percent(policy.counted_vaf_percent_at_least)
    return row.genotype == "carried" and row.depth.alt_reads == 0 and enough


def _once(rows: Iterable[AlleleRow]) -> list[AlleleRow]:
    """Keep one row per normalised allele: one that the sample carries, that passed, the deeper one."""
    best: dict[str, AlleleRow] = {}
    for row in rows:
        key = row.annotation.key
        known = best.get(key)
        if known is None or _rank(row) > _rank(known):
            best[key] = row
    return list(best.values())


def _rank(row: AlleleRow) -> tuple[bool, bool, bool, int, int]:
    carried = row.genotype != "reference" and row.depth.alt_reads != 0
    depth = row.depth
    return carried, depth.vaf is not None, row.passed, depth.depth or 0, depth.alt_reads or 0


def judge_row(row: AlleleRow, policy: Policy) -> Judged:
    """Return one row as a listed variant, whatever stands beside it."""
    reason = _reason(row, policy)
    annotation, depth = row.annotation, row.depth
    variant = Tp53Variant(
        chrom=row.chrom,
        pos=row.pos,
        ref=row.ref,
        alt=row.alt,
        key=annotation.key,
        hgvs_g=annotation.hgvs_g,
        hgvs_c=annotation.hgvs_c,
        hgvs_p=annotation.hgvs_p,
        transcript=annotation.transcript,
        consequence=annotation.consequence,
        class_=annotation.class_,
        counted=reason is CountReason.COUNTED,
        count_reason=reason.value,
        alt_reads=depth.alt_reads,
        depth=depth.depth,
        vaf=None if depth.vaf is None else float(depth.vaf),
        vaf_source=depth.source,
        filter=row.filter,
        flags=_flags(row, reason, policy),
        exon=annotation.exon,
        hotspot=annotation.hotspot,
        functional_class=annotation.functional_class,
        supplied_hgvs=row.supplied,
        merged_from=row.merged_from,
    )
    return Judged(variant=variant, reason=reason, vaf=depth.vaf, codons=annotation.codons, row=row)


def _reason(row: AlleleRow, policy: Policy) -> CountReason:
    annotation = row.annotation
    if annotation.status != "annotated":
        return _NOT_NAMED.get(annotation.status, CountReason.UNRESOLVED)
    if annotation.consequence not in policy.counted_consequences:
        return CountReason.CONSEQUENCE
    if annotation.class_ is not None:
        return CountReason(annotation.class_)
    if not row.passed:
        return CountReason.FILTERED
    if row.genotype == "reference" or _contradicts_reads(row, policy):
        return CountReason.CONFLICT
    return _shortage(row, policy) or CountReason.COUNTED


def _shortage(row: AlleleRow, policy: Policy) -> CountReason | None:
    """Return what the reads of a row lack; depth rules are skipped where only a fraction is known."""
    depth = row.depth
    if depth.vaf is None:
        trusted = policy.trust_calls and row.genotype in {"carried", "none"}
        return None if trusted else CountReason.VAF_UNKNOWN
    enough_reads = depth.alt_reads is None or depth.alt_reads >= policy.counted_alt_reads_at_least
    enough_depth = depth.depth is None or depth.depth >= policy.counted_depth_at_least
    if not (enough_reads and enough_depth):
        return CountReason.LOW_EVIDENCE
    return CountReason.LOW_VAF if depth.vaf < percent(policy.counted_vaf_percent_at_least) else None


def _flags(row: AlleleRow, reason: CountReason, policy: Policy) -> tuple[str, ...]:
    vaf, normal = row.depth.vaf, row.normal_vaf
    # Labels of a VAF are said of what may be a mutation; a polymorphism at 50 % is no finding.
    labelled = vaf is not None and reason not in _HARMLESS
    share = vaf if labelled and vaf is not None else Fraction(-1)
    low, high = percent(policy.germline_vaf_percent_at_least), percent(policy.germline_vaf_percent_at_most)
    in_normal = normal is not None and normal >= percent(policy.normal_sample_vaf_percent_at_least)
    flags = {
        "VAF_GE_45": share >= percent(policy.high_vaf_percent_at_least),
        "LOW_VAF": vaf is not None and vaf < percent(policy.counted_vaf_percent_at_least),
        "GERMLINE_POSSIBLE": low <= share <= high,
        "GERMLINE_SUSPECT": in_normal,
        "FILTERED": not row.passed,
        "VAF_UNKNOWN": vaf is None,
        "CALL_TRUSTED": vaf is None and reason is CountReason.COUNTED,
        "DEPTH_UNKNOWN": vaf is not None and row.depth.depth is None,
        "GENOTYPE_CONFLICT": row.genotype == "reference" or _contradicts_reads(row, policy),
        "GENOTYPE_MISSING": row.genotype == "missing",
    }
    return (*row.annotation.flags, *row.depth.flags, *(flag for flag, holds in flags.items() if holds))


def _with_neighbours(listed: Sequence[Judged]) -> tuple[Judged, ...]:
    """Flag variants that share a codon, since together they may change the protein otherwise than apart."""
    of_codon: defaultdict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(listed):
        for codon in one.codons:
            of_codon[codon].append(place)
    flagged = []
    for place, one in enumerate(listed):
        others = {other for codon in one.codons for other in of_codon[codon]} - {place}
        found = {_relation(one, listed[other]) for other in others}
        added = tuple(flag for flag in _MEETING if flag in found)
        variant = replace(one.variant, flags=(*one.variant.flags, *added))
        flagged.append(replace(one, variant=variant))
    return tuple(flagged)


def _relation(one: Judged, other: Judged) -> str | None:
    """Return the flag that two variants of one codon give each other, or None where they do not meet."""
    if _same_base(one, other):
        return None
    first, second = one.row.phase, other.row.phase
    if in_cis(first, second):
        return "PHASE_NOT_MERGED"
    return None if apart(first, second) else "PHASE_UNKNOWN"


def _same_base(one: Judged, other: Judged) -> bool:
    """Tell two substitutions of one base: no allele carries both."""
    first, second = (judged.row.annotation.key.split("-") for judged in (one, other))
    return first[1] == second[1] and all(len(bases) == 1 for bases in (*first[2:], *second[2:]))
