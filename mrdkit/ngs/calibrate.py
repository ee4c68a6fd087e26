"""Chooses the sequences of a calibration sample that follow-up samples are searched for.

The four criteria use each sequence's own templates. Then clonal variants are collapsed: sequences of one
locus that differ by few substitutions over their overlap are one clone, or mutation and sequencing error
would make two targets of it. The representative is the first variant of the file that passes the criteria.
The vendor's own tags decide nothing; agreement with them is reported. Source: clonoSEQ clonality report,
`reference/ngs/dominance.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mrdkit.errors import UsageError
from mrdkit.ngs.criteria import Candidate, candidates_of
from mrdkit.ngs.denominator import denominator
from mrdkit.ngs.evolution import evolved_in, stem_start
from mrdkit.ngs.rules import DominanceRule, EvolutionRule, NgsRules
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
    table = sample.rows
    collapsed = collapsed_variants(table, candidates_of(table, cells, rules.dominance), rules.dominance)
    judged = candidates_of(table, cells, rules.dominance, also=collapsed)
    of_variants = templates_of_variants(table, collapsed)
    of_row = {
        candidate.row: _target(
            candidate,
            collapsed.get(candidate.row),
            of_variants.get(candidate.row, 0),
            subject_id=subject_id,
            sample=sample,
            rule=rules.evolution,
        )
        for candidate in judged
    }
    sub_clones = _sub_clones(sample, of_row, cells, subject_id, rules)
    candidates = [sub_clones.get(row, target) for row, target in of_row.items()]
    findings = (
        *((warning.code, warning.message) for warning in (*sample.warnings, *stated.warnings)),
        *_findings(sample, candidates, list(sub_clones.values())),
    )
    return TargetSet(
        subject_id=subject_id,
        sample_id=sample.sample_id,
        compartment=sample.compartment,
        cells=cells,
        cells_source=stated.source if usable else "none",
        candidates=tuple(sorted(candidates, key=_most_templates_first)),
        evolved=tuple(sorted(sub_clones.values(), key=_most_templates_first)),
        flags=tuple(code for code, _ in findings),
        reasons=tuple(message for _, message in findings),
        evidence=Evidence(
            inputs=(InputDigest(role="diagnosis", sha256=sample.sha256),),
            rules=rules.used(),
            software_version=__version__,
        ),
    )


def _sub_clones(
    sample: NgsSample, of_row: Mapping[int, Target], cells: float | None, subject_id: str, rules: NgsRules
) -> dict[int, Target]:
    """Return row -> sub-clone of one of the targets."""
    targets = [target for target in of_row.values() if target.dominant]
    matched = np.zeros(sample.rows.n, dtype=np.bool_)
    matched[[row for row, target in of_row.items() if target.dominant or target.collapsed_into]] = True
    found = evolved_in(sample.rows, targets, (), matched, rules.evolution).evolved
    judged = candidates_of(sample.rows, cells, rules.dominance, also=[one.row for one in found])
    rows = {candidate.row: candidate for candidate in judged}
    return {
        one.row: replace(
            _target(rows[one.row], None, 0, subject_id=subject_id, sample=sample, rule=rules.evolution),
            evolved_from=one.target.target_id,
            stem_length=one.stem_length,
        )
        for one in found
    }


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
        evolved=_joined_sub_clones(sets, candidates),
        flags=tuple(dict.fromkeys(flag for targets in sets for flag in targets.flags)),
        reasons=tuple(f"{targets.sample_id}: {reason}" for targets in sets for reason in targets.reasons),
        evidence=Evidence(
            inputs=tuple(digest for targets in sets for digest in targets.evidence.inputs),
            rules=sets[0].evidence.rules,
            software_version=__version__,
        ),
    )


def _joined_sub_clones(sets: Sequence[TargetSet], candidates: Mapping[str, Target]) -> tuple[Target, ...]:
    """Return the sub-clones of all calibrations; one that is a target of another calibration is none."""
    clones = {clone.target_id: clone for targets in reversed(sets) for clone in targets.evolved}
    targets = {target.target_id for target in candidates.values() if target.dominant}
    kept = [clone for clone in clones.values() if clone.target_id not in targets]
    return tuple(sorted(kept, key=_most_templates_first))


def _unless_variant(candidate: Target, earlier: Sequence[Target], rule: DominanceRule) -> Target:
    if candidate.dominant:
        for other in earlier:
            if other.locus == candidate.locus and is_variant(candidate, other, rule):
                return replace(candidate, dominant=False, collapsed_into=other.target_id)
    return candidate


def _target(
    candidate: Candidate,
    representative: Candidate | None,
    variant_templates: int,
    *,
    subject_id: str,
    sample: NgsSample,
    rule: EvolutionRule,
) -> Target:
    table, row = sample.rows, candidate.row
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
        vendor_dominant=candidate.vendor_dominant if _has_tags(sample) else None,
        sensitivity_bin=candidate.sensitivity_bin,
        cell_free_sensitivity_bin=candidate.cell_free_sensitivity_bin,
        clone_probability=candidate.clone_probability,
        collapsed_into=(
            target_id(subject_id, representative.locus, representative.sequence) if representative else None
        ),
        j_index=candidate.j_index,
        variant_templates=candidate.templates + variant_templates,
        stem_start=stem_start(int(table.d_starts[row]), int(table.d_ends[row]), candidate.j_index, rule),
    )


def _has_tags(sample: NgsSample) -> bool:
    return sample.assay_kind != "unknown"


def _findings(
    sample: NgsSample, candidates: Sequence[Target], sub_clones: Sequence[Target]
) -> Iterator[tuple[str, str]]:
    """Yield code and sentence of everything a reader of the calibration must know."""
    dominant = [candidate for candidate in candidates if candidate.dominant]
    if sample.templates_doubtful:
        yield "TEMPLATES_DOUBTFUL", "The counts are or may be reads, not templates: no targets."
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
    if sub_clones:
        templates = sum(clone.templates for clone in sub_clones)
        yield (
            "SUB_CLONES",
            f"{len(sub_clones)} sub-clone(s), {templates:,} templates: a target's stem, another V.",
        )
    if not _has_tags(sample):
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
