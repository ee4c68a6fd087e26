"""Which alleles of a sample stand on one chromosome, as far as the file says it.

PGT with PID (GATK) is taken before a phased GT with PS. All phased genotypes without PS belong to one set, as
the VCF specification rules. Two alleles are in cis where one set gives them the same haplotypes, apart where
it gives them no haplotype in common, and of unknown phase otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Phase", "apart", "in_cis", "phase_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """The phase set of a genotype and the haplotypes (0, 1) that carry the allele."""

    phase_set: str
    haplotypes: tuple[int, ...]


def phase_of(fields: Mapping[str, str], allele: int, *, is_only: bool) -> Phase | None:
    """Return the phase of one allele from a sample's fields, or None where the genotype is not phased.

    Args:
        fields: the sample's fields.
        allele: number of the alternate allele, from 1.
        is_only: whether the record has no other alternate allele.
    """
    if is_only and "PID" in fields and "|" in fields.get("PGT", ""):
        # PGT knows only this allele (1) and the other (0), whatever the allele's number.
        return Phase(phase_set=fields["PID"], haplotypes=_haplotypes(fields["PGT"], "1"))
    if "|" in fields.get("GT", ""):
        return Phase(phase_set=fields.get("PS", ""), haplotypes=_haplotypes(fields["GT"], str(allele)))
    return None


def in_cis(first: Phase | None, second: Phase | None) -> bool:
    """Tell two alleles that stand on the same haplotypes of one phase set."""
    return first is not None and first == second and first.haplotypes != ()


def apart(first: Phase | None, second: Phase | None) -> bool:
    """Tell two alleles of one phase set that no haplotype carries both of."""
    if first is None or second is None or first.phase_set != second.phase_set:
        return False
    known = bool(first.haplotypes and second.haplotypes)
    return known and not set(first.haplotypes) & set(second.haplotypes)


def _haplotypes(genotype: str, allele: str) -> tuple[int, ...]:
    return tuple(i for i, called in enumerate(genotype.split("|")) if called == allele)
