"""`mrdkit fish cutoff`: a cut-off from the worst normal control, from a series, or from counted controls."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from mrdkit.cli.output import JsonOption, fields_of, print_json, print_table
from mrdkit.errors import MrdkitError, UsageError
from mrdkit.results import Json

if TYPE_CHECKING:
    from mrdkit.fish import CutoffRecord

__all__ = ["register"]

_Method: TypeAlias = Literal["betainv", "binomial", "poisson"]
_MOST_NUCLEI = 1_000_000
_ALPHA_BELOW = 0.5  # from here on it is a confidence, written in the wrong place
_COLUMNS = ("method", "alpha", "n", "max_false", "controls", "cutoff_percent", "min_positive", "flags")


def register(app: typer.Typer) -> None:
    """Add the command to the fish group."""
    app.command("cutoff")(cutoff)


def cutoff(
    *,
    n: Annotated[int | None, typer.Option(help="Nuclei scored in each normal control.")] = None,
    max_false: Annotated[int | None, typer.Option(help="Most false positives in any control.")] = None,
    false: Annotated[
        str | None, typer.Option(help="False positives of every control, as 0,0,1,2; needs --n.")
    ] = None,
    controls: Annotated[
        Path | None, typer.Option(help="COUNTS.csv of normal controls; needs --probes.")
    ] = None,
    probes: Annotated[Path | None, typer.Option(help="PROBES.toml: which colour is which end.")] = None,
    method: Annotated[_Method, typer.Option(help="How the cut-off is made.")] = "betainv",
    alpha: Annotated[float, typer.Option(help="Share of false positives, below 0.5.")] = 0.05,
    laboratory: Annotated[str | None, typer.Option(help="Who counted the controls; for -o.")] = None,
    date: Annotated[str | None, typer.Option(help="When the cut-offs were set, 2024-03-31; for -o.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="With --controls: write CUTOFFS.toml here.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compute cut-offs from false positives in normal controls."""
    _check(n, alpha)
    n_sources = sum(source is not None for source in (max_false, false, controls))
    if n_sources != 1 or (controls is None) != (probes is None) or (controls is None and n is None):
        raise _unclear(
            "exactly one of --max-false (with --n), --false (with --n), --controls (with --probes)"
        )
    if output is not None and controls is None:
        raise _unclear("-o together with --controls")
    if max_false is not None and method != "betainv":
        raise _unclear("--false or --controls; pooled methods need every control")
    if controls is not None and probes is not None:
        _of_sheet(controls, probes, (method, alpha, n), (laboratory, _date(date), output), as_json=json)
        return
    of_each = [max_false] if max_false is not None else _numbers(false or "")
    document = fields_of(_record(of_each, n or 0, method, alpha))
    if max_false is not None:
        document = _of_worst(document)
    if json:
        print_json(document)
    else:
        print_table([document], _COLUMNS)


def _record(false: list[int], n: int, method: _Method, alpha: float) -> "CutoffRecord":
    from mrdkit.fish import Control, read_fish_rule, set_cutoff

    if not false or any(not 0 <= y < n for y in false):
        raise UsageError(
            "these controls give no cut-off",
            code="CUTOFF_INVALID",
            expected="false positives from 0 to n - 1",
            found=f"n {n}, false positives {', '.join(map(str, false)) or 'none'}",
        )
    series = [Control(false=y, nuclei=n) for y in false]
    return set_cutoff(series, read_fish_rule(), method=method, alpha=alpha, n=n)


def _of_worst(document: dict[str, Json]) -> dict[str, Json]:
    """Leave out what only a whole series of controls could tell."""
    unknown = ("false_positives", "control_nuclei", "controls", "mean_percent", "sd_percent")
    return {**document, **dict.fromkeys(unknown), "flags": []}


def _of_sheet(
    controls: Path,
    probes: Path,
    how: tuple[_Method, float, int | None],
    about: tuple[str | None, dt.date | None, Path | None],
    *,
    as_json: bool,
) -> None:
    from mrdkit.files import write_text
    from mrdkit.fish import (
        control_series,
        cutoffs_toml,
        read_counts,
        read_fish_rule,
        read_probes,
        set_cutoff,
    )

    (method, alpha, n), (laboratory, date, output) = how, about
    rule, registry = read_fish_rule(), read_probes(probes)
    try:
        records = [
            (probe, str(class_), set_cutoff(found, rule, method=method, alpha=alpha, n=n))
            for (probe, class_), found in control_series(read_counts(controls), registry, rule).items()
        ]
    except MrdkitError as error:
        raise error.in_file(controls) from None
    if output is not None:
        lots = {name: probe.lot for name, probe in registry.probes.items()}
        write_text(output, cutoffs_toml(records, lots=lots, laboratory=laboratory, date=date))
    _show_all(records, as_json=as_json)


def _show_all(records: "list[tuple[str, str, CutoffRecord]]", *, as_json: bool) -> None:
    rows = [{"probe": probe, "class": name, **fields_of(record)} for probe, name, record in records]
    if as_json:
        print_json({"cutoffs": rows, "flags": [], "reasons": []})
    else:
        print_table(rows, ("probe", "class", *_COLUMNS))


def _check(n: int | None, alpha: float) -> None:
    if (n is not None and not 1 <= n <= _MOST_NUCLEI) or not 0.0 < alpha < _ALPHA_BELOW:
        raise UsageError(
            "these controls give no cut-off",
            code="CUTOFF_INVALID",
            expected="n from 1 to 1000000, alpha more than 0 and less than 0.5",
            found=f"n {n}, alpha {alpha}",
        )


def _numbers(text: str) -> list[int]:
    parts = text.replace(",", " ").split()
    if any(not (part.isascii() and part.isdigit() and len(part) <= len(str(_MOST_NUCLEI))) for part in parts):
        raise _unclear("--false as whole numbers, such as 0,0,1,2")
    return [int(part) for part in parts]


def _date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise _unclear("--date as an ISO 8601 date, such as 2024-03-31") from None


def _unclear(expected: str) -> UsageError:
    return UsageError("which controls to use is not clear", code="CONTROLS_UNCLEAR", expected=expected)
