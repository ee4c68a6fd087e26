"""`mrdkit flow quality`: what is wrong with the measurement of tubes, and which events are meant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.flow import DatasetOption
from mrdkit.cli.output import JsonOption, finish, run_each
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.flow import FcsDataset
    from mrdkit.flow.quality import QualityCheck, QualityReport

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the flow group."""
    app.command("quality")(quality)


def quality(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FCS files.", show_default=False)],
    *,
    dataset: DatasetOption = None,
    masks: Annotated[
        Path | None,
        typer.Option("--masks", help="Also write one boolean column per check (.parquet); one FILE only."),
    ] = None,
    rules: Annotated[
        str, typer.Option("--rules", help="Thresholds: path or shipped name of a rule file.")
    ] = "quality",
    as_json: JsonOption = False,
) -> None:
    """Check flow rate, drift, clogs, margins, doublets and debris; nothing is removed."""
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.quality import quality_report, read_quality_rules

    _check_masks(files, masks)
    thresholds = read_quality_rules(rules)

    def answered(path: Path) -> dict[str, object]:
        tube = read_fcs(path, dataset)
        report = quality_report(tube, thresholds)
        if masks is not None:
            _write_masks(report, masks)
        return _document(tube, report)

    finish(
        run_each(files, answered),
        as_json_document=as_json,
        columns=("path", "n_events", "flags"),
    )


def _document(tube: "FcsDataset", report: "QualityReport") -> dict[str, object]:
    flags = (*(warning.code for warning in tube.warnings), *report.flags)
    reasons = (*(warning.message for warning in tube.warnings), *report.reasons)
    return {
        "sha256": tube.sha256,
        "dataset": tube.index,
        "n_events": report.n_events,
        "rules": {"id": report.rule_id, "version": report.rule_version},
        "checks": [_check(check) for check in report.checks],
        "flags": list(dict.fromkeys(flags)),
        "reasons": list(dict.fromkeys(reasons)),
    }


def _check(check: "QualityCheck") -> dict[str, object]:
    return {
        "name": check.name,
        "outcome": check.outcome,
        "reason": check.reason,
        "flags": check.flags,
        "n_flagged": check.n_flagged,
        "percent": check.percent,
        "figures": check.figures,
        "sentence": check.sentence,
    }


def _check_masks(files: list[Path], masks: Path | None) -> None:
    if masks is None:
        return
    if masks.suffix != ".parquet":
        raise UsageError(
            "masks are written as Parquet",
            code="SUFFIX_UNKNOWN",
            place="--masks",
            expected="a name that ends in .parquet",
            found=masks.name,
        )
    if len(files) != 1:
        raise UsageError(
            "masks of several files do not fit in one table",
            code="MASKS_OF_ONE",
            place="--masks",
            remedy="give one FILE",
        )


def _write_masks(report: "QualityReport", path: Path) -> None:
    import io

    import polars as pl

    from mrdkit.files import write_bytes

    content = io.BytesIO()
    pl.DataFrame(report.masks()).write_parquet(content)
    write_bytes(path, content.getvalue())
