"""`mrdkit fish`: CRLF2 break-apart calls from signal counts, and cut-offs from normal controls."""

from pathlib import Path
from typing import Annotated

import typer

from mrdkit.cli.output import Batch, Failure, JsonOption, finish, print_json, print_table
from mrdkit.errors import MrdkitError, UsageError
from mrdkit.results import Json, as_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="CRLF2 break-apart FISH.")

_COLUMNS = (
    "specimen_id",
    "probe_id",
    "call",
    "percent",
    "ci_low",
    "ci_high",
    "n_scored",
    "flags",
    "iscn_2024",
)


_MOST_NUCLEI = 1_000_000
_ALPHA_BELOW = 0.5  # from here on it is a confidence, written in the wrong place


@app.command()
def call(
    counts: Annotated[Path, typer.Argument(metavar="COUNTS.csv", help="Signal counts, one row per pattern.")],
    probes: Annotated[Path, typer.Option(help="PROBES.toml: which colour is which end.")],
    cutoffs: Annotated[Path, typer.Option(help="CUTOFFS.toml: the laboratory's cut-offs.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the JSON here.")] = None,
    json: JsonOption = False,
) -> None:
    """Call every specimen of a sheet of counts; a refused one stands among the failures."""
    from mrdkit.fish import (
        RefusedSpecimen,
        call_sheet,
        read_counts,
        read_cutoffs,
        read_fish_rule,
        read_probes,
    )

    registry, table, rule = read_probes(probes), read_cutoffs(cutoffs), read_fish_rule()
    results: list[dict[str, Json]] = []
    failures: list[Failure] = []
    try:
        answers = call_sheet(read_counts(counts), registry, table, rule=rule)
    except MrdkitError as error:
        answers = ()
        failures.append(_failure(counts, None, error))
    for answer in answers:
        if isinstance(answer, RefusedSpecimen):
            failures.append(_failure(counts, answer.specimen_id, answer.error))
        else:
            results.append(_document(answer))
    batch = Batch(results=tuple(results), failures=tuple(failures))
    finish(batch, as_json_document=json, columns=_COLUMNS, output=output)


@app.command()
def cutoff(
    n: Annotated[int, typer.Option(help="Nuclei scored in each normal control.")],
    max_false: Annotated[int, typer.Option(help="Highest number of false positives in any control.")],
    alpha: Annotated[float, typer.Option(help="Share of false positives, below 0.5.")] = 0.05,
    json: JsonOption = False,
) -> None:
    """Compute the exact one-sided cut-off (BETAINV) of false positives in normal controls."""
    from mrdkit.fish import betainv_percent, min_positive

    if not 1 <= n <= _MOST_NUCLEI or not 0 <= max_false < n or not 0.0 < alpha < _ALPHA_BELOW:
        raise UsageError(
            "these controls give no cut-off",
            code="CUTOFF_INVALID",
            expected="n from 1 to 1000000, max-false from 0 to n - 1, alpha more than 0 and less than 0.5",
            found=f"n {n}, max-false {max_false}, alpha {alpha}",
        )
    percent = betainv_percent(max_false, n, alpha)
    result: dict[str, Json] = {
        "method": "betainv",
        "alpha": alpha,
        "n": n,
        "max_false": max_false,
        "cutoff_percent": percent,
        "min_positive": min_positive(percent, n),
        "flags": [],
        "reasons": [
            f"More than {percent:.4f} % of the nuclei of a class are positive; exactly as many are not."
        ],
    }
    if json:
        print_json(result)
    else:
        print_table([result], ("method", "alpha", "n", "max_false", "cutoff_percent", "min_positive"))


def _failure(path: Path, specimen_id: str | None, error: MrdkitError) -> Failure:
    message = str(error.in_file(path))
    return Failure(path=str(path), error=error.code, message=message, specimen_id=specimen_id)


def _document(call: object) -> dict[str, Json]:
    document = as_json(call)
    if not isinstance(document, dict):
        raise TypeError("a call is a record")
    return document
