"""Variants that share a codon: together they may change the protein otherwise than apart."""

from pathlib import Path

import pytest
from tp53_files import R175H, call, full_coverage, vcf, write

MUTATED = (*R175H, "GT:AD:DP", "0/1:120,80:200")
OTHER = ("1", "1000", ".", "A", "G", ".", "PASS", ".", "GT:AD:DP", "0/1:50,50:100")


def test_two_variants_of_one_codon_say_that_they_may_belong_together(tmp_path: Path) -> None:
    second = ("17", "7675089", ".", "G", "A", ".", "PASS", ".", "GT:AD:DP", "0/1:120,80:200")
    found = call(write(tmp_path, vcf([MUTATED, second])))
    assert all("PHASE_UNKNOWN" in variant.flags for variant in found.variants)
    assert any("Codon 175" in reason for reason in found.reasons)
    apart = [
        (*record[:9], genotype) for record, genotype in ((MUTATED, "0|1:20,180"), (second, "1|0:20,180"))
    ]
    found = call(write(tmp_path, vcf(apart)))
    assert not any("PHASE_UNKNOWN" in variant.flags for variant in found.variants)
    assert found.allelic_state == "multi_hit"


@pytest.mark.parametrize(
    ("genotypes", "status"),
    [
        (("0/1", "0/1"), "indeterminate"),  # phase unknown
        (("0|1", "0|1"), "indeterminate"),  # on one allele: AGT, Arg213Ser
        (("0|1", "1|0"), "wild_type"),  # each alone is silent
    ],
)
def test_two_silent_changes_of_one_codon_may_be_a_missense_together(
    genotypes: tuple[str, str], status: str, tmp_path: Path
) -> None:
    places = (("7674894", "G", "T"), ("7674892", "T", "A"))
    rows = [
        ("17", pos, ".", ref, alt, ".", "PASS", ".", "GT:PS:AD", f"{genotype}:7674892:120,80")
        for (pos, ref, alt), genotype in zip(places, genotypes, strict=True)
    ]
    found = call(write(tmp_path, vcf(rows)), bed=full_coverage(tmp_path))
    assert [variant.consequence for variant in found.variants] == ["synonymous", "synonymous"]
    assert found.status == status
    assert any("shares a codon" in reason for reason in found.reasons) == (status == "indeterminate")


def test_two_alleles_of_one_base_stand_on_two_chromosomes(tmp_path: Path) -> None:
    row = ("17", "7675088", ".", "C", "T,A", ".", "PASS", ".", "GT:AD", "1/2:100,80,20")
    found = call(write(tmp_path, vcf([row])))
    assert found.n_counted == 2
    assert not any("PHASE" in flag for variant in found.variants for flag in variant.flags)


def test_two_variants_on_one_haplotype_are_one_hit(tmp_path: Path) -> None:
    """Merging them is not supported; that is said, and they are never called biallelic."""
    second = ("17", "7675089", ".", "G", "A", ".", "PASS", ".")
    rows = [(*record[:8], "GT:PS:AD", "0|1:7675088:120,80") for record in (MUTATED, second)]
    found = call(write(tmp_path, vcf(rows)))
    assert all("PHASE_NOT_MERGED" in variant.flags for variant in found.variants)
    assert (found.status, found.n_counted, found.allelic_state) == ("mutated", 2, "monoallelic_or_unknown")
