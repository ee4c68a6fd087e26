"""`mrdkit tp53`: annotate variant files, call a patient's status, name one allele."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import JsonOption, finish, print_json, print_table, run_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mrdkit.results import Evidence, Json, Tp53Variant
    from mrdkit.tp53 import Policy, SecondHit
    from mrdkit.tp53.gene import Build

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="TP53 variants: HGVS names and patient status."
)

_Files = Annotated[list[Path], typer.Argument(help="VCF or BCF files, plain or compressed.")]
_BuildOption = Annotated[
    str | None, typer.Option("--build", help="GRCh37 (hg19) or GRCh38 (hg38), if the file is silent.")
]
_SampleOption = Annotated[str | None, typer.Option("--sample", help="Sample column, if there are several.")]
_TrustOption = Annotated[
    bool, typer.Option("--trust-calls", help="Count calls of which no reads are known; it is recorded.")
]
_PolicyOption = Annotated[str, typer.Option("--policy", help="Name of a shipped policy, or a TOML file.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotated:
    """The answer of `annotate` for one file."""

    sha256: str
    build: str
    build_evidence: str
    sample: str | None
    n_records: int
    n_outside: int
    variants: "tuple[Tp53Variant, ...]"
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: "Evidence"


@app.command()
def annotate(
    files: _Files,
    *,
    build: _BuildOption = None,
    sample: _SampleOption = None,
    policy: _PolicyOption = "default",
    trust_calls: _TrustOption = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write a table here.")] = None,
    json: JsonOption = False,
) -> None:
    """List every TP53 allele of each file with its names, reads and whether it counts."""
    from mrdkit.results import Specimen
    from mrdkit.tp53 import annotate_vcf, call_tp53

    chosen, on = _policy(policy, trust_calls=trust_calls), _build(build)

    def one(path: Path) -> _Annotated:
        annotated = annotate_vcf(path, on, sample)
        call = call_tp53(annotated, chosen, specimen=Specimen())
        return _Annotated(
            sha256=annotated.sha256,
            build=annotated.build,
            build_evidence=annotated.build_evidence,
            sample=annotated.sample,
            n_records=annotated.n_records,
            n_outside=annotated.n_outside,
            variants=call.variants,
            flags=annotated.flags,
            reasons=(),
            evidence=call.evidence,
        )

    batch = run_each(files, one)
    if output is not None:
        _write_table(output, batch.results)
    finish(batch, as_json_document=json, columns=("path", "build", "n_records", "n_outside", "flags"))


@app.command()
def call(
    files: _Files,
    *,
    build: _BuildOption = None,
    sample: _SampleOption = None,
    coverage: Annotated[
        Path | None,
        typer.Option("--coverage", help="BED on the file's build: chrom, start, end, minimum depth."),
    ] = None,
    policy: _PolicyOption = "default",
    trust_calls: _TrustOption = False,
    karyotype: Annotated[
        str | None, typer.Option("--karyotype", help="ISCN karyotype of the same material, for 17p.")
    ] = None,
    second_hit: Annotated[
        str | None, typer.Option("--second-hit", help="del17p or cnLOH, where another test has shown it.")
    ] = None,
    assume_covered: Annotated[
        bool, typer.Option("--assume-covered", help="Take full coverage on your word; it is recorded.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Call each file's sample mutated, wild type or indeterminate."""
    from mrdkit.errors import UsageError
    from mrdkit.results import Specimen, Tp53Call
    from mrdkit.tp53 import annotate_vcf, call_tp53, read_coverage

    for option, value in (("coverage", coverage), ("karyotype", karyotype), ("second-hit", second_hit)):
        if value is not None and len(files) > 1:
            raise UsageError(
                f"one --{option} cannot speak for several samples",
                code=f"{option.upper().replace('-', '_')}_AMBIGUOUS",
                remedy="call the files one by one",
            )
    chosen, on = _policy(policy, trust_calls=trust_calls), _build(build)
    other_allele = _second_hit(second_hit, karyotype)

    def one(path: Path) -> Tp53Call:
        annotated = annotate_vcf(path, on, sample)
        covered = None if coverage is None else read_coverage(coverage, annotated.build)
        return call_tp53(
            annotated,
            chosen,
            specimen=Specimen(),
            coverage=covered,
            assume_covered=assume_covered,
            second_hit=other_allele,
        )

    columns = ("path", "build", "status", "n_counted", "max_vaf", "allelic_state", "reasons")
    finish(run_each(files, one), as_json_document=json, columns=columns)


@app.command()
def hgvs(
    chrom: Annotated[str, typer.Argument(help="17, chr17 or an accession of chromosome 17.")],
    pos: Annotated[int, typer.Argument(help="Position of the first base of REF, from 1.")],
    ref: Annotated[str, typer.Argument()],
    alt: Annotated[str, typer.Argument()],
    *,
    build: Annotated[str, typer.Option("--build", help="GRCh37 or GRCh38.")],
    json: JsonOption = False,
) -> None:
    """Name one allele."""
    from mrdkit.results import as_json
    from mrdkit.tp53 import name_allele

    on = _build(build)
    if on is None:
        raise AssertionError("typer asks for --build")
    variant = name_allele(on, chrom, pos, ref, alt)
    if json:
        print_json(variant)
        return
    document = as_json(variant)
    if isinstance(document, dict):
        print_table([document], ("key", "hgvs_g", "hgvs_c", "hgvs_p", "consequence", "class", "flags"))


def _policy(name_or_path: str, *, trust_calls: bool) -> "Policy":
    from dataclasses import replace

    from mrdkit.tp53 import load_policy

    policy = load_policy(name_or_path)
    return replace(policy, trust_calls=True) if trust_calls else policy


def _second_hit(kind: str | None, karyotype: str | None) -> "SecondHit | None":
    """Return what the options say of the other allele; a test that shows it is before a karyotype."""
    from mrdkit.errors import UsageError
    from mrdkit.patient.second_hit import second_hit_of_text
    from mrdkit.tp53 import SecondHit

    match kind:
        case "del17p" | "cnLOH":
            return SecondHit(kind=kind, evidence="another test, on the user's word")
        case None:
            return None if karyotype is None else second_hit_of_text(karyotype)
        case _:
            raise UsageError(
                "no such second hit", code="SECOND_HIT_UNKNOWN", expected="del17p or cnLOH", found=kind[:40]
            )


def _build(text: str | None) -> "Build | None":
    from mrdkit.errors import UsageError
    from mrdkit.tp53.gene import BUILDS, load_gene

    if text is None:
        return None
    for row in load_gene().builds:
        if text.lower() in {row.name.lower(), *row.names}:
            return row.name
    raise UsageError(
        "no such genome build", code="BUILD_UNKNOWN", expected=" or ".join(BUILDS), found=text[:40]
    )


def _write_table(path: Path, results: "Sequence[Mapping[str, Json]]") -> None:
    """Write one line per variant, the file's path first; several flags are joined by `;`."""
    from dataclasses import fields

    from mrdkit.files import write_text
    from mrdkit.results import Tp53Variant

    columns = [field.name.removesuffix("_") for field in fields(Tp53Variant)]
    lines = ["\t".join(("path", *columns))]
    for result in results:
        variants = result["variants"]
        for variant in variants if isinstance(variants, list) else []:
            if isinstance(variant, dict):
                cells = (_cell(variant[column]) for column in columns)
                lines.append("\t".join((_cell(result["path"]), *cells)))
    write_text(path, "\n".join(lines) + "\n")


def _cell(value: "Json") -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ";".join(str(item) for item in value)
        case _:
            return str(value)
