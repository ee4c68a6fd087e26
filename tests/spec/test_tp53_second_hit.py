"""The other TP53 allele: what a karyotype says of 17p, and what label it gives one counted hit."""

from pathlib import Path

import pytest
from tables import rows
from tp53_files import R175H, vcf, write

from mrdkit.errors import InputError
from mrdkit.patient.second_hit import second_hit_of_text
from mrdkit.results import Specimen, Tp53Call
from mrdkit.tp53 import SecondHit, annotate_vcf, call_tp53, load_policy

KARYOTYPES = """
    karyotype                                               | second hit      | clause
    --------------------------------------------------------+-----------------+------------------------------------------
    45,XY,-17[5]/46,XY[15]                                  | del17p          | one chromosome 17
    46,XX,del(17)(p13)[8]/46,XX[12]                         | del17p          | terminal deletion
    46,XX,del(17)(p11.2)[8]                                 | del17p          | terminal, from below
    46,XX,del(17)(p12p13)[8]                                | del17p          | interstitial, with p13
    46,XX,del(17)(p11.2p12)[8]                              | -               | interstitial, below TP53
    46,XX,del(17)(p13.3)[8]                                 | -               | beyond TP53
    46,XX,del(17)(q21)[8]                                   | -               | the long arm
    46,XX,i(17)(q10)[10]                                    | del17p          | two long arms
    46,XX,der(17)t(5;17)(q13;p11.2)[3]                      | del17p          | unbalanced, breaks below p13
    46,XX,der(17)t(5;17)(q13;p13)[3]                        | -               | breaks in p13: TP53 may be there
    46,XX,t(9;17)(p13;p11.2)[4]                             | -               | balanced
    45,XX,dic(9;17)(p13;p11.2)[4]                           | del17p          | dicentric
    45,XX,der(5;17)(q10;q10)[4]                             | del17p          | whole arms, no 17p
    46,XX,add(17)(p13)[4]                                   | -               | what was lost is not known
    46,XX,-17,+mar[4]                                       | -               | the marker may be the 17
    46,XX[20]                                               | -               | normal
    37,XX,-2,-3,-7,-13,-15,-16,-18,-20,-21[6]/46,XX[10]     | low_hypodiploid | 37 chromosomes, both 17 named
    37,XX,-2,-3,-7,-13,-15,-16,-17,-20,-21[6]/46,XX[10]     | del17p          | 37 chromosomes, one 17
    68<3n>,XXY,-17[4]/46,XY[6]                              | low_hypodiploid | doubled: two 17 are left
    46,XX[10]//45,XY,-17[10]                                | -               | the donor's clone says nothing
"""


@pytest.mark.parametrize("row", rows(KARYOTYPES), ids=lambda row: row[0])
def test_what_a_karyotype_says_of_17p(row: list[str]) -> None:
    text, expected, clause = row
    found = second_hit_of_text(text)
    assert ("-" if found is None else found.kind) == expected, clause


def test_a_karyotype_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        second_hit_of_text("46,XX,-17[1]/46,XX[19]")
    assert refused.value.code == "KARYOTYPE_REJECTED"


ALLELES = """
    AD      | second hit      | state                  | evidence holds                 | clause
    --------+-----------------+------------------------+--------------------------------+---------------------------
    120,80  | -               | monoallelic_or_unknown | not excluded                   | 40 %, nothing else known
    80,120  | -               | inferred_LOH           | inferred, not shown            | 60 %
    120,80  | del17p          | mut+del17p             | shown by the test              | whatever the VAF
    120,80  | cnLOH           | mut+cnLOH              | shown by the test              | copy-neutral
    120,80  | low_hypodiploid | inferred_LOH           | inferred, not shown            | 22 of 24 in Stengel 2014
    195,5   | del17p          | -                      | -                              | no counted variant
"""


def called(path: Path, second: SecondHit | None) -> Tp53Call:
    return call_tp53(annotate_vcf(path), load_policy(), specimen=Specimen(), second_hit=second)


@pytest.mark.parametrize("row", rows(ALLELES), ids=lambda row: row[4])
def test_allelic_state(row: list[str], tmp_path: Path) -> None:
    reads, kind, state, evidence, clause = row
    kinds = {
        name: SecondHit(kind=name, evidence="the test") for name in ("del17p", "cnLOH", "low_hypodiploid")
    }
    found = called(write(tmp_path, vcf([(*R175H, "GT:AD", f"0/1:{reads}")])), kinds.get(kind))
    assert (found.allelic_state or "-") == state, clause
    assert evidence == "-" or evidence in (found.allelic_evidence or "")


PAIRS = """
    phase   | state                  | evidence holds
    --------+------------------------+--------------------------------------
    unknown | multi_hit              | whether on both alleles is not known
    trans   | multi_hit              | on two alleles, by their phase
    cis     | monoallelic_or_unknown | not excluded
"""
GENOTYPES = {"unknown": ("0/1", "0/1"), "trans": ("0|1", "1|0"), "cis": ("0|1", "0|1")}


@pytest.mark.parametrize("row", rows(PAIRS), ids=lambda row: row[0])
def test_two_counted_variants(row: list[str], tmp_path: Path) -> None:
    phase, state, evidence = row
    r248q = ("17", "7674220", ".", "C", "T", ".", "PASS", ".")
    records = [
        (*record, "GT:PS:AD", f"{genotype}:1:120,80")
        for record, genotype in zip((r248q, R175H[:8]), GENOTYPES[phase], strict=True)
    ]
    found = called(write(tmp_path, vcf(records)), None)
    assert (found.allelic_state, found.n_counted) == (state, 2)
    assert evidence in (found.allelic_evidence or "")
