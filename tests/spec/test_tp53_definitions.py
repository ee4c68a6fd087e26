"""TP53: how a change is named, when it counts, and when a patient is wild type, as tables."""

from dataclasses import replace
from pathlib import Path

import pytest
from tables import rows
from tp53_files import GENE, R175H, call, full_coverage, vcf, write

from mrdkit.results import Specimen
from mrdkit.tp53 import annotate_allele, annotate_vcf, call_tp53, load_policy, not_tested
from mrdkit.tp53.gene import BUILDS

NAMES = """
    GRCh38 pos | ref       | alt    | c.                    | p.                       | consequence      | clause
    -----------+-----------+--------+-----------------------+--------------------------+------------------+-------------------------------------
    7675088    | C         | T      | c.524G>A              | p.(Arg175His)            | missense         | minus strand
    7675088    | CG        | TA     | c.523_524delinsTA     | p.(Arg175Tyr)            | missense         | two bases of one codon, one residue
    7674233    | CC        | GT     | c.729_730delinsAC     | p.(Met243_Gly244delinsIleArg) | inframe_indel | two residues
    7676064    | GT        | G      | c.304del              | p.(Thr102ProfsTer21)     | frameshift       | shifted 3' in a run
    7675156    | C         | CG     | c.455dup              | p.(Pro153AlafsTer28)     | frameshift       | a duplication beats an insertion
    7675230    | GGGA      | G      | c.379_381del          | p.(Ser127del)            | inframe_indel    | in frame
    7675235    | T         | TA     | c.376dup              | p.(Tyr126LeufsTer23)     | frameshift       | first base of exon 5, point inside
    7675236    | A         | AA     | c.376dup              | p.(Tyr126LeufsTer23)     | frameshift       | the same, written at the border
    7675993    | C         | CCG    | c.374_375dup          | p.?                      | splice_site      | ends on the last base of exon 4
    7675993    | C         | CC     | c.375+1dup            | p.?                      | splice_site      | the shift runs into the intron
    7675993    | C         | CT     | c.375_375+1insA       | p.?                      | splice_site      | insertion point on the border
    7675991    | GACCGTG   | G      | c.374_375+4del        | p.?                      | splice_site      | spans an exon border
    7675994    | C         | T      | c.375G>A              | p.(Thr125=)              | splice_last_base | silent at the last base
    7675994    | CG        | TA     | c.374_375delinsTA     | p.(Thr125Ile)            | missense         | missense at the last base
    7675993    | C         | T      | c.375+1G>A            | p.?                      | splice_site      | donor
    7669692    | T         | A      | c.1101-2A>T           | p.?                      | splice_site      | acceptor
    7675989    | C         | G      | c.375+5G>C            | p.?                      | splice_region    | third to eighth base of an intron
    7676327    | C         | A      | c.96+55G>T            | p.?                      | intronic         | middle of an odd intron: before it
    7676326    | C         | A      | c.97-54G>T            | p.?                      | intronic         | the next base counts from behind
    7687376    | C         | A      | c.-29+1G>T            | p.?                      | splice_site_utr5 | intron 1, before the start codon
    7676594    | T         | C      | c.1A>G                | p.(Met1?)                | start_lost       | start codon
    7676593    | ATGG      | A      | c.-2_1del             | p.(Met1?)                | start_lost       | a deletion that touches it
    7669611    | A         | T      | c.1180T>A             | p.(Ter394ArgextTer9)     | stop_lost        | extension
    7669608    | GTCA      | G      | c.1180_1182del        | p.(Ter394HisextTer8)     | stop_lost        | extension before frameshift
    7669610    | C         | T      | c.1181G>A             | p.(Ter394=)              | synonymous       | one stop for another
    7669611    | A         | ATCC   | c.1179_1180insGGA     | p.(Ter394GlyextTer1)     | inframe_indel    | one residue more behind the last one
    7669608    | GTCAGTC   | G      | c.1177_1182del        | p.(Asp393HisfsTer9)      | frameshift       | begins before the stop and takes it
    7669611    | AGTC      | A      | c.1177_1179del        | p.(Asp393Ter)            | nonsense         | the loss of the last residue is a stop
    7676594    | T         | TC     | c.-1_1insG            | p.?                      | utr5             | beside the start codon
    7676593    | A         | AG     | c.1_2insC             | p.(Met1?)                | start_lost       | inside the start codon
    7676591    | C         | CCAT   | c.1_3dup              | p.(Met1dup)              | inframe_indel    | behind the start codon
    7675121    | T         | TA     | c.490_491insT         | p.(Lys164IlefsTer17)     | frameshift       | insertion, first changed residue
    7675088    | C         | CTTA   | c.523_524insTAA       | p.(Arg175delinsLeuSer)   | inframe_indel    | into a codon
    7675089    | G         | GTTA   | c.522_523insTAA       | p.(Arg175Ter)            | nonsense         | an insertion that stops at once
    7675086    | AGCG      | CGCT   | c.523_526inv          | p.(Arg175_Cys176delinsSerGly) | inframe_indel | inversion
    7676381    | CCAGAACGTTGTTTTCAGGAAGT | C | c.75_96del      | p.?                      | splice_site      | a whole exon, to its borders
    7675071    | G         | A      | c.541C>T              | p.(Arg181Cys)            | missense         | first letter of a codon
    7675053    | C         | T      | c.559G>A              | p.(Gly187Ser)            | missense         | missense at the last base of exon 5
    7673534    | C         | A      | c.993+1G>T            | p.?                      | splice_site      | donor of intron 9
    7674291    | C         | G      | c.673-1G>C            | p.?                      | splice_site      | acceptor of intron 6
    7674292    | T         | C      | c.673-2A>G            | p.?                      | splice_site      | second base of the acceptor
    7674293    | A         | C      | c.673-3T>G            | p.?                      | splice_region    | third base of the acceptor
    7674298    | A         | C      | c.673-8T>G            | p.?                      | splice_region    | eighth
    7674299    | T         | A      | c.673-9A>T            | p.?                      | intronic         | ninth
    7669600    | T         | G      | c.*9A>C               | p.?                      | utr3             | behind the stop codon
"""


@pytest.mark.parametrize("row", rows(NAMES), ids=lambda row: row[3])
@pytest.mark.parametrize("build", BUILDS)
def test_name(row: list[str], build: str) -> None:
    position, ref, alt, c, p, consequence, clause = row
    on = next(known for known in BUILDS if known == build)
    found = annotate_allele(on, GENE.from_grch38(on, int(position)), ref, alt)
    assert (found.hgvs_c, found.hgvs_p, found.consequence) == (c, p, consequence), clause


COUNTING = """
    filter  | GT  | AD       | counted | reason            | status        | clause
    --------+-----+----------+---------+-------------------+---------------+--------------------------------
    PASS    | 0/1 | 90,10    | yes     | counted           | mutated       | 10 reads and depth 100
    PASS    | 0/1 | 89,10    | no      | low_evidence      | indeterminate | depth 99
    PASS    | 0/1 | 91,9     | no      | low_evidence      | indeterminate | 9 reads
    PASS    | 0/1 | 190,10   | yes     | counted           | mutated       | 5 % exactly
    PASS    | 0/1 | 191,10   | no      | low_vaf           | indeterminate | 4.98 %
    PASS    | 0/1 | 990,10   | no      | low_vaf           | indeterminate | 1 % exactly is listed
    PASS    | 0/1 | 194,6    | no      | low_evidence      | indeterminate | 3 %, and 6 reads: not otherwise countable
    PASS    | 0/1 | 991,10   | -       | -                 | wild_type     | below 1 % is not listed
    .       | 0/1 | 60,60    | yes     | counted           | mutated       | an unset filter is a pass
    weak    | 0/1 | 60,60    | no      | filtered          | indeterminate | the caller filtered it
    PASS    | 0/1 | .        | no      | vaf_unknown       | indeterminate | no reads are known
    PASS    | ./. | .        | no      | vaf_unknown       | indeterminate | no genotype either
    PASS    | 0/0 | 120,2    | -       | -                 | wild_type     | the sample does not carry it
    PASS    | 0/0 | 60,60    | no      | genotype_conflict | indeterminate | reads against the genotype
    PASS    | 0/1 | 120,0    | -       | -                 | wild_type     | no read has it
"""


@pytest.mark.parametrize("row", rows(COUNTING), ids=lambda row: row[6])
def test_counting(row: list[str], tmp_path: Path) -> None:
    filtered, genotype, reads, counted, reason, status, clause = row
    record = (*R175H[:6], filtered, ".", "GT:AD", f"{genotype}:{reads}")
    found = call(write(tmp_path, vcf([record])), bed=full_coverage(tmp_path))
    assert found.status == status, clause
    assert [variant.count_reason for variant in found.variants] == ([] if reason == "-" else [reason])
    assert found.n_counted == (counted == "yes")


FLAGS = """
    AD         | expected                    | allelic state          | clause
    -----------+-----------------------------+------------------------+----------------------------------
    110,90     | VAF_GE_45 GERMLINE_POSSIBLE | monoallelic_or_unknown | 45 % is at least 45 %
    1101,899   | GERMLINE_POSSIBLE           | monoallelic_or_unknown | 44.95 % is not
    120,80     | GERMLINE_POSSIBLE           | monoallelic_or_unknown | 40 %
    1201,799   |                             | monoallelic_or_unknown | 39.95 %
    80,120     | VAF_GE_45 GERMLINE_POSSIBLE | inferred_LOH           | 60 %
    799,1201   | VAF_GE_45                   | inferred_LOH           | above 60 %
    100,100    | VAF_GE_45 GERMLINE_POSSIBLE | monoallelic_or_unknown | 50 % is not more than 50 %
"""


@pytest.mark.parametrize("row", rows(FLAGS), ids=lambda row: row[3])
def test_flags_of_a_fraction(row: list[str], tmp_path: Path) -> None:
    reads, flags, state, clause = row
    found = call(write(tmp_path, vcf([(*R175H, "GT:AD", f"0/1:{reads}")])))
    (variant,) = found.variants
    assert list(variant.flags) == flags.split(), clause
    assert found.allelic_state == state


def test_a_fraction_without_reads_is_compared_exactly(tmp_path: Path) -> None:
    found = call(write(tmp_path, vcf([(*R175H, "GT:AF", "0/1:0.45")])))
    (variant,) = found.variants
    assert (variant.vaf, variant.vaf_source, variant.depth) == (0.45, "AF", None)
    assert list(variant.flags) == ["VAF_GE_45", "GERMLINE_POSSIBLE", "DEPTH_UNKNOWN"]
    assert found.status == "mutated"


STATUS = """
    pos     | ref | alt   | coverage | assumed | status        | reason ends with
    --------+-----+-------+----------+---------+---------------+--------------------------------------------
    7675088 | C   | T     | none     | no      | mutated       | c.524G>A p.(Arg175His) counts (missense).
    7676154 | G   | C     | full     | no      | wild_type     | nothing stands against wild type.
    7676154 | G   | C     | none     | no      | indeterminate | over all of exons 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.
    7676154 | G   | C     | shallow  | no      | indeterminate | over all of exons 2, 3, 5, 6, 7, 8, 9, 10, 11.
    7676154 | G   | C     | narrow   | no      | indeterminate | over all of exons 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.
    7676154 | G   | C     | none     | yes     | wild_type     | without evidence for exons 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.
    7675088 | A   | T     | full     | yes     | indeterminate | its reference bases differ from TP53.
    7675088 | C   | <DEL> | full     | yes     | indeterminate | a structural change without an exact description.
    7675088 | C   | N     | full     | yes     | indeterminate | its alleles are not bases.
    7675230 | G   | C     | full     | no      | mutated       | counts (missense).
    7676154 | G   | C     | denied   | no      | indeterminate | over all of exon 6.
    7676154 | G   | C     | sharper  | no      | wild_type     | nothing stands against wild type.
"""


@pytest.mark.parametrize("row", rows(STATUS), ids=lambda row: f"{row[1]}>{row[2]} {row[3]}")
def test_status(row: list[str], tmp_path: Path) -> None:
    position, ref, alt, coverage, assumed, status, ending = row
    record = ("17", position, ".", ref, alt, ".", "PASS", ".", "GT:AD", "0/1:90,110")
    beds = {
        "none": None,
        "full": lambda: full_coverage(tmp_path),
        "shallow": lambda: shallow(tmp_path),
        "narrow": lambda: full_coverage(tmp_path, beside=1),
        "denied": lambda: with_row(tmp_path, "chr17\t7674900\t7674901\t99"),
        "sharper": lambda: with_row(tmp_path, "chr17\t7674900\t7674901\t500\nchr17\t7674800\t7674860\t20"),
    }
    make = beds[coverage]
    path = write(tmp_path, vcf([record]))
    found = call(path, bed=make() if make else None, assume_covered=assumed == "yes")
    assert found.status == status
    assert any(reason.endswith(ending) for reason in found.reasons), found.reasons


def with_row(folder: Path, row: str) -> Path:
    """Cover everything, and say something else of a part of it."""
    text = full_coverage(folder).read_text(encoding="utf-8")
    return write(folder, f"{row}\n{text}", "with_row.bed")


def shallow(folder: Path) -> Path:
    """Cover exon 4 deeply and the others one read too thinly."""
    lines = full_coverage(folder, depth=99).read_text(encoding="utf-8").splitlines()
    deep = [line.replace("\t99", "\t100") if "\t7675991\t" in line else line for line in lines]
    return write(folder, "\n".join(deep) + "\n", "shallow.bed")


KNOWN = """
    pos     | ref | alt | c.       | class         | hotspot | functional class     | exon | clause
    --------+-----+-----+----------+---------------+---------+----------------------+------+---------------------------
    7675088 | C   | T   | c.524G>A | -             | yes     | non-functional       | 5    | R175H
    7674872 | T   | C   | c.659A>G | -             | yes     | non-functional       | 6    | Y220C
    7676154 | G   | C   | c.215C>G | benign        | no      | functional           | 4    | P72R
    7674259 | T   | C   | c.704A>G | benign        | no      | functional           | 7    | N235S
    7673773 | G   | A   | c.847C>T | likely_benign | no      | functional           | 8    | R283C
    7675089 | G   | A   | c.523C>T | -             | yes     | partially functional | 5    | R175C keeps activity
    7675089 | GC  | AT  | c.522_523delinsAT | -    | yes     | partially functional | 5    | two codons, of which R175 changes
    7675086 | AG  | GA  | c.525_526delinsTC | -    | no      | non-functional       | 5    | two codons, of which C176 changes
    7674894 | G   | A   | c.637C>T | -             | no      | -                    | 6    | nonsense was not measured
    7675993 | C   | T   | c.375+1G>A | -           | no      | -                    | -    | no exon
"""


@pytest.mark.parametrize("row", rows(KNOWN), ids=lambda row: row[8])
def test_what_is_known_of_a_change(row: list[str]) -> None:
    position, ref, alt, c, panel, hotspot, function, exon, clause = row
    found = annotate_allele("GRCh38", int(position), ref, alt)
    known = [
        "-" if value is None else str(value) for value in (found.class_, found.functional_class, found.exon)
    ]
    assert (found.hgvs_c, known, found.hotspot) == (c, [panel, function, exon], hotspot == "yes"), clause


TRUSTED = """
    GT  | FORMAT | value  | trust | counted | reason      | status        | clause
    ----+--------+--------+-------+---------+-------------+---------------+------------------------------------
    0/1 | AD     | .      | no    | no      | vaf_unknown | indeterminate | no reads are known
    0/1 | AD     | .      | yes   | yes     | counted     | mutated       | taken on trust
    ./. | AD     | .      | yes   | no      | vaf_unknown | indeterminate | no genotype either: nothing to trust
    0/1 | AD     | 95,5   | yes   | no      | low_evidence | indeterminate | known reads are not overruled
    0/1 | AF     | 0.03   | yes   | no      | low_vaf     | indeterminate | nor is a known fraction
"""


@pytest.mark.parametrize("row", rows(TRUSTED), ids=lambda row: row[7])
def test_trusted_calls(row: list[str], tmp_path: Path) -> None:
    genotype, field, value, trust, counted, reason, status, clause = row
    path = write(tmp_path, vcf([(*R175H, f"GT:{field}", f"{genotype}:{value}")]))
    policy = replace(load_policy(), trust_calls=trust == "yes")
    found = call_tp53(annotate_vcf(path), policy, specimen=Specimen(), assume_covered=True)
    (variant,) = found.variants
    assert (found.status, variant.count_reason) == (status, reason), clause
    assert ("CALL_TRUSTED" in found.flags) == (variant.counted is True) == (counted == "yes")


SUPPLIED = """
    INFO                                                                                       | supplied
    -------------------------------------------------------------------------------------------+---------------------
    ANN=T;missense;MODERATE;TP53;1;transcript;NM_000546.5;pc;5/11;c.524G>A;p.Arg175His          | c.524G>A p.Arg175His
    CSQ=T;missense;TP53;ENST00000413465;ENST00000413465.2:c.1A>G;,T;x;ENST00000269305;ENST00000269305.8:c.524G>A;ENSP00000269305.4:p.Arg175His | c.524G>A p.Arg175His
    CSQ=T;splice;ENST00000269305;ENST00000269305.8:c.375G>A;ENSP00000269305.4:p.Thr125%3D       | c.375G>A p.Thr125=
    AAChange.refGene=TP53:NM_000546:exon5:c.G524A:p.R175H,TP53:NM_001126112:exon5:c.G1A:p.M1V  | c.G524A p.R175H
    ANN=T;missense;MODERATE;WRAP53;1;transcript;NM_018081.2;pc;1/11;c.1G>A;p.Val1Met            | -
    .                                                                                          | -
"""


@pytest.mark.parametrize("row", rows(SUPPLIED), ids=lambda row: row[0][:30])
def test_names_of_the_file_are_kept_and_not_used(row: list[str], tmp_path: Path) -> None:
    info, supplied = row
    annotations = "|".join(info.split(";"))
    found = call(write(tmp_path, vcf([(*R175H[:7], annotations, "GT:AD", "0/1:120,80")])))
    (variant,) = found.variants
    assert (variant.supplied_hgvs or "-") == supplied
    assert (variant.hgvs_c, variant.hgvs_p) == ("c.524G>A", "p.(Arg175His)")


def test_no_file_is_not_tested() -> None:
    assert not_tested(load_policy(), specimen=Specimen()).status == "not_tested"
