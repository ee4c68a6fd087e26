"""What a karyotype says of the other TP53 allele: loss of 17p13.1, or a low hypodiploid clone.

A loss is named where the karyotype shows it: chromosome 17 lost from a clone that is not polyploid and has no
marker, a deletion of 17p that reaches band p13.1, an isochromosome of 17q, or an unbalanced translocation
that breaks below p13. Additional material on 17p, and a break in p13 itself, leave it open and say nothing.
Source: ISCN 2024; TP53 lies in 17p13.1 (NCBI Gene 7157).
"""

import re
from collections.abc import Iterator

from mrdkit.errors import InputError
from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import KaryotypeCall, Specimen
from mrdkit.tp53 import SecondHit

__all__ = ["second_hit_of", "second_hit_of_text"]

_LOW_HYPODIPLOID = "HoTr"
_POLYPLOID = re.compile(r"tri|tetra|penta|hexa|poly|doubled")
_LOST = re.compile(
    r"del\(17\)\(p(11(\.\d+)?|12|13(\.1)?)\)"
    r"|del\(17\)\(p(11(\.\d+)?|12|13(\.1)?)p13(\.\d+)?\)"
    r"|i\(17\)\(q10\)|i\(17q\)|ider\(17\)\(q10\).*|idic\(17\)\(p(11(\.\d+)?|12)\)"
)
_JOINED = re.compile(r"(?:der\(17\)t|der|dic)\(([^()]*;[^()]*)\)\(([^()]*)\)")
_BELOW_P13 = re.compile(r"p1(1(\.\d+)?|2)|q10")
_MAY_CARRY_17P = re.compile(r"\+.*(17|mar|r).*")


def second_hit_of(karyotype: KaryotypeCall) -> SecondHit | None:
    """Return what the recipient's clones say of the other allele; None where they leave it open."""
    if karyotype.status == "rejected":
        return None
    lost = next(_losses(karyotype), None)
    if lost is not None:
        return SecondHit(kind="del17p", evidence=f"{lost} in the karyotype")
    if karyotype.ploidy_group == _LOW_HYPODIPLOID:
        return SecondHit(kind="low_hypodiploid", evidence=f"{karyotype.modal_number} chromosomes")
    return None


def second_hit_of_text(text: str) -> SecondHit | None:
    """Return what a karyotype as written says of the other allele.

    Raises:
        InputError: it is no karyotype that can be read.
    """
    karyotype = call_karyotype(text, specimen=Specimen(), rule=read_karyotype_rule())
    if karyotype.status == "rejected":
        raise InputError(
            "the karyotype cannot be read, so that it says nothing of 17p",
            code="KARYOTYPE_REJECTED",
            found=karyotype.error,
            remedy="correct it, or leave it out",
        )
    return second_hit_of(karyotype)


def _losses(karyotype: KaryotypeCall) -> Iterator[str]:
    """Yield what leaves one copy of 17p13.1; in a polyploid clone a lost 17 leaves two or more."""
    if _POLYPLOID.search(karyotype.ploidy or ""):
        return
    for clone in karyotype.clones:
        if clone.population == "recipient" and clone.clonal:
            if "-17" in clone.items and not any(_MAY_CARRY_17P.fullmatch(item) for item in clone.items):
                yield "-17"
            yield from (item for item in clone.items if _LOST.fullmatch(item) or _breaks_below_p13(item))


def _breaks_below_p13(item: str) -> bool:
    match = _JOINED.fullmatch(item)
    if match is None:
        return False
    breaks = dict(zip(match[1].split(";"), match[2].split(";"), strict=False))
    return _BELOW_P13.fullmatch(breaks.get("17", "")) is not None
