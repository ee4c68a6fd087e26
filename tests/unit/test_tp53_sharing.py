"""Variant files that leave the laboratory: the same TP53 rows, and nothing else of the person."""

from pathlib import Path

import pytest
from real_data import real
from tp53_files import R175H, as_bcf, contig, vcf, write

from mrdkit.errors import InputError
from mrdkit.tp53 import annotate_vcf
from mrdkit.tp53.coverage import coverage_bed
from mrdkit.tp53.sharing import share_variants

_KNOWN = {"TUMOR", "NORMAL", "DNA_TUMOR", "DNA_NORMAL", "RNA_TUMOR"}


def rename(kind: str, text: str) -> str:
    return text if text.upper() in _KNOWN else f"{kind}{len(text)}"


def shared(tmp_path: Path, path: Path, *samples: str) -> str:
    share_variants(path, tmp_path / "out.vcf", rename=rename, build=None, samples=samples)
    return (tmp_path / "out.vcf").read_text(encoding="utf-8")


def test_names_of_samples_change_wherever_the_header_says_them(tmp_path: Path) -> None:
    meta = (
        contig(),
        "##tumor_sample=Doe_Jane",
        "##normal_sample=Roe_R",
        "##PEDIGREE=<Derived=Doe_Jane,Original=Roe_R>",
    )
    record = (*R175H, "GT:AD", "0/1:60,30", "0/0:80,0")
    text = shared(tmp_path, write(tmp_path, vcf([record], samples=("Doe_Jane", "Roe_R"), meta=meta)))
    assert "##tumor_sample=sample8\n" in text
    assert "##normal_sample=sample5\n" in text
    assert "##PEDIGREE=<Derived=sample8,Original=sample5>\n" in text
    assert text.splitlines()[-2].endswith("FORMAT\tsample8\tsample5")
    assert not {"Doe", "Jane", "Roe"} & set(text.replace("_", " ").split())


def test_only_what_touches_tp53_and_only_listed_fields_leave(tmp_path: Path) -> None:
    far = ("1", "1000", "rs1", "A", "G", "50", "PASS", "DP=9", "GT:AD", "0/1:4,5")
    record = (
        *R175H[:2],
        "Jane",
        *R175H[3:5],
        "60",
        "PASS",
        "DP=90;NOTE=Jane;AF=Jane",
        "GT:WHO:AD",
        "0/1:Jane:60,30",
    )
    lines = shared(tmp_path, write(tmp_path, vcf([far, record]))).splitlines()
    assert lines[-1].split("\t") == [
        *("17", "7675088", ".", "C", "T", ".", "PASS", "DP=90", "GT:X2:AD", "0/1:.:60,30"),
    ]
    assert not any("1000" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("##reference=file:///home/jane/GRCh38.fa", "##reference=grch38"),
        ("##reference=file:///home/jane/genome.fa", None),
        ("##source=Jane", None),
        ("##fileDate=20240108", None),
        ("##contig=<ID=Jane,length=5>", None),
        ("##contig=<ID=chr1,length=248956422,assembly=Jane>", "##contig=<ID=chr1,length=248956422>"),
    ],
)
def test_header_lines_are_kept_by_kind(tmp_path: Path, line: str, kept: str | None) -> None:
    record = (*R175H, "GT:AD", "0/1:60,30")
    text = shared(tmp_path, write(tmp_path, vcf([record], meta=(contig(), line))))
    assert "jane" not in text.lower()
    assert kept is None or f"{kept}\n" in text


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_end_that_is_missing_stays_missing(tmp_path: Path, end: str) -> None:
    record = (*R175H, "GT:AD", "0/1:60,30")
    path = write(tmp_path, vcf([record]).removesuffix("\n") + end)
    shared(tmp_path, path)
    assert annotate_vcf(tmp_path / "out.vcf").flags == annotate_vcf(path).flags


def test_a_filter_that_is_not_known_becomes_a_code_that_is_no_pass(tmp_path: Path) -> None:
    record = (*R175H[:6], "weak_evidence;Jane", ".", "GT:AD", "0/1:60,30")
    text = shared(tmp_path, write(tmp_path, vcf([record])))
    assert "\tweak_evidence;filter4\t" in text


def test_an_allele_of_an_unknown_form_leaves_the_file_out(tmp_path: Path) -> None:
    record = (*R175H[:4], "<Jane>", *R175H[5:], "GT:AD", "0/1:60,30")
    with pytest.raises(InputError) as caught:
        shared(tmp_path, write(tmp_path, vcf([record])))
    assert caught.value.code == "RECORD_NOT_CLEANED"
    assert "Jane" not in str(caught.value)


def test_text_and_bcf_give_the_same_file(tmp_path: Path) -> None:
    meta = (
        contig(),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
    )
    text = write(tmp_path, vcf([(*R175H, "GT:AD", "0/1:60,30")], meta=meta))
    packed = as_bcf(text, tmp_path / "a.bcf")
    assert shared(tmp_path, text) == shared(tmp_path, packed)


def test_a_coverage_bed_loses_comments_names_and_other_chromosomes(tmp_path: Path) -> None:
    path = write(tmp_path, "track name=Jane\n# Jane\nchr17\t1\t9\t100\tJane\nchr1\t1\t9\t100\n", "a.bed")
    assert coverage_bed(path) == "chr17\t1\t9\t100\n"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "vcf2maf/test_mutect.vcf",
            "vcf2maf/test_muse.vcf",
            "vcf2maf/test_radia.vcf",
            "vcf2maf/test_strelka.vcf",
        ),
        *(
            "vcf2maf/test_varscan.vcf",
            "vcf2maf/test_sniper.vcf",
            "vcf2maf/test_pindel.vcf",
            "vcf2maf/test_delly.vcf",
        ),
        *("ngs-bits/panel_vep.vcf", "ngs-bits/VariantQC_in1.vcf", "snpeff/test.cancer_07_phased.vcf"),
    ],
)
def test_files_of_real_callers_give_the_same_rows_or_the_same_refusal(tmp_path: Path, name: str) -> None:
    written = shared(tmp_path, real(f"tp53/caller_vcfs/{name}"))
    assert "/home" not in written
