"""Variant files as laboratories send them: packed, spoilt, cut, on the wrong build, with many samples."""

import gzip
from pathlib import Path

import pytest
from tp53_files import GENE, R175H, as_bcf, as_bgzf, call, contig, vcf, write

from mrdkit.errors import InputError, UsageError
from mrdkit.results import Specimen
from mrdkit.tp53 import annotate_vcf, call_tp53, load_policy
from mrdkit.tp53.gene import BUILDS, Build

MUTATED = (*R175H, "GT:AD:DP", "0/1:120,80:200")
OTHER = ("1", "1000", ".", "A", "G", ".", "PASS", ".", "GT:AD:DP", "0/1:50,50:100")


def refused(path: Path, build: Build | None = None) -> str:
    with pytest.raises(InputError) as error:
        annotate_vcf(path, build)
    assert str(path) in str(error.value)
    return error.value.code


DECLARED = [
    contig(),
    "##contig=<ID=1>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">',
]


@pytest.mark.parametrize("kind", ["text", "gzip", "bgzf", "bcf"])
def test_every_container_reads_the_same(kind: str, tmp_path: Path) -> None:
    plain = write(tmp_path, vcf([OTHER, MUTATED], meta=DECLARED))
    target = tmp_path / "packed.vcf"
    if kind == "text":
        target = plain
    elif kind == "gzip":
        target.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        {"bgzf": as_bgzf, "bcf": as_bcf}[kind](plain, target)
    found = call(target)
    (variant,) = found.variants
    assert (found.status, found.build, variant.hgvs_c, variant.alt_reads) == (
        "mutated",
        "GRCh38",
        "c.524G>A",
        80,
    )
    annotated = annotate_vcf(target)
    assert (annotated.n_records, annotated.n_outside) == (2, 1)


@pytest.mark.parametrize("kind", ["gzip", "bgzf", "bcf"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_cut_container_is_an_error(kind: str, kept: float, tmp_path: Path) -> None:
    records = [("1", str(i + 1), *OTHER[2:]) for i in range(3000)]
    plain = write(tmp_path, vcf([*records, MUTATED], meta=DECLARED))
    target = tmp_path / "packed"
    if kind == "gzip":
        target.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        {"bgzf": as_bgzf, "bcf": as_bcf}[kind](plain, target)
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * kept)])
    assert refused(target) == "FILE_TRUNCATED"


def test_a_bcf_without_packing_shows_no_end_and_is_never_wild_type(tmp_path: Path) -> None:
    packed = as_bcf(write(tmp_path, vcf([OTHER, MUTATED], meta=DECLARED)), tmp_path / "packed.bcf")
    content = gzip.decompress(packed.read_bytes())
    plain = tmp_path / "plain.bcf"
    plain.write_bytes(content)
    assert call(plain).status == "mutated"
    for cut in range(1, len(content)):
        plain.write_bytes(content[:-cut])
        try:
            found = call(plain, assume_covered=True)
        except InputError:
            continue
        assert (found.status, found.flags) == ("indeterminate", ("NO_FINAL_NEWLINE", "COVERAGE_ASSUMED"))


def test_repeated_sample_names_are_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, vcf([(*MUTATED, "0/0")], samples=("S", "S")))) == "SAMPLE_REPEATED"


def reference_calls(build: Build, n: int) -> list[tuple[str, ...]]:
    places = (GENE.coding_spans()[3].start + 7 * i for i in range(n))
    return [
        (
            "17",
            str(GENE.from_grch38(build, at)),
            ".",
            GENE.bases(at, at),
            ".",
            ".",
            "PASS",
            ".",
            "GT:DP",
            "0/0:200",
        )
        for at in places
    ]


@pytest.mark.parametrize("build", BUILDS)
def test_reference_bases_prove_a_build_from_five_on(build: Build, tmp_path: Path) -> None:
    no_contig = ["##source=x"]
    assert annotate_vcf(write(tmp_path, vcf(reference_calls(build, 5), meta=no_contig))).build == build
    assert refused(write(tmp_path, vcf(reference_calls(build, 4), meta=no_contig))) == "BUILD_UNKNOWN"


def test_a_length_and_a_text_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, vcf([], meta=[contig("GRCh38"), "##reference=hg19.fa"]))) == (
        "BUILD_CONTRADICTED"
    )


def test_a_build_that_its_bases_deny_is_refused(tmp_path: Path) -> None:
    text = vcf(reference_calls("GRCh37", 5), meta=[contig("GRCh38")])
    assert refused(write(tmp_path, text)) == "BUILD_CONTRADICTED"
    wrong = [(*row[:3], "ACGT"["CGTA".index(row[3])], *row[4:]) for row in reference_calls("GRCh38", 6)]
    assert refused(write(tmp_path, vcf(wrong))) == "BUILD_CONTRADICTED"


def test_a_doubtful_build_is_never_wild_type(tmp_path: Path) -> None:
    path = write(tmp_path, vcf(reference_calls("GRCh37", 3), meta=[contig("GRCh38")]))
    found = call(path, assume_covered=True)
    assert (found.status, "BUILD_DOUBTFUL" in found.flags) == ("indeterminate", True)


def test_a_wrong_word_about_the_build_is_never_wild_type(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([MUTATED], meta=["##source=x"]))
    annotated = annotate_vcf(path, "GRCh37")
    found = call_tp53(annotated, load_policy(), specimen=Specimen(), assume_covered=True)
    assert (found.status, "BUILD_DOUBTFUL" in found.flags) == ("indeterminate", True)


def test_a_variant_of_the_normal_sample_is_flagged(tmp_path: Path) -> None:
    record = (*MUTATED[:9], "0/1:70,30:100", "0/1:120,80:200")
    found = call(write(tmp_path, vcf([record], samples=("NORMAL", "TUMOR"))))
    assert "GERMLINE_SUSPECT" in found.variants[0].flags


def test_an_unknown_sample_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        annotate_vcf(write(tmp_path, vcf([MUTATED])), sample="other")
    assert error.value.code == "SAMPLE_UNKNOWN"


def test_one_allele_in_two_spellings_counts_once(tmp_path: Path) -> None:
    padded = ("17", "7675087", ".", "GC", "GT", ".", "PASS", ".", "GT:AD:DP", "0/1:200,100:300")
    found = call(write(tmp_path, vcf([MUTATED, padded])))
    assert (found.n_counted, found.variants[0].depth) == (1, 300)


def test_reference_blocks_are_coverage(tmp_path: Path) -> None:
    blocks = [
        (
            "17", str(span.start - 2), ".", GENE.bases(span.start - 2, span.start - 2), "<NON_REF>", ".", ".",
            f"END={span.end + 2}", "GT:DP:MIN_DP", "0/0:300:{}",
        )
        for span in GENE.coding_spans()
    ]  # fmt: skip
    for depth, status in ((100, "wild_type"), (99, "indeterminate")):
        rows = [(*block[:9], block[9].format(depth)) for block in blocks]
        assert call(write(tmp_path, vcf(rows))).status == status


@pytest.mark.parametrize("text", ["chr17\t1\t2\n", "chr17\t1\t2\tx\n", "chr17\t5\t2\t100\n", "17 1 2 100\n"])
def test_a_coverage_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    bed = write(tmp_path, text, "c.bed")
    with pytest.raises(InputError) as error:
        call(write(tmp_path, vcf([OTHER])), bed=bed)
    assert error.value.code == "NOT_COVERAGE_BED"


@pytest.mark.parametrize(
    ("sample", "status"),
    [
        ("0/1:200,0:0.30:200", "indeterminate"),
        ("0/1:200,0:0.01:200", "wild_type"),
        ("0/0:200,0:0.30:200", "wild_type"),
    ],
)
def test_a_mutation_stated_over_no_read_is_not_hidden(tmp_path: Path, sample: str, status: str) -> None:
    path = write(tmp_path, vcf([(*R175H, "GT:AD:AF:DP", sample)]))
    found = call(path, assume_covered=True)
    assert found.status == status
    assert [variant.count_reason for variant in found.variants] == (
        ["genotype_conflict"] if status == "indeterminate" else []
    )
