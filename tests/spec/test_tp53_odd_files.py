"""How odd records, headers and files are read; every row is TP53 R175H (c.524G>A) on GRCh38, oddly written.

Full coverage is taken on the user's word throughout, so that a row that were lost would be called wild type.
"""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tables import rows
from tp53_files import GENE, R175H, as_bgzf, call, contig, vcf, write

from mrdkit.errors import InputError, UsageError
from mrdkit.tp53 import annotate_vcf
from mrdkit.tp53.gene import BUILDS

RECORDS = """
    case                          | POS      | REF | ALT          | FILTER | INFO           | FORMAT   | sample                  | status        | listed
    ------------------------------+----------+-----+--------------+--------+----------------+----------+-------------------------+---------------+-------------
    as usual                      | 7675088  | C   | T            | PASS   | .              | GT:AD    | 0/1:120,80              | mutated       | counted
    no filter applied             | 7675088  | C   | T            | .      | .              | GT:AD    | 0/1:120,80              | mutated       | counted
    filtered                      | 7675088  | C   | T            | q10    | .              | GT:AD    | 0/1:120,80              | indeterminate | filtered
    empty INFO                    | 7675088  | C   | T            | PASS   |                | GT:AD    | 0/1:120,80              | mutated       | counted
    lower case                    | 7675088  | c   | t            | PASS   | .              | GT:AD    | 0/1:120,80              | mutated       | counted
    IUPAC code in REF             | 7675088  | Y   | T            | PASS   | .              | GT:AD    | 0/1:120,80              | mutated       | counted
    IUPAC code in ALT             | 7675088  | C   | Y            | PASS   | .              | GT:AD    | 0/1:120,80              | indeterminate | unresolved
    wrong REF                     | 7675088  | G   | T            | PASS   | .              | GT:AD    | 0/1:120,80              | indeterminate | ref_mismatch
    second of two alleles         | 7675088  | C   | A,T          | PASS   | .              | GT:AD    | 0/2:120,0,80            | mutated       | counted
    behind an upstream deletion   | 7675088  | C   | *,T          | PASS   | .              | GT:AD    | 1/2:0,120,80            | mutated       | counted
    gVCF                          | 7675088  | C   | T,<NON_REF>  | PASS   | .              | GT:AD    | 0/1:120,80,0            | mutated       | counted
    mpileup's unseen allele       | 7675088  | C   | T,<*>        | PASS   | .              | GT:AD    | 0/1:120,80,0            | mutated       | counted
    the same, older               | 7675088  | C   | T,<X>        | PASS   | .              | GT:AD    | 0/1:120,80,0            | mutated       | counted
    an ALT equal to REF           | 7675088  | C   | C,T          | PASS   | .              | GT:AD    | 0/2:120,0,80            | mutated       | counted
    reference call                | 7675088  | C   | .            | PASS   | .              | GT:DP    | 0/0:200                 | wild_type     |
    reference block               | 7675000  | C   | <NON_REF>    | .      | END=7675100    | GT:DP    | 0/0:200                 | wild_type     |
    nothing but ALT equal to REF  | 7675088  | C   | C            | PASS   | .              | GT:AD    | 0/1:120,80              | wild_type     |
    genotype reference, no reads  | 7675088  | C   | T            | PASS   | .              | GT:AD    | 0/0:200,0               | wild_type     |
    genotype reference, reads     | 7675088  | C   | T            | PASS   | .              | GT:AD    | 0/0:120,80              | indeterminate | genotype_conflict
    genotype not called           | 7675088  | C   | T            | PASS   | .              | GT:AD    | ./.:120,80              | mutated       | counted
    one haplotype                 | 7675088  | C   | T            | PASS   | .              | GT:AD    | 1:20,180                | mutated       | counted
    no genotype                   | 7675088  | C   | T            | PASS   | .              | AD       | 120,80                  | mutated       | counted
    trailing fields left out      | 7675088  | C   | T            | PASS   | .              | GT:AD:GQ | 0/1:120,80              | mutated       | counted
    nothing but a genotype        | 7675088  | C   | T            | PASS   | .              | GT       | 0/1                     | indeterminate | vaf_unknown
    nothing at all                | 7675088  | C   | T            | PASS   | .              | .        | .                       | indeterminate | vaf_unknown
    AD of too few alleles         | 7675088  | C   | T,G          | PASS   | .              | GT:AD    | 0/1:120,80              | indeterminate | vaf_unknown
    AD with text                  | 7675088  | C   | T            | PASS   | .              | GT:AD    | 0/1:120,many            | indeterminate | vaf_unknown
    more values than FORMAT names | 7675088  | C   | T            | PASS   | .              | GT:AD    | 0/1:7:120,80            | indeterminate | vaf_unknown
    a name twice in FORMAT        | 7675088  | C   | T            | PASS   | .              | GT:AD:AD | 0/1:120,80:200,0        | indeterminate | vaf_unknown
    AF of exactly the limit       | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:0.05                | mutated       | counted
    AF just below the limit       | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:0.04999             | indeterminate | low_vaf
    AF as a float32 writes 0.05   | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:0.05000000074505806 | mutated       | counted
    the same from below           | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:0.0499999998        | mutated       | counted
    AF with an exponent           | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:4e-1                | mutated       | counted
    AF in percent                 | 7675088  | C   | T            | PASS   | .              | GT:FREQ  | 0/1:38.46%              | mutated       | counted
    AF in percent without a sign  | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:38.46               | indeterminate | vaf_unknown
    AF with a decimal comma       | 7675088  | C   | T            | PASS   | .              | GT:FREQ  | 0/1:38,46%              | indeterminate | vaf_unknown
    AF not a number               | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:nan                 | indeterminate | vaf_unknown
    AF missing                    | 7675088  | C   | T            | PASS   | .              | GT:AF    | 0/1:.                   | indeterminate | vaf_unknown
    deletion of the gene          | 7600000  | N   | <DEL>        | PASS   | END=7700000    | GT       | 0/1                     | indeterminate | structural
    the same by length            | 7600000  | N   | <DEL>        | PASS   | SVLEN=-100000  | GT       | 0/1                     | indeterminate | structural
    the same, length unknown      | 7600000  | N   | <DEL>        | PASS   | SVTYPE=DEL     | GT       | 0/1                     | indeterminate | structural
    the same, END no number       | 7600000  | N   | <DEL>        | PASS   | END=far        | GT       | 0/1                     | indeterminate | structural
    the same, END before POS      | 7600000  | N   | <DEL>        | PASS   | END=1          | GT       | 0/1                     | indeterminate | structural
    the same, END twice           | 7600000  | N   | <DEL>        | PASS   | END=7600001;END=7700000 | GT | 0/1                    | indeterminate | structural
    deletion before the gene      | 7600000  | N   | <DEL>        | PASS   | END=7600100    | GT       | 0/1                     | wild_type     |
    breakend in the gene          | 7675088  | C   | C[9:1000[    | PASS   | SVTYPE=BND     | GT       | 0/1                     | indeterminate | structural
    behind the chromosome         | 90000000 | C   | T            | PASS   | .              | GT:AD    | 0/1:120,80              | wild_type     |
"""


@pytest.mark.parametrize("row", rows(RECORDS), ids=lambda row: row[0])
def test_a_record(row: list[str], tmp_path: Path) -> None:
    _, pos, ref, alt, filtered, info, formats, sample, status, listed = row
    record = ("17", pos, ".", ref, alt, ".", filtered, info, formats, sample)
    found = call(write(tmp_path, vcf([record])), assume_covered=True)
    assert found.status == status
    reasons = [variant.count_reason for variant in found.variants]
    assert reasons == listed.split()
    if status == "mutated":
        assert [variant.hgvs_c for variant in found.variants] == ["c.524G>A"]


MUTATED = (*R175H, "GT:AD", "0/1:120,80")

CONTIGS = """
    contig        | outcome
    --------------+----------------
    17            | mutated
    chr17         | mutated
    Chr17         | mutated
    CHR17         | mutated
    NC_000017.11  | mutated
    nc_000017.11  | mutated
    CM000679.2    | mutated
    NC_000017.10  | BUILD_CONTRADICTED
    CM000679.1    | BUILD_CONTRADICTED
    NC_000017.9   | BUILD_REFUSED
    NC_060941.1   | BUILD_REFUSED
    NC_000017     | CONTIG_UNKNOWN
    chrom17       | CONTIG_UNKNOWN
    chromosome17  | CONTIG_UNKNOWN
    hs17          | CONTIG_UNKNOWN
    017           | CONTIG_UNKNOWN
    chr_17        | CONTIG_UNKNOWN
    17.1          | CONTIG_UNKNOWN
    hg38.chr17    | CONTIG_UNKNOWN
    .             | FILE_TRUNCATED
    chr17_KI270730v1_random | wild_type
    HLA-DRB1*17   | wild_type
"""


@pytest.mark.parametrize("row", rows(CONTIGS), ids=lambda row: row[0])
def test_a_contig(row: list[str], tmp_path: Path) -> None:
    contig_name, outcome = row
    path = write(tmp_path, vcf([(contig_name, *MUTATED[1:])]))
    assert outcome_of(path) == outcome


def outcome_of(path: Path) -> str:
    """Return the status, or the code of the refusal."""
    try:
        return call(path, assume_covered=True).status
    except (InputError, UsageError) as refused:
        return refused.code if str(path) in str(refused) else f"a message without the file: {refused}"


HEADERS = """
    header line                                                            | build
    -----------------------------------------------------------------------+--------------
    contig=<ID=17,length=81195210>                                         | GRCh37
    contig=<ID=chr17,length=83257441>                                      | GRCh38
    contig=<ID=chr17,assembly=B38,md5=f9a0fb01553adb183568e3eb9d8626db,length=83257441> | GRCh38
    contig=<length=81195210,ID="17">                                       | GRCh37
    contig=<ID=17,length=78774742>                                         | BUILD_REFUSED
    contig=<ID=17,length=84276897>                                         | BUILD_REFUSED
    contig=<ID=chr17,length=94987271>                                      | BUILD_REFUSED
    contig=<ID=NC_000017.10>                                               | GRCh37
    contig=<ID=CM000679.2>                                                 | GRCh38
    contig=<ID=NC_060941.1>                                                | BUILD_REFUSED
    contig=<ID=1,length=249250621>                                         | BUILD_UNKNOWN
    reference=file:///refs/human_g1k_v37_decoy.fasta                       | GRCh37
    reference=/data/hs37d5.fa                                              | GRCh37
    reference=ucsc.hg19.fasta                                              | GRCh37
    reference=file:///ref/Homo_sapiens_assembly38.fasta                    | GRCh38
    reference=GRCh38.d1.vd1.fa                                             | GRCh38
    reference=GRCh38_full_analysis_set_plus_decoy_hla.fa                   | GRCh38
    reference=GCA_000001405.15_GRCh38_no_alt_analysis_set.fna              | GRCh38
    reference=hg38                                                         | GRCh38
    assembly=GRCh37.p13                                                    | GRCh37
    genome-build=GRCh38                                                    | GRCh38
    contig=<ID=17,assembly=hg19>                                           | GRCh37
    reference=human_b36_both.fasta                                         | BUILD_REFUSED
    reference=hg18.fa                                                      | BUILD_REFUSED
    reference=chm13v2.0.fa                                                 | BUILD_REFUSED
    reference=file:///data/hg38/lifted_from_hg19.fa                        | BUILD_CONTRADICTED
    reference=genome.fa                                                    | BUILD_UNKNOWN
    source=hg38caller                                                      | BUILD_UNKNOWN
"""


@pytest.mark.parametrize("row", rows(HEADERS), ids=lambda row: row[0])
def test_the_build_by_the_header(row: list[str], tmp_path: Path) -> None:
    line, expected = row
    path = write(tmp_path, vcf([], meta=[f"##{line}"]))
    try:
        found: str = annotate_vcf(path).build
    except InputError as refused:
        found = refused.code
    assert found == expected


@pytest.mark.parametrize(("n", "code"), [(5, "BUILD_REFUSED"), (4, "BUILD_UNKNOWN")])
def test_hg18_is_told_by_its_bases(n: int, code: str, tmp_path: Path) -> None:
    path = write(tmp_path, vcf(on_hg18(n), meta=["##source=x"]))
    assert outcome_of(path) == code


@pytest.mark.parametrize("declared", BUILDS)
def test_hg18_is_not_read_as_the_build_that_the_user_names(declared: str, tmp_path: Path) -> None:
    path = write(tmp_path, vcf(on_hg18(5), meta=[f"##reference={declared}"]))
    assert outcome_of(path) == "BUILD_CONTRADICTED"


def on_hg18(n: int) -> list[tuple[str, ...]]:
    """Return reference calls on hg18, which lies 59,275 bases before GRCh37."""
    first = GENE.coding_spans()[3].start
    places = (first + 7 * i for i in range(n))
    before = ((str(GENE.from_grch38("GRCh37", at) - 59_275), GENE.bases(at, at)) for at in places)
    return [("17", pos, ".", base, ".", ".", "PASS", ".", "GT:DP", "0/0:200") for pos, base in before]


SAMPLES = """
    columns                       | header line                                | chosen
    ------------------------------+--------------------------------------------+------------------
    X                             |                                            | X
    NORMAL TUMOR                  |                                            | TUMOR
    TUMOR NORMAL                  |                                            | TUMOR
    normal tumour                 |                                            | tumour
    DNA_NORMAL DNA_TUMOR RNA_TUMOR |                                           | DNA_TUMOR
    NORMAL RNA_TUMOR              |                                            | SAMPLE_AMBIGUOUS
    A B                           |                                            | SAMPLE_AMBIGUOUS
    A B                           | tumor_sample=B                             | B
    A B                           | tumor_sample=C                             | SAMPLE_AMBIGUOUS
    A B                           | PEDIGREE=<Derived=A,Original=B>            | A
    A B                           | PEDIGREE=<ID=A,Original=B>                 | A
    A B                           | PEDIGREE=<Name_0=A,Name_1=B>               | SAMPLE_AMBIGUOUS
    TUMOR B                       | tumor_sample=B                             | SAMPLE_AMBIGUOUS
    TUMOR TUMOUR                  |                                            | SAMPLE_AMBIGUOUS
    A NORMAL                      | tumor_sample=NORMAL                        | SAMPLE_AMBIGUOUS
    TUMOR_1 TUMOR_2               |                                            | SAMPLE_AMBIGUOUS
"""


@pytest.mark.parametrize("row", rows(SAMPLES), ids=lambda row: f"{row[0]} {row[1]}")
def test_the_column_of_the_tumour(row: list[str], tmp_path: Path) -> None:
    columns, line, chosen = row
    names = columns.split()
    cells = ["0/1:120,80" if name == chosen else "0/0:200,0" for name in names]
    meta = [contig(), *([f"##{line}"] if line else [])]
    path = write(tmp_path, vcf([(*MUTATED[:9], *cells)], samples=names, meta=meta))
    assert outcome_of(path) == (chosen if chosen == "SAMPLE_AMBIGUOUS" else "mutated")
    for name in names:
        assert annotate_vcf(path, sample=name).sample == name


FILES: dict[str, tuple[Callable[[str], bytes], str]] = {
    "as usual": (str.encode, "mutated"),
    "line ends of Windows": (lambda text: text.replace("\n", "\r\n").encode(), "mutated"),
    "a byte order mark": (lambda text: text.encode("utf-8-sig"), "mutated"),
    "letters of Latin-1 in the header": (
        lambda text: text.replace("##contig", "##lab=Köln\n##contig").encode("latin-1"),
        "mutated",
    ),
    "empty lines": (lambda text: text.replace("\n", "\n\n").encode(), "mutated"),
    "no ##fileformat": (lambda text: text.partition("\n")[2].encode(), "mutated"),
    "several members of gzip": (
        lambda text: gzip.compress(text[:90].encode()) + gzip.compress(text[90:].encode()),
        "mutated",
    ),
    "padding behind gzip": (lambda text: gzip.compress(text.encode()) + bytes(512), "mutated"),
    "letters behind gzip": (lambda text: gzip.compress(text.encode()) + b"more", "FILE_TRUNCATED"),
    "no end of the last line": (lambda text: text.rstrip("\n").encode(), "mutated"),
    "a column less": (lambda text: text.replace("\tGT:AD\t", "\t").encode(), "FILE_TRUNCATED"),
    "a column more": (lambda text: text.replace("\tGT:AD\t", "\tGT:AD\t.\t").encode(), "FILE_TRUNCATED"),
    "no CHROM": (lambda text: text.replace("\n17\t", "\n\t").encode(), "FILE_TRUNCATED"),
    "a position that is none": (lambda text: text.replace("7675088", "76x5088").encode(), "FILE_TRUNCATED"),
    "a negative position": (lambda text: text.replace("7675088", "-5").encode(), "FILE_TRUNCATED"),
    "a position without end": (lambda text: text.replace("7675088", "7" * 40).encode(), "FILE_TRUNCATED"),
    "a second header": (lambda text: (text + text).encode(), "FILE_TRUNCATED"),
    "a record before the header": (lambda text: ("17\t1\t.\n" + text).encode(), "NOT_VCF"),
    "blanks for tabs": (lambda text: text.replace("\t", " ").encode(), "NOT_VCF"),
    "commas for tabs": (lambda text: text.replace("\t", ",").encode(), "NOT_VCF"),
    "line ends of old Macs": (lambda text: text.replace("\n", "\r").encode(), "NOT_VCF"),
    "UTF-16": (lambda text: text.encode("utf-16"), "NOT_VCF"),
    "a header without columns": (lambda text: text[: text.index("#CHROM")].encode(), "NOT_VCF"),
    "columns in another order": (
        lambda text: text.replace("REF\tALT", "ALT\tREF").encode(),
        "NOT_VCF",
    ),
    "nothing": (lambda _: b"", "FILE_EMPTY"),
    "nothing in gzip": (lambda _: gzip.compress(b""), "NOT_VCF"),
    "an older BCF": (lambda _: b"BCF\x04" + bytes(100), "NOT_VCF"),
    "a BCF that ends in its header": (lambda _: b"BCF\x02\x02\xff\xff\x00\x00##fileformat", "FILE_TRUNCATED"),
    "a BCF with a header without end": (lambda _: b"BCF\x02\x02\xff\xff\xff\xff", "FILE_TRUNCATED"),
    "a BCF with a header of nothing": (lambda _: b"BCF\x02\x02\x01\x00\x00\x00\x00", "FILE_TRUNCATED"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file(what: str, tmp_path: Path) -> None:
    spoil, outcome = FILES[what]
    path = tmp_path / "calls.vcf"
    path.write_bytes(spoil(vcf([MUTATED])))
    assert outcome_of(path) == outcome


def test_an_archive_is_no_variant_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("calls.vcf", vcf([MUTATED]))
    assert outcome_of(path) == "NOT_VCF"


def test_a_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    assert outcome_of(tmp_path) == "FILE_UNREADABLE"
    assert outcome_of(tmp_path / "none.vcf") == "FILE_MISSING"


def test_bgzf_without_its_last_block_is_truncated(tmp_path: Path) -> None:
    path = as_bgzf(write(tmp_path, vcf([MUTATED])), tmp_path / "calls.vcf.gz")
    assert outcome_of(path) == "mutated"
    path.write_bytes(path.read_bytes()[:-28])
    assert outcome_of(path) == "FILE_TRUNCATED"


def test_a_little_gzip_that_unpacks_to_much_is_refused_in_time(tmp_path: Path) -> None:
    path = tmp_path / "bomb.vcf.gz"
    path.write_bytes(gzip.compress(vcf([]).encode() + b"17" * (80 << 20), compresslevel=1))
    assert outcome_of(path) == "NOT_VCF"
