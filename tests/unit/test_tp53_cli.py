"""`mrdkit tp53`: fields, exit codes and tables as the contract fixes them."""

import csv
import json
from pathlib import Path

import pytest
from tp53_files import R175H, full_coverage, vcf, write
from typer.testing import CliRunner

from mrdkit import reference
from mrdkit.cli.root import app
from mrdkit.errors import InputError, RuleError, UsageError

VARIANT = {
    "chrom", "pos", "ref", "alt", "key", "hgvs_g", "hgvs_c", "hgvs_p", "transcript", "consequence", "class",
    "counted", "count_reason", "alt_reads", "depth", "vaf", "vaf_source", "filter", "flags",
    "exon", "hotspot", "functional_class", "supplied_hgvs", "merged_from",
}  # fmt: skip
ANNOTATED = {
    "path",
    "build",
    "build_evidence",
    "sample",
    "n_records",
    "n_outside",
    "variants",
    "flags",
    "reasons",
}
CALLED = {
    "path", "build", "subject_id", "status", "n_counted", "max_vaf", "allelic_state", "allelic_evidence",
    "policy", "variants", "flags", "reasons",
}  # fmt: skip
MUTATED = (*R175H, "GT:AD", "0/1:80,120")
BENIGN = ("17", "7676154", ".", "G", "C", ".", "PASS", ".", "GT:AD", "0/1:100,100")


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["tp53", *(str(argument) for argument in arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_annotate_answers_with_the_fields_of_the_contract(tmp_path: Path) -> None:
    code, out = run("annotate", write(tmp_path, vcf([MUTATED, BENIGN])), "--json")
    (result,) = json.loads(out)["results"]
    assert (code, ANNOTATED - result.keys()) == (0, set())
    assert [variant.keys() for variant in result["variants"]] == [VARIANT, VARIANT]
    assert [variant["class"] for variant in result["variants"]] == [None, "benign"]
    assert [variant["counted"] for variant in result["variants"]] == [True, False]
    assert result["build_evidence"]


def test_annotate_writes_one_line_per_variant(tmp_path: Path) -> None:
    table = tmp_path / "out.tsv"
    run("annotate", write(tmp_path, vcf([MUTATED, BENIGN])), "-o", table)
    with table.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    assert lines[0].keys() >= VARIANT
    assert [line["hgvs_c"] for line in lines] == ["c.524G>A", "c.215C>G"]
    assert lines[0]["flags"] == "VAF_GE_45;GERMLINE_POSSIBLE"


def test_call_answers_with_the_fields_of_the_contract(tmp_path: Path) -> None:
    code, out = run("call", write(tmp_path, vcf([MUTATED])), "--json")
    (result,) = json.loads(out)["results"]
    assert (code, CALLED - result.keys()) == (0, set())
    assert (result["status"], result["n_counted"], result["max_vaf"]) == ("mutated", 1, 0.6)
    assert result["allelic_state"] == "inferred_LOH"


def test_call_takes_coverage_or_the_users_word(tmp_path: Path) -> None:
    path, bed = write(tmp_path, vcf([BENIGN])), full_coverage(tmp_path)
    for options, status in (
        ((), "indeterminate"),
        (("--coverage", bed), "wild_type"),
        (("--assume-covered",), "wild_type"),
    ):
        code, out = run("call", path, *options, "--json")
        assert (code, json.loads(out)["results"][0]["status"]) == (0, status)


def allelic_state_of(*arguments: object) -> object:
    code, out = run("call", *arguments, "--json")
    assert code == 0
    return json.loads(out)["results"][0]["allelic_state"]


def test_call_takes_what_another_test_says_of_the_other_allele(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([(*R175H, "GT:AD", "0/1:120,80")]))
    assert allelic_state_of(path) == "monoallelic_or_unknown"
    assert allelic_state_of(path, "--karyotype", "46,XX,del(17)(p13)[8]/46,XX[12]") == "mut+del17p"
    assert allelic_state_of(path, "--karyotype", "46,XX[20]") == "monoallelic_or_unknown"
    assert allelic_state_of(path, "--second-hit", "cnLOH") == "mut+cnLOH"
    for options, code in (
        (("--second-hit", "loss"), "SECOND_HIT_UNKNOWN"),
        ((path, "--karyotype", "46,XX[20]"), "KARYOTYPE_AMBIGUOUS"),
    ):
        with pytest.raises(UsageError) as refused:
            run("call", path, *options)
        assert refused.value.code == code


def test_calls_without_reads_count_only_on_trust(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([(*R175H, "GT", "0/1")]))
    for options, counted in (((), False), (("--trust-calls",), True)):
        for command in ("call", "annotate"):
            (result,) = json.loads(run(command, path, *options, "--json")[1])["results"]
            assert result["variants"][0]["counted"] is counted


def test_same_input_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([MUTATED, BENIGN]))
    assert run("call", path, "--json") == run("call", path, "--json")


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    good, bad = write(tmp_path, vcf([MUTATED])), write(tmp_path, "no vcf", "b.vcf")
    code, out = run("call", bad, good, "--json")
    document = json.loads(out)
    assert (code, len(document["results"])) == (4, 1)
    assert [failure["error"] for failure in document["failures"]] == ["NOT_VCF"]
    assert run("annotate", bad)[0] == 3


def test_hgvs_names_one_allele() -> None:
    code, out = run("hgvs", "--build", "GRCh37", "chr17", 7578406, "C", "T", "--json")
    document = json.loads(out)
    assert (code, document.keys()) == (0, VARIANT)
    assert (document["chrom"], document["pos"], document["key"]) == ("chr17", 7578406, "17-7675088-C-T")
    assert (document["hgvs_g"], document["hgvs_p"]) == ("NC_000017.11:g.7675088C>T", "p.(Arg175His)")
    assert (document["counted"], document["count_reason"]) == (False, "vaf_unknown")
    silent = json.loads(run("hgvs", "--build", "GRCh38", "17", 7675087, "G", "A", "--json")[1])
    assert (silent["consequence"], silent["count_reason"]) == ("synonymous", "consequence_not_counted")


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        (("GRCh38", "17", 7675088, "A", "T"), InputError, "REF_MISMATCH"),
        (("GRCh38", "17", 7675088, "C", "C"), InputError, "NO_CHANGE"),
        (("GRCh38", "17", 100, "C", "T"), InputError, "OUTSIDE_GENE"),
        (("GRCh38", "17", 7675088, "C", "N"), InputError, "UNRESOLVED_ALLELE"),
        (("GRCh38", "17", 7675088, "", "T"), InputError, "UNRESOLVED_ALLELE"),
        (("GRCh38", "18", 7675088, "C", "T"), UsageError, "CHROMOSOME_UNKNOWN"),
        (("GRCh38", "NC_000017.10", 7675088, "C", "T"), UsageError, "CHROMOSOME_UNKNOWN"),
        (("hg18", "17", 7675088, "C", "T"), UsageError, "BUILD_UNKNOWN"),
    ],
)
def test_hgvs_refuses_what_it_cannot_name(
    arguments: tuple[object, ...], error: type[InputError | UsageError], code: str
) -> None:
    build, *allele = arguments
    with pytest.raises(error) as refused:
        run("hgvs", "--build", build, *allele)
    assert refused.value.code == code


@pytest.mark.parametrize("build", ["GRCh38", "grch38", "hg38", "b38"])
def test_a_build_may_have_its_other_names(build: str, tmp_path: Path) -> None:
    path = write(tmp_path, vcf([MUTATED], meta=["##source=x"]))
    (result,) = json.loads(run("call", path, "--build", build, "--json")[1])["results"]
    assert (result["build"], result["status"]) == ("GRCh38", "mutated")


def test_several_samples_are_a_usage_error(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([(*MUTATED, "0/0:200,0")], samples=("a", "b")))
    with pytest.raises(UsageError) as refused:
        run("call", path)
    assert (refused.value.code, refused.value.exit_code) == ("SAMPLE_AMBIGUOUS", 2)
    assert json.loads(run("call", path, "--sample", "b", "--json")[1])["results"][0]["sample"] == "b"


def test_a_file_of_several_samples_does_not_stop_the_others(tmp_path: Path) -> None:
    several = write(tmp_path, vcf([(*MUTATED, "0/0:200,0")], samples=("a", "b")), "several.vcf")
    single = write(tmp_path, vcf([MUTATED]), "single.vcf")
    code, out = run("call", several, single, "--json")
    document = json.loads(out)
    assert code == 4
    assert [result["path"] for result in document["results"]] == [str(single)]
    assert [failure["error"] for failure in document["failures"]] == ["SAMPLE_AMBIGUOUS"]


def test_one_coverage_file_is_for_one_sample(tmp_path: Path) -> None:
    path = write(tmp_path, vcf([BENIGN]))
    with pytest.raises(UsageError):
        run("call", path, path, "--coverage", full_coverage(tmp_path))


def test_a_policy_of_the_laboratory_decides(tmp_path: Path) -> None:
    text = reference.text("tp53_policies", "default.toml").replace('"tp53_default"', '"strict"')
    policy = write(tmp_path, text.replace("vaf_percent_at_least = 5", "vaf_percent_at_least = 65"), "p.toml")
    path = write(tmp_path, vcf([MUTATED]))
    (result,) = json.loads(run("call", path, "--policy", policy, "--json")[1])["results"]
    assert (result["policy"], result["status"]) == ("strict", "indeterminate")
    assert result["variants"][0]["count_reason"] == "low_vaf"
    with pytest.raises(RuleError):
        run("call", path, "--policy", "unknown")
    misspelt = write(tmp_path, text.replace('"missense"', '"mis-sense"'), "m.toml")
    with pytest.raises(RuleError):
        run("call", path, "--policy", misspelt)
