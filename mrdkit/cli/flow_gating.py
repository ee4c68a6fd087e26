"""`mrdkit flow gate` and `mrdkit flow call`: gates applied to one file, and MRD calls of many."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.flow_strategies import STRATEGY_HELP, SampleOption, export_gating, names_of
from mrdkit.cli.output import JsonOption, fields_of, finish, print_json, print_table, run_each
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mrdkit.flow.dataset import FcsDataset
    from mrdkit.flow.gating import GatingResult
    from mrdkit.flow.mrd.background import Background
    from mrdkit.flow.mrd.panel import Panel
    from mrdkit.results import Json

__all__ = ["register"]

MembershipOption = Annotated[
    Path | None,
    typer.Option(
        "--membership", help="Also write one boolean column per gate id, hierarchy applied (.parquet)."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the flow group."""
    app.command("gate")(gate)
    app.command("export-gating")(export_gating)
    app.command("call")(call)


def gate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="FCS file.")],
    *,
    gating: Annotated[Path, typer.Option("--gating", help=STRATEGY_HELP)],
    dataset: Annotated[int | None, typer.Option("--dataset", help="Data set in the file, from 0.")] = None,
    sample: SampleOption = None,
    spillover: Annotated[
        Path | None, typer.Option("--spillover", help="Matrix (CSV) in place of the one in the file.")
    ] = None,
    why: Annotated[
        int | None, typer.Option("--why", min=0, help="Also trace the event of this number, from 0.")
    ] = None,
    membership: MembershipOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the events of every gate of a strategy in one file."""
    from mrdkit.errors import MrdkitError
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.gating import apply_gating
    from mrdkit.flow.spillover_file import read_spillover_file
    from mrdkit.flow.stored_counts import compared_counts
    from mrdkit.flow.strategy import with_file_matrix
    from mrdkit.flow.template_strategy import load_gating
    from mrdkit.flow.why import explain

    _check_suffix(membership)
    chosen = read_fcs(file, dataset=dataset)
    strategy = load_gating(gating, sample=sample, file_names=names_of(file, chosen))
    if spillover is not None:
        strategy = with_file_matrix(strategy, read_spillover_file(spillover))
    try:
        result = apply_gating(chosen, strategy)
        traces = () if why is None else explain(chosen, result, why)
    except MrdkitError as error:
        raise error.in_file(file) from None
    if membership is not None:
        _write_membership(result, membership)
    compared = compared_counts(result, strategy)
    repairs = [warning.code for warning in chosen.warnings]
    saturated = _saturated(chosen, result)
    doubts = ["SATURATED_EVENTS"] if saturated else []
    flags = list(dict.fromkeys([*repairs, *result.flags, *doubts, *strategy.flags, *compared.flags]))
    reasons = [
        *(warning.message for warning in chosen.warnings),
        *strategy.reasons,
        *compared.reasons,
        *(finding.sentence for finding in result.findings.values()),
        *(
            f"Gate {gate_id}: {count} events of its parent have no finite coordinate."
            for gate_id, count in result.not_finite.items()
            if count
        ),
        *saturated,
    ]
    rows = [
        {
            **fields_of(row),
            "count_in_workspace": compared.stored.get(row.id),
            **_how_found(result, row.id),
        }
        for row in result.gate_counts()
    ]
    if as_json:
        document = {"path": str(file), "n_events": result.n_events, "gates": rows}
        print_json({**document, "why": traces or None, "flags": flags, "reasons": reasons})
        return
    stored = ("count_in_workspace",) if compared.stored else ()
    print_table(rows, ("id", "count", *stored, "percent_of_parent", "percent_of_total"))
    if traces:
        print_table([fields_of(trace) for trace in traces], ("id", "inside", "dropped_by", "coordinates"))
    for sentence in (*flags, *reasons):
        typer.echo(f"mrdkit: {sentence}", err=True)


def call(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FCS files of follow-up tubes.")],
    *,
    panel: Annotated[str, typer.Option("--panel", help="Path or shipped name of a panel.")],
    background: Annotated[
        Path | None, typer.Option("--background", help="BACKGROUND.json with the panel's limits of blank.")
    ] = None,
    diagnosis: Annotated[
        Path | None, typer.Option("--diagnosis", help="FCS file of the patient's diagnosis tube.")
    ] = None,
    targeted: Annotated[
        str, typer.Option("--targeted", help="Antigens that therapy was directed against: CD19,CD22.")
    ] = "",
    membership: MembershipOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call flow MRD at 1e-4."""
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.mrd.call import assess_flow_mrd
    from mrdkit.flow.mrd.panel import read_panel
    from mrdkit.results import FlowMrdCall, Specimen

    _check_suffix(membership)
    if membership is not None and len(files) != 1:
        raise UsageError(
            "memberships of several files do not fit in one table",
            code="MEMBERSHIP_OF_ONE",
            place="--membership",
            remedy="give one FILE",
        )
    rules = read_panel(panel)
    limits = _background(background, diagnosis, rules)
    antigens = frozenset(name.strip() for name in targeted.split(",") if name.strip())

    def called(path: Path) -> FlowMrdCall:
        made = assess_flow_mrd(
            read_fcs(path), rules, specimen=Specimen(), targeted=antigens, background=limits
        )
        if membership is not None and made.gating is not None:
            _write_membership(made.gating, membership, made.target)
        return made.call

    finish(
        run_each(files, called),
        as_json_document=as_json,
        columns=("path", "state", "n_target", "n_denominator", "fraction", "sensitivity", "flags"),
        incomplete=lambda result: result["state"] == "not_evaluable",
    )


def _background(path: Path | None, diagnosis: Path | None, panel: "Panel") -> "Background | None":
    """Return the limits of blank, made for the patient of the diagnosis tube where one is given."""
    from mrdkit.errors import InputError
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.mrd.background_file import read_background
    from mrdkit.flow.mrd.background_patient import for_patient

    background = None if path is None else read_background(path)
    if diagnosis is None:
        return background
    if background is None or panel.rule.detection is None:
        raise UsageError(
            "a diagnosis tube is used with a background, by a panel that detects by phenotype",
            code="OPTION_NOT_USED",
            place="--diagnosis",
            remedy="give --background as well, or leave --diagnosis out",
        )
    try:
        return for_patient(background, panel, read_fcs(diagnosis))
    except InputError as error:
        raise error.in_file(diagnosis) from None


def _saturated(dataset: "FcsDataset", result: "GatingResult") -> list[str]:
    """Return a sentence for each channel, looked at by a gate, that has events at the top of its scale."""
    from mrdkit.flow.quality import channel_quality

    qualities = zip(result.columns, channel_quality(dataset, result.columns), strict=True)
    return [
        f"Channel {dataset.channels[column].name}: {quality.n_clipped} events stand at the top of the scale; "
        "their true values are not known."
        for column, quality in qualities
        if quality.n_clipped
    ]


def _how_found(result: "GatingResult", gate_id: str) -> "dict[str, Json]":
    """Return the shape of a gate that was found in the data, how and by which figures; else nulls."""
    finding = result.findings.get(gate_id)
    if finding is None:
        return {"method": None, "shape": None, "figures": None}
    shape = {"kind": type(finding.shape).__name__.lower(), **fields_of(finding.shape)}
    return {"method": finding.method, "shape": shape, "figures": fields_of(finding.figures)}


def _check_suffix(path: Path | None) -> None:
    if path is not None and path.suffix != ".parquet":
        raise UsageError(
            "memberships are written as Parquet",
            code="SUFFIX_UNKNOWN",
            place="--membership",
            expected="a name that ends in .parquet",
            found=path.name,
        )


def _write_membership(result: "GatingResult", path: Path, target: "NDArray[np.bool_] | None" = None) -> None:
    import io

    import polars as pl

    from mrdkit.files import write_bytes

    content = io.BytesIO()
    columns = {gate_id: result.membership(gate_id) for gate_id in result.counts}
    if target is not None:
        columns["target"] = target
    pl.DataFrame(columns).write_parquet(content)
    write_bytes(path, content.getvalue())
