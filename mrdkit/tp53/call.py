"""TP53 status of one patient sample from an annotated file and a policy.

`wild_type` is only said where nothing counts, every coding base and the bases beside each coding exon were
read deeply enough, and nothing stands against it; without that it is `indeterminate`, with every reason.
Absence of a file is `not_tested`. Source: `reference/tp53_policies`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from mrdkit.errors import UsageError
from mrdkit.results import Evidence, InputDigest, RuleUsed, Specimen, Tp53Call
from mrdkit.tp53.allelic import SecondHit, allelic_state
from mrdkit.tp53.annotated import AnnotatedVcf
from mrdkit.tp53.benign import load_benign_list
from mrdkit.tp53.counting import CountReason, Judged, judge
from mrdkit.tp53.coverage import Coverage, exons_without_coverage
from mrdkit.tp53.function import load_missense_table
from mrdkit.tp53.gene import load_gene
from mrdkit.tp53.policy import Policy
from mrdkit.version import __version__

__all__ = ["call_tp53", "not_tested"]

_BLOCKS = {
    CountReason.REJECTED: "its reference bases differ from TP53",
    CountReason.STRUCTURAL: "it is a structural change without an exact description",
    CountReason.UNRESOLVED: "its alleles are not bases",
    CountReason.FILTERED: "the caller filtered it",
    CountReason.CONFLICT: "the genotype says reference against its reads",
    CountReason.VAF_UNKNOWN: "its variant allele fraction is not known",
    CountReason.LOW_VAF: "its variant allele fraction is below the counted one",
    CountReason.LOW_EVIDENCE: "it has too few reads",
}
_GERMLINE = {"GERMLINE_POSSIBLE", "GERMLINE_SUSPECT"}
_FILE_BLOCKS = {
    "NO_FINAL_NEWLINE": "The last line of the file has no end, so that records may be missing.",
    "BUILD_DOUBTFUL": "Records outside TP53 carry the bases of TP53 on the other genome build.",
}


def call_tp53(
    annotated: AnnotatedVcf,
    policy: Policy,
    *,
    specimen: Specimen,
    coverage: Coverage | None = None,
    assume_covered: bool = False,
    second_hit: SecondHit | None = None,
) -> Tp53Call:
    """Return the TP53 call of one sample.

    Args:
        annotated: the sample's annotated file.
        policy: when a variant counts, and what wild type asks for.
        specimen: whose material it is.
        coverage: depth of the sample over the gene, from a coverage BED on the file's build.
        assume_covered: take full coverage on the user's word; it is written into the call.
        second_hit: what a karyotype or copy numbers say of the other allele.

    Raises:
        UsageError: the coverage was read for another build than the file's.
    """
    if coverage is not None and coverage.build != annotated.build:
        raise UsageError(
            "coverage and variants are on different builds",
            code="COVERAGE_BUILD",
            expected=annotated.build,
            found=coverage.build,
        )
    judged = judge(annotated, policy)
    counted = [one for one in judged if one.variant.counted]
    lacking = _exons_lacking(annotated, policy, coverage)
    against = _against_wild_type(annotated, judged)
    if lacking and not assume_covered:
        against.append(_coverage_sentence(lacking, policy))
    status, reasons = _status(counted, against)
    state, state_evidence = allelic_state(counted, policy, second_hit)
    return Tp53Call(
        specimen=specimen,
        build=annotated.build,
        build_evidence=annotated.build_evidence,
        sample=annotated.sample,
        status=status,
        n_counted=len(counted),
        max_vaf=max((float(one.vaf) for one in counted if one.vaf is not None), default=None),
        allelic_state=state,
        allelic_evidence=state_evidence,
        policy=policy.id,
        variants=tuple(one.variant for one in judged),
        flags=_flags(annotated, judged, lacking, assume_covered=assume_covered),
        reasons=(
            *reasons,
            *_notes(judged, policy),
            *_shared_codons(judged),
            *_assumed(lacking, assume_covered=assume_covered),
        ),
        evidence=_evidence(annotated, policy, coverage),
    )


def not_tested(policy: Policy, *, specimen: Specimen) -> Tp53Call:
    """Return the call of a specimen without a file: not tested, and never wild type."""
    return Tp53Call(
        specimen=specimen,
        build=None,
        build_evidence=None,
        sample=None,
        status="not_tested",
        n_counted=0,
        max_vaf=None,
        allelic_state=None,
        allelic_evidence=None,
        policy=policy.id,
        variants=(),
        flags=("NOT_TESTED",),
        reasons=("There is no variant file.",),
        evidence=Evidence(inputs=(), rules=_rules(policy), software_version=__version__),
    )


def _status(
    counted: Sequence[Judged], against: list[str]
) -> tuple[Literal["mutated", "wild_type", "indeterminate"], list[str]]:
    if counted:
        return "mutated", [
            f"{one.variant.hgvs_c} {one.variant.hgvs_p} counts ({one.variant.consequence})."
            for one in counted
        ]
    if against:
        return "indeterminate", against
    return "wild_type", ["No variant counts, and nothing stands against wild type."]


def _exons_lacking(annotated: AnnotatedVcf, policy: Policy, coverage: Coverage | None) -> tuple[int, ...]:
    return exons_without_coverage(
        load_gene(),
        (annotated.covered, coverage.covered if coverage else ()),
        depth=policy.coverage_depth_at_least,
        beside=policy.coverage_bases_beside_exon,
    )


def _against_wild_type(annotated: AnnotatedVcf, judged: Iterable[Judged]) -> list[str]:
    """Return every reason but coverage for which wild type cannot be said."""
    rows = [
        f"{_name(one)} does not count, but may be a mutation: {_why_it_blocks(one)}."
        for one in judged
        if one.blocks_wild_type
    ]
    return [*rows, *(_FILE_BLOCKS[flag] for flag in annotated.flags if flag in _FILE_BLOCKS)]


def _why_it_blocks(one: Judged) -> str:
    return "it shares a codon with another variant" if one.is_harmless_alone else _BLOCKS[one.reason]


def _name(one: Judged) -> str:
    named = one.row.annotation.status == "annotated"
    return one.variant.hgvs_c if named else f"The record at {one.variant.chrom}:{one.variant.pos}"


def _coverage_sentence(lacking: tuple[int, ...], policy: Policy) -> str:
    exons = ", ".join(str(exon) for exon in lacking)
    return (
        f"There is no evidence of a depth of at least {policy.coverage_depth_at_least} over all of "
        f"exon{'s' if len(lacking) > 1 else ''} {exons}."
    )


def _assumed(lacking: tuple[int, ...], *, assume_covered: bool) -> tuple[str, ...]:
    if not (assume_covered and lacking):
        return ()
    exons = ", ".join(str(exon) for exon in lacking)
    return (f"Full coverage was assumed on the user's word, without evidence for exons {exons}.",)


def _notes(judged: Sequence[Judged], policy: Policy) -> Iterator[str]:
    """Say what was merged, what was counted on trust, and what asks for a test of other tissue."""
    for one in judged:
        name, flags = one.variant.hgvs_c, one.variant.flags
        if one.variant.merged_from:
            parts = ", ".join(one.variant.merged_from)
            yield f"{name} is one change on one haplotype; the file has it as {parts}."
        if one.variant.counted and one.vaf is None:
            yield f"{name} counts on trust in the caller (policy {policy.id}): no reads of it are known."
        if one.variant.counted and _GERMLINE & set(flags):
            yield f"{name} may be of the germline: confirm on non-leukemic tissue."


def _shared_codons(judged: Sequence[Judged]) -> tuple[str, ...]:
    """Name the codons that hold several variants whose phase is not known or not merged."""
    meeting = [one for one in judged if one.meets_another]
    codons = sorted(codon for one in meeting for codon in one.codons)
    shared = dict.fromkeys(codon for codon, following in pairwise(codons) if codon == following)
    return tuple(
        f"Codon {codon} holds several variants; together they may change the protein otherwise than apart."
        for codon in shared
    )


def _flags(
    annotated: AnnotatedVcf, judged: Sequence[Judged], lacking: tuple[int, ...], *, assume_covered: bool
) -> tuple[str, ...]:
    """Return the file's flags, then those of the variants that count or block, then those of coverage."""
    telling = [one for one in judged if one.variant.counted or one.blocks_wild_type]
    of_variants = sorted({flag for one in telling for flag in one.variant.flags})
    coverage = ("COVERAGE_ASSUMED" if assume_covered else "COVERAGE_MISSING",) if lacking else ()
    return (*annotated.flags, *of_variants, *coverage)


def _evidence(annotated: AnnotatedVcf, policy: Policy, coverage: Coverage | None) -> Evidence:
    inputs = [InputDigest(role="variants", sha256=annotated.sha256)]
    if coverage is not None:
        inputs.append(InputDigest(role="coverage", sha256=coverage.sha256))
    return Evidence(inputs=tuple(inputs), rules=_rules(policy), software_version=__version__)


def _rules(policy: Policy) -> tuple[RuleUsed, ...]:
    used = (policy, load_gene(), load_benign_list(), *load_missense_table().rules)
    return tuple(RuleUsed(id=rule.id, version=rule.version, source=rule.source) for rule in used)
