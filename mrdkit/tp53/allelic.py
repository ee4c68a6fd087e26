"""What is known of the two TP53 alleles of a mutated sample, and by what evidence.

Two counted hits, or one hit beside a loss or copy-neutral loss that another test has shown, are named as what
they are. One hit with a VAF of more than half, or in a low hypodiploid karyotype, only infers the loss of the
other allele. That no loss is seen never excludes one. Source: `reference/tp53_policies`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.tp53.counting import Judged
from mrdkit.tp53.phase import Phase, apart, in_cis
from mrdkit.tp53.policy import Policy, percent

__all__ = ["AllelicState", "SecondHit", "allelic_state"]

AllelicState: TypeAlias = Literal[
    "multi_hit", "mut+del17p", "mut+cnLOH", "inferred_LOH", "monoallelic_or_unknown"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondHit:
    """What another test says of the other allele.

    Attributes:
        kind: `del17p` and `cnLOH` where the test shows it; `low_hypodiploid` where the karyotype implies it.
        evidence: what was found, such as `del(17)(p13)`.
    """

    kind: Literal["del17p", "cnLOH", "low_hypodiploid"]
    evidence: str


_SHOWN: dict[str, AllelicState] = {"del17p": "mut+del17p", "cnLOH": "mut+cnLOH"}


def allelic_state(
    counted: Sequence[Judged], policy: Policy, second: SecondHit | None
) -> tuple[AllelicState | None, str | None]:
    """Return the label of the counted variants of one sample with its evidence; None without a variant."""
    if not counted:
        return None, None
    hits = _hits(counted)
    if len(hits) > 1:
        beside = f"; beside them {second.kind} ({second.evidence})" if second else ""
        return "multi_hit", f"{len(hits)} counted variants; {_on_which_alleles(hits)}{beside}"
    if second is not None and second.kind in _SHOWN:
        return _SHOWN[second.kind], f"one counted hit, and {second.kind} shown by {second.evidence}"
    if second is not None:
        return "inferred_LOH", (
            f"one counted hit in a low hypodiploid karyotype ({second.evidence}), in which one chromosome 17 "
            "is mostly lost; inferred, not shown"
        )
    limit, vaf = percent(policy.inferred_loh_vaf_percent_more_than), hits[0].vaf
    if vaf is not None and vaf > limit:
        return "inferred_LOH", (
            f"one counted hit with a VAF above {float(limit * 100):g} %; inferred, not shown"
        )
    return "monoallelic_or_unknown", "one counted hit; loss of the other allele is not excluded"


def _hits(counted: Sequence[Judged]) -> list[Judged]:
    """Leave out variants that stand on the haplotype of an earlier one: they hit the same allele."""
    hits: list[Judged] = []
    seen: set[Phase | None] = set()
    for one in counted:
        phase = one.row.phase
        if not (in_cis(phase, phase) and phase in seen):
            hits.append(one)
        seen.add(phase)
    return hits


def _on_which_alleles(hits: Sequence[Judged]) -> str:
    phases = {one.row.phase for one in hits}
    if any(apart(first, second) for first in phases for second in phases):
        return "on two alleles, by their phase"
    return "whether on both alleles is not known"
