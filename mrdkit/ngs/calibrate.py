"""Chooses the sequences of a calibration sample that follow-up samples are searched for.

The four criteria use each sequence's own templates. Then clonal variants are collapsed: sequences of one
locus that differ by few substitutions over their overlap are one clone, or mutation and sequencing error
would make two targets of it. The representative is the first variant of the file that passes the criteria.
The vendor's own tags decide nothing; agreement with them is reported. Source: clonoSEQ clonality report,
`reference/ngs/dominance.toml`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mrdkit.errors import UsageError
from mrdkit.ngs.criteria import Candidate, candidates_of, unique_rows
from mrdkit.ngs.denominator import denominator
from mrdkit.ngs.matching import pack_one
from mrdkit.ngs.rules import DominanceRule, NgsRules
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.targets import Target, TargetSet, target_id
from mrdkit.ngs.variants import collapsed_variants, is_variant, templates_of_variants
from mrdkit.results import Evidence, InputDigest
from mrdkit.version import __version__

__all__ = ["calibrate", "merge_targets"]


def calibrate(sample: NgsSample, *, subject_id: str, rules: NgsRules) -> TargetSet:
    """Return all candidates of a calibration sample; the dominant ones are the targets.

    Args:
        sample: diagnosis or relapse material.
        subject_id: pseudonym of the subject; part of each target's identity.
        rules: from `load_rules`.

    Raises:
        UsageError: the subject id is empty.
    """
    if not subject_id.strip():
        raise UsageError("the subject id is empty", code="SUBJECT_MISSING", remedy="give a pseudonym")
    stated = denominator(sample, rules.cells)
    # Cells of a plasma file are residual cells: they are no denominator of cell-free DNA.
    usable = sample.compartment == "cellular" and not sample.templates_doubtful
    cells = stated.cells if usable else None
    rows = unique_rows(sample)
    collapsed = collapsed_variants(rows, candidates_of(rows, cells, rules.dominance), rules.dominance)
    judged = candidates_of(rows, cells, rules.dominance, also=collapsed)
    has_tags = sample.assay_kind != "unknown"
    of_variants = templates_of_variants(rows, collapsed)
    candidates = tuple(
        _target(
            candidate,
            collapsed.get(candidate.row),
            of_variants.get(candidate.row, 0),
            subject_id=subject_id,
            has_tags=has_tags,
        )
        for candidate in judged
    )
    findings = (
        *((warning.code, warning.message) for warning in (*sample.warnings, *stated.warnings)),
        *_findings(sample, candidates, has_tags=has_tags),
    )
    return TargetSet(
        subject_id=subject_id,
        sample_id=sample.sample_id,
        compartment=sample.compartment,
        cells=cells,
        cells_source=stated.source if usable else "none",
        candidates=tuple(sorted(candidates, key=_most_templates_first)),
        flags=tuple(code for code, _ in findings),
        reasons=tuple(message for _, message in findings),
        evidence=Evidence(
            inputs=(InputDigest(role="diagnosis", sha256=sample.sha256),),
            rules=rules.used(),
            software_version=__version__,
        ),
    )


def merge_targets(sets: Sequence[TargetSet], rule: DominanceRule) -> TargetSet:
    """Join the calibrations of one subject, the earliest first; a later variant of an earlier target is none.

    Raises:
        UsageError: no set, or sets of different subjects.
    """
    if len({targets.subject_id for targets in sets}) != 1:
        raise UsageError(
            "calibrations can be joined for one subject only",
            code="SUBJECT_MISMATCH",
            found=f"{len({targets.subject_id for targets in sets})} subjects",
        )
    if len(sets) == 1:
        return sets[0]
    candidates: dict[str, Target] = {}
    for candidate in (candidate for targets in sets for candidate in targets.candidates):
        known = candidates.get(candidate.target_id)
        if known is None or (candidate.dominant and not known.dominant):
            earlier = [other for other in candidates.values() if other.dominant]
            candidates[candidate.target_id] = _unless_variant(candidate, earlier, rule)
    compartments = {targets.compartment for targets in sets}
    return TargetSet(
        subject_id=sets[0].subject_id,
        sample_id="+".join(targets.sample_id for targets in sets),
        compartment=sets[0].compartment if len(compartments) == 1 else "cellular",
        cells=None,
        cells_source="none",
        candidates=tuple(sorted(candidates.values(), key=_most_templates_first)),
        flags=tuple(dict.fromkeys(flag for targets in sets for flag in targets.flags)),
        reasons=tuple(f"{targets.sample_id}: {reason}" for targets in sets for reason in targets.reasons),
        evidence=Evidence(
            inputs=tuple(digest for targets in sets for digest in targets.evidence.inputs),
            rules=sets[0].evidence.rules,
            software_version=__version__,
        ),
    )


def _unless_variant(candidate: Target, earlier: Sequence[Target], rule: DominanceRule) -> Target:
    if not candidate.dominant:
        return candidate
    packed = pack_one(candidate.sequence, candidate.j_index)
    for other in earlier:
        if other.locus == candidate.locus and is_variant(packed, other.sequence, other.j_index, rule)[0]:
            return replace(candidate, dominant=False, collapsed_into=other.target_id)
    return candidate


def _target(
    candidate: Candidate,
    representative: Candidate | None,
    variant_templates: int,
    *,
    subject_id: str,
    has_tags: bool,
) -> Target:
    return Target(
        target_id=target_id(subject_id, candidate.locus, candidate.sequence),
        locus=candidate.locus,
        like_group=candidate.like_group,
        sequence=candidate.sequence,
        v=candidate.v,
        d=candidate.d,
        j=candidate.j,
        frame=candidate.frame,
        templates=candidate.templates,
        fraction_of_group=candidate.fraction_of_group,
        fraction_of_cells=candidate.fraction_of_cells,
        n_next_decade=candidate.n_next_decade,
        dominant=not candidate.failed_criteria and representative is None,
        failed_criteria=candidate.failed_criteria,
        vendor_dominant=candidate.vendor_dominant if has_tags else None,
        sensitivity_bin=candidate.sensitivity_bin,
        cell_free_sensitivity_bin=candidate.cell_free_sensitivity_bin,
        clone_probability=candidate.clone_probability,
        collapsed_into=(
            target_id(subject_id, representative.locus, representative.sequence) if representative else None
        ),
        j_index=candidate.j_index,
        variant_templates=candidate.templates + variant_templates,
    )


def _findings(
    sample: NgsSample, candidates: Sequence[Target], *, has_tags: bool
) -> Iterator[tuple[str, str]]:
    """Yield code and sentence of everything a reader of the calibration must know."""
    dominant = [candidate for candidate in candidates if candidate.dominant]
    if sample.templates_doubtful:
        yield "TEMPLATES_DOUBTFUL", "The column count contradicts the header and may hold reads: no targets."
    if sample.compartment == "cell_free":
        yield "CALIBRATION_FROM_PLASMA", "Plasma has no count of cells, so no sequence meets CELLS_0_2PCT."
    if not dominant:
        yield "NO_DOMINANT_SEQUENCE", "No sequence meets all four dominance criteria."
    for target in dominant:
        if target.fraction_of_cells is not None and target.fraction_of_cells > 1.0:
            yield (
                "MORE_THAN_ONE_COPY_PER_CELL",
                f"{_name(target)} has {target.fraction_of_cells:.3f} templates per cell; kept as it is.",
            )
    if not has_tags:
        yield (
            "VENDOR_TAGS_ABSENT",
            "The file has no vendor tags; the sequences are chosen by the rules alone.",
        )
        return
    differing = [
        candidate for candidate in candidates if bool(candidate.vendor_dominant) != candidate.dominant
    ]
    if differing:
        names = ", ".join(_name(target) for target in sorted(differing, key=_most_templates_first))
        yield "VENDOR_TAGS_DIFFER", f"The rules and the vendor's Dx tags differ on: {names}."
    elif dominant:
        yield "VENDOR_TAGS_AGREE", f"The vendor tagged the same {len(dominant)} sequence(s) as dominant."


def _name(target: Target) -> str:
    return f"{target.locus} {target.v or target.d or target.j or 'unnamed'} ({target.templates:,} templates)"


def _most_templates_first(target: Target) -> tuple[int, str, str]:
    return -target.templates, target.locus, target.sequence
