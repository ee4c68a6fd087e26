"""`mrdkit flow limits` and `mrdkit flow validate`: what a panel can tell, from a laboratory's experiments."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from mrdkit.cli.output import JsonOption, fields_of, json_text, print_json, print_table
from mrdkit.errors import UsageError

if TYPE_CHECKING:
    from mrdkit.flow.mrd.limits_record import DetectionLimits
    from mrdkit.flow.mrd.panel import Panel
    from mrdkit.flow.mrd.validation import Validation
    from mrdkit.flow.mrd.validation_rules import ValidationRules
    from mrdkit.flow.mrd.validation_table import DilutionTube

__all__ = ["register"]

_LobMethod: TypeAlias = Literal["rank", "parametric"]
_SUFFIXES = (".html", ".json")
_ERROR_BELOW = 0.5  # from here on it is a confidence, written in the wrong place

RulesOption = Annotated[
    str, typer.Option("--rules", help="Sizes and limits: path or shipped name of a rule file.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the flow group."""
    app.command("limits")(limits)
    app.command("validate")(validate)


def limits(
    *,
    blanks: Annotated[
        Path | None, typer.Option(help="Blanks (CSV): lot, day, sample, replicate, value.")
    ] = None,
    low: Annotated[Path | None, typer.Option(help="Low samples (CSV), columns as --blanks.")] = None,
    probit: Annotated[
        Path | None, typer.Option(help="Detected replicates (CSV): lot, concentration, positives, total.")
    ] = None,
    lob_method: Annotated[
        _LobMethod | None, typer.Option("--lob-method", help="Of the limit of blank; rank unless named.")
    ] = None,
    log_dose: Annotated[
        bool, typer.Option("--log-dose", help="Fit the probit over the logarithm of the concentration.")
    ] = False,
    alpha: Annotated[
        float | None, typer.Option(help="Blanks above the limit of blank; from the rules unless named.")
    ] = None,
    beta: Annotated[
        float | None, typer.Option(help="Missed at the limit of detection; from the rules unless named.")
    ] = None,
    rules: RulesOption = "validation",
    as_json_document: JsonOption = False,
) -> None:
    """Limits of blank and detection by CLSI EP17: from blanks and low samples, or by probit."""
    from mrdkit.flow.mrd.validation_rules import read_validation_rules

    _check_errors(alpha=alpha, beta=beta)
    sizes = read_validation_rules(rules)
    beta = sizes.limits.beta if beta is None else beta
    classical_only = (blanks, low, lob_method, alpha)
    if probit is None and blanks is not None and low is not None and not log_dose:
        alpha = sizes.limits.alpha if alpha is None else alpha
        found = _classical(blanks, low, lob_method or "rank", sizes, alpha=alpha, beta=beta)
    elif probit is not None and all(value is None for value in classical_only):
        found = _by_probit(probit, sizes, log_dose=log_dose, beta=beta)
    else:
        raise UsageError(
            "what to compute is not clear",
            code="LIMITS_UNCLEAR",
            expected="--blanks with --low, optionally --lob-method and --alpha; or --probit, optionally "
            "--log-dose",
        )
    if as_json_document:
        print_json(found)
        return
    print_table([fields_of(found)], ("method", "lob", "lod", "lod_at_reported_lob", "provisional", "flags"))
    print_table([fields_of(lot) for lot in found.per_lot], ("lot", "lob", "lod", "ci_low", "ci_high"))
    _explain(found.reasons)


def validate(
    results: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RESULTS.csv]", help="A dilution series: level, replicate, fraction, detected, state."
        ),
    ] = None,
    *,
    panel: Annotated[str, typer.Option("--panel", help="Path or shipped name of the panel that called it.")],
    calls: Annotated[
        Path | None, typer.Option(help="In place of RESULTS.csv: what `flow call --json` printed ...")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="... and the manifest.csv that `flow dilute` wrote.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Also write a report (.html) or the document (.json)."),
    ] = None,
    rules: RulesOption = "validation",
    as_json_document: JsonOption = False,
) -> None:
    """Validate a panel: LoD95, LoQ, precision, linearity and specificity of a dilution series."""
    from mrdkit.flow.mrd.panel import read_panel
    from mrdkit.flow.mrd.validation import validate_panel
    from mrdkit.flow.mrd.validation_rules import read_validation_rules

    _check_suffix(output)
    called_by = read_panel(panel)
    tubes = _series(results, calls, manifest, called_by)
    found = validate_panel(tubes, called_by, read_validation_rules(rules))
    if output is not None:
        _write(found, output)
    if as_json_document:
        print_json(found)
        return
    print_table([fields_of(found)], ("panel", "lod95", "loq", "n_blanks", "flags"))
    print_table(
        [fields_of(level) for level in found.levels],
        ("level", "n", "n_detected", "mean", "cv_percent", "bias_percent", "quantified"),
    )
    _explain(found.reasons)


def _series(
    results: Path | None, calls: Path | None, manifest: Path | None, panel: "Panel"
) -> "tuple[DilutionTube, ...]":
    from mrdkit.flow.mrd.validation_calls import read_called_dilution
    from mrdkit.flow.mrd.validation_table import read_dilution

    if results is not None and calls is None and manifest is None:
        return read_dilution(results)
    if results is None and calls is not None and manifest is not None:
        return read_called_dilution(calls, manifest, panel)
    raise UsageError(
        "the results of the series are not clear",
        code="RESULTS_UNCLEAR",
        expected="RESULTS.csv, or --calls with --manifest",
    )


def _classical(
    blanks: Path, low: Path, method: _LobMethod, rules: "ValidationRules", *, alpha: float, beta: float
) -> "DetectionLimits":
    from mrdkit.flow.mrd.limits import classical_limits
    from mrdkit.flow.mrd.limits_tables import read_results

    return classical_limits(
        read_results(blanks), read_results(low), method=method, rules=rules, alpha=alpha, beta=beta
    )


def _by_probit(probit: Path, rules: "ValidationRules", *, log_dose: bool, beta: float) -> "DetectionLimits":
    from mrdkit.flow.mrd.limits_tables import read_hits
    from mrdkit.flow.mrd.probit_limits import probit_limits

    return probit_limits(read_hits(probit), log_dose=log_dose, beta=beta, rules=rules)


def _check_errors(**errors: float | None) -> None:
    for name, error in errors.items():
        if error is not None and not 0.0 < error < _ERROR_BELOW:
            raise UsageError(
                "an error probability is out of range",
                code="ERROR_PROBABILITY_INVALID",
                place=f"--{name}",
                expected="more than 0 and less than 0.5",
                found=f"{error:g}",
            )


def _check_suffix(path: Path | None) -> None:
    if path is not None and path.suffix not in _SUFFIXES:
        raise UsageError(
            "the report's format is not known",
            code="SUFFIX_UNKNOWN",
            place="--output",
            expected="a name that ends in " + " or ".join(_SUFFIXES),
            found=path.name,
        )


def _write(found: "Validation", path: Path) -> None:
    from mrdkit.files import write_text

    if path.suffix == ".html":
        from mrdkit.report import render_validation

        write_text(path, render_validation(found))
    else:
        write_text(path, json_text(found))


def _explain(reasons: tuple[str, ...]) -> None:
    for sentence in reasons:
        typer.echo(f"mrdkit: {sentence}", err=True)
