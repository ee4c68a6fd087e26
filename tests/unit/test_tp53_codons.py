"""Variants that share a codon: together they may change the protein otherwise than apart."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows
from tp53_files import GENE, R175H, call, contig, full_coverage, vcf, write

from mrdkit.tp53.gene import BUILDS

MUTATED = (*R175H, "GT:AD:DP", "0/1:120,80:200")
OTHER = ("1", "1000", ".", "A", "G", ".", "PASS", ".", "GT:AD:DP", "0/1:50,50:100")


def test_two_alleles_of_one_record_are_not_told_apart_by_pgt(tmp_path: Path) -> None:
    """PGT writes 1 for either; GT says that they stand on two chromosomes."""
    row = ("17", "7675088", ".", "C", "T,A", ".", "PASS", ".", "GT:AD:PGT:PID", "1|2:100,60,40:0|1:a")
    found = call(write(tmp_path, vcf([row])))
    assert (found.n_counted, found.allelic_state) == (2, "multi_hit")


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
    ("genotypes", "status", "names"),
    [
        (("0/1", "0/1"), "indeterminate", ["c.639A>T", "c.637C>A"]),  # phase unknown
        (("0|1", "1|0"), "wild_type", ["c.639A>T", "c.637C>A"]),  # each alone is silent
        (("0|1", "0|1"), "mutated", ["c.637_639delinsAGT"]),  # on one allele: Arg213Ser
        (("1|1", "1|1"), "mutated", ["c.637_639delinsAGT"]),  # on both
        (("1|1", "0|1"), "indeterminate", ["c.639A>T", "c.637C>A"]),  # together on one, apart on the other
    ],
)
def test_two_silent_changes_of_one_codon_may_be_a_missense_together(
    genotypes: tuple[str, str], status: str, names: list[str], tmp_path: Path
) -> None:
    places = (("7674892", "T", "A"), ("7674894", "G", "T"))
    rows = [
        ("17", pos, ".", ref, alt, ".", "PASS", ".", "GT:PS:AD", f"{genotype}:7674892:120,80")
        for (pos, ref, alt), genotype in zip(places, genotypes, strict=True)
    ]
    found = call(write(tmp_path, vcf(rows)), bed=full_coverage(tmp_path))
    assert [variant.hgvs_c for variant in found.variants] == names
    assert found.status == status
    assert any("shares a codon" in reason for reason in found.reasons) == (status == "indeterminate")


def test_two_alleles_of_one_base_stand_on_two_chromosomes(tmp_path: Path) -> None:
    row = ("17", "7675088", ".", "C", "T,A", ".", "PASS", ".", "GT:AD", "1/2:100,80,20")
    found = call(write(tmp_path, vcf([row])))
    assert found.n_counted == 2
    assert not any("PHASE" in flag for variant in found.variants for flag in variant.flags)


CIS = """
    first         | second       | names               | p.               | clause
    --------------+--------------+---------------------+------------------+-----------------------------------------
    7675088 C T   | 7675089 G A  | c.523_524delinsTA   | p.(Arg175Tyr)    | two bases of one codon
    7675087 G A   | 7675089 G A  | c.523_525delinsTGT  | p.(Arg175Cys)    | one codon, a base between
    7675086 A G   | 7675087 G A  | c.525_526delinsTC   | p.(Cys176Arg)    | two codons, nothing between
    7675087 G A   | 7675088 CG C | c.523_525delinsGT   | p.(Arg175ValfsTer72) | a deletion in the codon
    7675993 C T   | 7675994 C T  | c.375_375+1delinsAA | p.?              | over an exon border
    7675086 A G   | 7675088 C T  | c.526T>C c.524G>A   | -                | two codons, a base between
    7675079 T TG  | 7675080 G A  | c.532dup c.532C>T   | -                | the insertion may stand on either side
"""  # noqa: E501 - a table's row is one line


@pytest.mark.parametrize("row", rows(CIS), ids=lambda row: row[4])
@pytest.mark.parametrize(
    "fields", ["GT:PS:AD 0|1:17:120,80", "GT:AD:PGT:PID 0/1:120,80:0|1:a", "GT:AD 0|1:120,80"]
)
def test_neighbours_on_one_haplotype(row: list[str], fields: str, tmp_path: Path) -> None:
    first, second, names, p, clause = row
    formats, sample = fields.split()
    records = [
        ("17", pos, ".", ref, alt, ".", "PASS", ".", formats, sample)
        for pos, ref, alt in (first.split(), second.split())
    ]
    found = call(write(tmp_path, vcf(records)))
    assert [variant.hgvs_c for variant in found.variants] == names.split(), clause
    assert found.allelic_state == "monoallelic_or_unknown"
    if p != "-":
        (variant,) = found.variants
        assert (variant.hgvs_p, variant.alt_reads, variant.depth) == (p, 80, 200)
        assert variant.merged_from == tuple("-".join(part.split()) for part in (first, second))
        assert "PHASE_MERGED" in variant.flags
        assert any("one haplotype" in reason for reason in found.reasons)


def test_the_merged_change_is_the_same_on_both_builds_and_stands_in_the_files_own_places(
    tmp_path: Path,
) -> None:
    for build in BUILDS:
        places = [(GENE.from_grch38(build, 7675088), "C", "T"), (GENE.from_grch38(build, 7675089), "G", "A")]
        records = [
            ("chr17", str(pos), ".", ref, alt, ".", "PASS", ".", "GT:PS:AD", "0|1:1:120,80")
            for pos, ref, alt in places
        ]
        (variant,) = call(write(tmp_path, vcf(records, meta=[contig(build, "chr17")]))).variants
        assert (variant.key, variant.hgvs_p) == ("17-7675088-CG-TA", "p.(Arg175Tyr)")
        assert (variant.pos, variant.ref, variant.alt) == (places[0][0], "CG", "TA")


READS = """
    first filter | first AD | second filter | second AD | names                | status        | clause
    -------------+----------+---------------+-----------+----------------------+---------------+---------------------------
    PASS         | 120,80   | PASS          | 150,50    | c.523_524delinsTA    | mutated       | the lower VAF decides
    PASS         | 120,80   | PASS          | 194,6     | c.524G>A c.523C>T    | mutated       | one part counts alone
    PASS         | 120,80   | weak          | 120,80    | c.524G>A c.523C>T    | mutated       | one part is filtered
    PASS         | 194,6    | PASS          | 194,6     | c.523_524delinsTA    | indeterminate | neither counts alone
    weak         | 120,80   | weak          | 120,80    | c.523_524delinsTA    | indeterminate | both are filtered
"""  # noqa: E501 - a table's row is one line


@pytest.mark.parametrize("row", rows(READS), ids=lambda row: row[6])
def test_no_merging_hides_a_mutation(row: list[str], tmp_path: Path) -> None:
    first_filter, first, second_filter, second, names, status, clause = row
    records = [
        ("17", pos, ".", ref, "TA"["CG".index(ref)], ".", passed, ".", "GT:PS:AD", f"0|1:1:{reads}")
        for pos, ref, passed, reads in (
            ("7675088", "C", first_filter, first),
            ("7675089", "G", second_filter, second),
        )
    ]
    found = call(write(tmp_path, vcf(records)), bed=full_coverage(tmp_path))
    assert [variant.hgvs_c for variant in found.variants] == names.split(), clause
    assert found.status == status
    assert found.n_counted == (status == "mutated")
    if len(found.variants) == 1:
        reads = min(int(ad.split(",")[1]) for ad in (first, second))
        assert found.variants[0].alt_reads == reads


def test_a_merged_change_that_the_file_holds_too_counts_once(tmp_path: Path) -> None:
    places = (("7675088", "C", "T"), ("7675089", "G", "A"))
    records = [
        ("17", pos, ".", ref, alt, ".", "PASS", ".", "GT:AD", "0|1:120,80") for pos, ref, alt in places
    ]
    whole = ("17", "7675088", ".", "CG", "TA", ".", "PASS", ".", "GT:AD", "0/1:220,90")
    found = call(write(tmp_path, vcf([*records, whole])))
    assert [(variant.hgvs_p, variant.alt_reads) for variant in found.variants] == [("p.(Arg175Tyr)", 90)]


def test_variants_of_two_phase_sets_stay_apart(tmp_path: Path) -> None:
    second = ("17", "7675089", ".", "G", "A", ".", "PASS", ".")
    records = [
        (*record[:8], "GT:PS:AD", f"0|1:{phase_set}:120,80")
        for record, phase_set in ((MUTATED, "1"), (second, "2"))
    ]
    found = call(write(tmp_path, vcf(records)))
    assert all("PHASE_UNKNOWN" in variant.flags for variant in found.variants)
    assert found.n_counted == 2


snvs = st.lists(
    st.tuples(st.integers(7675084, 7675092), st.sampled_from("ACGT")),
    min_size=2,
    max_size=4,
    unique_by=lambda snv: snv[0],
)


@given(snvs)
def test_the_merged_changes_of_a_haplotype_give_its_bases(changes: list[tuple[int, str]]) -> None:
    """Whatever is merged, the rows together write the haplotype that the records wrote."""
    changes = [(pos, alt) for pos, alt in sorted(changes) if alt != GENE.bases(pos, pos)]
    records = [
        ("17", str(pos), ".", GENE.bases(pos, pos), alt, ".", "PASS", ".", "GT:PS:AD", "0|1:1:120,80")
        for pos, alt in changes
    ]
    with TemporaryDirectory() as folder:
        found = call(write(Path(folder), vcf(records, meta=[contig(), "##assembly=GRCh38"])))
    assert written([(v.pos, v.ref, v.alt) for v in found.variants]) == written(
        [(pos, GENE.bases(pos, pos), alt) for pos, alt in changes]
    )
    codons = {(pos - 7675087) // 3 for pos, _ in changes}
    assert len(found.variants) <= len(codons)


neighbours = st.tuples(
    st.integers(7675080, 7675096),
    st.integers(1, 3),
    st.text("ACGT", min_size=1, max_size=3),
    st.sampled_from(("0/1", "0|1", "1|0", "1|1", "./.", "0|0")),
    st.sampled_from(("1", "2", ".")),
    st.sampled_from(("120,80", "194,6", "100,100", "10,2", ".", "200,0")),
    st.sampled_from(("PASS", "weak", ".")),
)


@given(neighbours, st.sampled_from(("0/1", "0|1", "1|1")), st.sampled_from((1, -1)))
def test_no_neighbour_hides_a_counted_variant(
    neighbour: tuple[int, int, str, str, str, str, str], genotype: str, order: int
) -> None:
    pos, length, alt, second, phase_set, reads, passed = neighbour
    bases = GENE.bases(pos, pos + length - 1)
    records = [
        (*R175H, "GT:PS:AD", f"{genotype}:1:120,80"),
        ("17", str(pos), ".", bases, alt, ".", passed, ".", "GT:PS:AD", f"{second}:{phase_set}:{reads}"),
    ]
    with TemporaryDirectory() as folder:
        found = call(write(Path(folder), vcf(records[::order])))
    assert found.status == "mutated", found.variants


def written(changes: list[tuple[int, str, str]]) -> str:
    bases = list(GENE.bases(7675080, 7675100))
    for pos, ref, alt in changes:
        assert "".join(bases[pos - 7675080 : pos - 7675080 + len(ref)]) == ref
        bases[pos - 7675080 : pos - 7675080 + len(ref)] = alt
    return "".join(bases)
