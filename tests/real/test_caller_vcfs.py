"""Files of fourteen callers: each gives a call or a named refusal, never a traceback and never wild type."""

import shutil
from pathlib import Path

import pytest
from real_data import ROOT, needs_real_data, real
from tables import rows

from mrdkit.errors import InputError, UsageError
from mrdkit.results import Specimen, Tp53Call
from mrdkit.tp53 import annotate_vcf, call_tp53, load_policy
from mrdkit.tp53.depth import allele_depth
from mrdkit.tp53.gene import Build
from mrdkit.tp53.records import parse_record

OUTCOMES = """
    file                            | build  | given | outcome       | counted | listed
    --------------------------------+--------+-------+---------------+---------+----------------------
    vcf2maf/test.vcf                | GRCh37 | yes   | indeterminate | 0       | c.375G>T
    vcf2maf/test.vcf                | -      | no    | BUILD_UNKNOWN | 0       |
    vcf2maf/test_grch38.vcf         | GRCh38 | yes   | indeterminate | 0       | c.375G>T
    vcf2maf/test_delly.vcf          | GRCh37 | no    | indeterminate | 0       |
    vcf2maf/test_merged.vcf         | GRCh37 | no    | indeterminate | 0       |
    vcf2maf/test_muse.vcf           | GRCh37 | no    | indeterminate | 0       |
    vcf2maf/test_mutect.vcf         | GRCh37 | no    | indeterminate | 0       |
    vcf2maf/test_pindel.vcf         | GRCh37 | no    | indeterminate | 0       |
    vcf2maf/test_radia.vcf          | -      | no    | BUILD_UNKNOWN | 0       |
    vcf2maf/test_radia.vcf          | GRCh37 | yes   | indeterminate | 0       |
    vcf2maf/test_sniper.vcf         | -      | no    | BUILD_UNKNOWN | 0       |
    vcf2maf/test_sniper.vcf         | GRCh37 | yes   | indeterminate | 0       |
    vcf2maf/test_strelka.vcf        | GRCh37 | yes   | indeterminate | 0       |
    vcf2maf/test_varscan.vcf        | GRCh37 | yes   | indeterminate | 0       |
    snpeff/test.cancer_05.vcf       | GRCh37 | yes   | indeterminate | 0       | c.215C>G
    snpeff/test.cancer_05.vcf       | -      | no    | BUILD_UNKNOWN | 0       |
    snpeff/test.cancer_06.vcf       | GRCh37 | yes   | indeterminate | 0       | c.215C>G
    snpeff/test.cancer_06_phased.vcf| GRCh37 | yes   | indeterminate | 0       | c.215C>G
    snpeff/test.cancer_07.vcf       | GRCh37 | yes   | indeterminate | 0       | c.215C>A
    snpeff/test.cancer_07_phased.vcf| GRCh37 | yes   | indeterminate | 0       | c.215C>A
    ngs-bits/VariantQC_in1.vcf      | GRCh37 | no    | indeterminate | 0       | c.1026A>T c.215C>G
    ngs-bits/VcfFileHandler_in.vcf  | GRCh37 | yes   | indeterminate | 0       |
    ngs-bits/panel_vep.vcf          | GRCh38 | no    | mutated       | 1       | c.1129A>C c.1113C>A c.215C>G c.96+41_97-54del
"""  # noqa: E501 - a table's row is one line


def call(path: Path, build: Build | None) -> Tp53Call:
    return call_tp53(annotate_vcf(path, build), load_policy(), specimen=Specimen())


def as_build(text: str) -> Build | None:
    return "GRCh37" if text == "GRCh37" else "GRCh38" if text == "GRCh38" else None


@pytest.mark.parametrize("row", rows(OUTCOMES), ids=lambda row: f"{row[0]} {row[2]}")
def test_outcome(row: list[str]) -> None:
    file, build, given, outcome, counted, listed = row
    path = real(f"tp53/caller_vcfs/{file}")
    if outcome.isupper():
        with pytest.raises(InputError) as refused:
            call(path, None)
        assert refused.value.code == outcome
        return
    found = call(path, as_build(build) if given == "yes" else None)
    assert (found.build, found.status, found.n_counted) == (build, outcome, int(counted))
    assert [variant.hgvs_c for variant in found.variants] == listed.split()


READS = """
    file                            | POS      | sample      | alt | depth | vaf_source
    --------------------------------+----------+-------------+-----+-------+------------
    vcf2maf/test.vcf                | 11290178 | TUMOR       | 10  | 20    | AD
    vcf2maf/test_delly.vcf          | 42843749 | TUMOR       | 172 | 461   | RR+RV
    vcf2maf/test_merged.vcf         | 2629005  | TUMOR       | 6   | 18    | AD
    vcf2maf/test_merged.vcf         | 26158900 | TUMOR       | 5   | 7     | TIR+TAR
    vcf2maf/test_muse.vcf           | 1289197  | TUMOR       | 2   | 11    | AD
    vcf2maf/test_mutect.vcf         | 2453125  | TUMOR       | 30  | 205   | AD
    vcf2maf/test_mutect.vcf         | 2453125  | NORMAL      | 31  | 191   | AD
    vcf2maf/test_pindel.vcf         | 16890971 | TUMOR       | 4   | 47    | AD
    vcf2maf/test_radia.vcf          | 29651735 | DNA_TUMOR   | 11  | 106   | AD
    vcf2maf/test_radia.vcf          | 29651735 | RNA_TUMOR   | 29  | 190   | AD
    vcf2maf/test_sniper.vcf         | 1233886  | TUMOR       | 4   | 7     | BCOUNT
    vcf2maf/test_strelka.vcf        | 12170228 | TUMOR       | 57  | 57    | AU:CU:GU:TU
    vcf2maf/test_varscan.vcf        | 1991014  | TUMOR       | 35  | 91    | RD+AD
    ngs-bits/VcfFileHandler_in.vcf  | 26898195 | tumor       | 17  | 52    | TIR+TAR
    ngs-bits/VcfFileHandler_in.vcf  | 53407604 | tumor       | 378 | 1811  | AU:CU:GU:TU
    ngs-bits/VariantQC_in1.vcf      | 27687466 | NA12878     | 371 | 722   | RO+AO
    ngs-bits/panel_vep.vcf          | 27355990 | NA12878_03  | 86  | 169   | AO
    snpeff/test.cancer_05.vcf       | 7579472  | Tumor       | -   | -     | -
"""


@pytest.mark.parametrize("row", rows(READS), ids=lambda row: f"{row[0]} {row[1]} {row[2]}")
def test_the_reads_of_a_caller(row: list[str]) -> None:
    """Reads as they stand in the sample column, counted by hand."""
    file, pos, sample, *expected = row
    lines = real(f"tp53/caller_vcfs/{file}").read_text(encoding="utf-8").splitlines()
    columns = next(line for line in lines if line.startswith("#CHROM")).split("\t")
    line = next(line for line in lines if line.partition("\t")[2].startswith(f"{pos}\t"))
    found = allele_depth(parse_record(line.split("\t"), pos), columns.index(sample) - 9, 1)
    shown = ["-" if value is None else str(value) for value in (found.alt_reads, found.depth, found.source)]
    assert shown == expected


@needs_real_data
def test_every_file_of_the_folder_stands_in_the_table() -> None:
    folder = ROOT / "tp53" / "caller_vcfs"
    named = {cells[0] for cells in rows(OUTCOMES)}
    assert named == {str(path.relative_to(folder)) for path in folder.glob("*/*.vcf")}


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_a_last_base_change_is_listed_with_its_reads(build: str) -> None:
    name = "test.vcf" if build == "GRCh37" else "test_grch38.vcf"
    (variant,) = call(real(f"tp53/caller_vcfs/vcf2maf/{name}"), as_build(build)).variants
    assert (variant.hgvs_p, variant.consequence) == ("p.(Thr125=)", "splice_last_base")
    assert (variant.alt_reads, variant.depth, variant.count_reason) == (22, 42, "low_evidence")


def test_the_wrong_build_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        call(real("tp53/caller_vcfs/ngs-bits/panel_vep.vcf"), "GRCh37")
    assert refused.value.code == "BUILD_CONTRADICTED"


def test_several_unnamed_samples_are_a_question_to_the_user(tmp_path: Path) -> None:
    text = real("tp53/caller_vcfs/vcf2maf/test.vcf").read_text(encoding="utf-8")
    path = tmp_path / "renamed.vcf"
    path.write_text(text.replace("\tTUMOR\tNORMAL", "\tA\tB"), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        call(path, "GRCh37")
    assert refused.value.code == "SAMPLE_AMBIGUOUS"


def test_a_file_name_decides_nothing(tmp_path: Path) -> None:
    original = real("tp53/caller_vcfs/ngs-bits/panel_vep.vcf")
    renamed = tmp_path / "panel.bcf.gz"
    shutil.copy(original, renamed)
    assert call(renamed, None) == call(original, None)
