"""`mrdkit ngs`: sequencing MRD from clonoSEQ, immunoSEQ and AIRR files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.ngs_batch import batch_check
from mrdkit.cli.output import JsonOption, finish, print_json, print_table, run_each
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.ngs import NgsSample
    from mrdkit.results import Json

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Sequencing MRD: inspect, calibrate, track."
)

app.command("batch-check")(batch_check)

_Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Sequence tables, plain or gzip.")]
_Sample = Annotated[str | None, typer.Option("--sample", help="Which sample of a file that holds several.")]
_Cells = Annotated[
    float | None, typer.Option("--cells", min=1.0, help="Nucleated cells, instead of what the file states.")
]

_INSPECTED = ("path", "dialect", "assay_kind", "n_rows", "total_templates", "cells", "cells_source", "flags")
_CANDIDATE = ("target_id", "locus", "v", "templates", "dominant", "vendor_dominant", "failed_criteria")
_TRACKED = ("path", "mrd_per_million", "mrd_per_ml", "driving_target", "status", "flags")
_NOT_EVALUABLE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inspection:
    """What `inspect` says of one file; no MRD."""

    sha256: str
    dialect: str
    sample_id: str
    assay_kind: str
    compartment: str
    n_rows: int
    total_templates: int
    template_source: str
    total_reads: int | None
    templates_by_locus: Mapping[str, int]
    templates_by_like_group: Mapping[str, int]
    cells: float | None
    cells_source: str
    plasma_ml: float | None
    qc_flags: str | None
    pipeline_version: str | None
    config_version: str | None
    header: Mapping[str, str]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@app.command()
def inspect(files: _Files, sample: _Sample = None, cells: _Cells = None, as_json: JsonOption = False) -> None:
    """Say what each file holds: templates per locus, cells, and every doubt met in reading it."""
    read = _reader(files, sample, cells)
    finish(
        run_each(files, lambda path: _inspection(read(path))),
        as_json_document=as_json,
        columns=_INSPECTED,
    )


@app.command()
def calibrate(
    id_file: Annotated[Path, typer.Argument(metavar="ID_FILE", help="Diagnosis or relapse sample.")],
    subject: Annotated[str, typer.Option("--subject", help="Pseudonym of the subject.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Targets file to write (.parquet).")],
    *,
    sample: _Sample = None,
    cells: _Cells = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the dominant sequences of a calibration sample and write them as targets."""
    from mrdkit.files import check_not_input
    from mrdkit.ngs import calibrate as choose
    from mrdkit.ngs import load_rules, write_targets
    from mrdkit.results import as_json as document

    check_not_input(output, [id_file])
    read = _reader([id_file], sample, cells)
    targets = choose(read(id_file), subject_id=subject, rules=load_rules())
    write_targets(output, targets)
    if as_json:
        print_json(targets)
    else:
        rows = [document(candidate) for candidate in targets.candidates]
        print_table([row for row in rows if isinstance(row, dict)], _CANDIDATE)
        typer.echo("\n".join(targets.reasons), err=True)
    if targets.cells is None:
        raise typer.Exit(_NOT_EVALUABLE)


@app.command()
def track(
    files: _Files,
    *,
    targets: Annotated[Path, typer.Option("--targets", help="Targets file of the same subject.")],
    max_mismatch: Annotated[
        str | None,
        typer.Option(
            metavar="N|LOCUS=N,...",
            help="Substitutions of the tolerant count; the value is always exact.",
            show_default="0",
        ),
    ] = None,
    min_overlap: Annotated[
        int | None, typer.Option(min=1, help="Fewest bases of a match.", show_default="25, by the rule")
    ] = None,
    min_bin: Annotated[
        float | None,
        typer.Option(help="Worst sensitivity bin that makes the value.", show_default="1e-6, by the rule"),
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(help="Measured limits per target: target_id, unit, lod, loq, source (CSV).")
    ] = None,
    rule: Annotated[str, typer.Option(help="Tracking rule: a shipped name or a .toml file.")] = "tracking",
    airr: Annotated[
        Path | None, typer.Option(help="Also write the tracked sequences as AIRR Rearrangement (.tsv).")
    ] = None,
    sample: _Sample = None,
    cells: _Cells = None,
    as_json: JsonOption = False,
) -> None:
    """Count the targets in follow-up samples and call MRD at 1e-4, 1e-5 and 1e-6."""
    from mrdkit.files import check_not_input, write_text
    from mrdkit.ngs import airr_text, load_rules, read_limits, read_mismatches, read_targets, tracking_options
    from mrdkit.ngs import track as call
    from mrdkit.results import NgsMrdCall, Specimen

    if airr is not None:
        check_not_input(airr, [targets, *files])
    known, rules = read_targets(targets), load_rules(tracking=rule)
    options = tracking_options(
        rules.tracking,
        min_overlap=min_overlap,
        min_bin=min_bin,
        max_mismatch=None if max_mismatch is None else read_mismatches(max_mismatch),
        limits={} if limits is None else read_limits(limits),
    )
    read = _reader(files, sample, cells)
    calls: list[NgsMrdCall] = []

    def tracked(path: Path) -> NgsMrdCall:
        calls.append(call(read(path), known, specimen=Specimen(), rules=rules, options=options))
        return calls[-1]

    batch = run_each(files, tracked)
    if airr is not None:
        write_text(airr, airr_text(known, calls))
    finish(batch, as_json_document=as_json, columns=_TRACKED, incomplete=_not_evaluable)


def _reader(files: Sequence[Path], sample: str | None, cells: float | None) -> "Callable[[Path], NgsSample]":
    """Return what reads a file; a sample's name or cells can be meant for one file only."""
    from mrdkit.ngs import read_sample

    if len(files) > 1 and (sample is not None or cells is not None):
        raise UsageError(
            "--sample and --cells belong to one file",
            code="OPTION_OF_ONE_FILE",
            found=f"{len(files)} files",
            remedy="run the command once per file",
        )
    return lambda path: read_sample(path, sample=sample, cells=cells)


def _inspection(sample: "NgsSample") -> _Inspection:
    from mrdkit.ngs import denominator, load_rules, templates_by_like_group

    rules = load_rules()
    stated = denominator(sample, rules.cells)
    warnings = (*sample.warnings, *stated.warnings)
    return _Inspection(
        sha256=sample.sha256,
        dialect=sample.dialect,
        sample_id=sample.sample_id,
        assay_kind=sample.assay_kind,
        compartment=sample.compartment,
        n_rows=sample.n_rows,
        total_templates=sample.total_templates,
        template_source=sample.template_source,
        total_reads=sample.total_reads,
        templates_by_locus=sample.rows.templates_by_locus(),
        templates_by_like_group=templates_by_like_group(sample, rules.dominance),
        cells=stated.cells,
        cells_source=stated.source,
        plasma_ml=sample.plasma_ml,
        qc_flags=sample.qc_flags,
        pipeline_version=sample.pipeline_version,
        config_version=sample.config_version,
        header=sample.header,
        flags=tuple(warning.code for warning in warnings),
        reasons=tuple(warning.message for warning in warnings),
    )


def _not_evaluable(result: "Mapping[str, Json]") -> bool:
    status = result["status"]
    return isinstance(status, dict) and "not_evaluable" in status.values()
