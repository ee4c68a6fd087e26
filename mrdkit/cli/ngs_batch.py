"""`mrdkit ngs batch-check`: what samples of a plate share that they should not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table, run_each

if TYPE_CHECKING:
    from mrdkit.ngs import NgsSample

__all__ = ["batch_check"]

_COLUMNS = ("a", "b", "verdict", "n_shared", "flags")
_INPUT_REFUSED, _SOME_FAILED = 3, 4


def batch_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="All samples of a plate.")],
    subjects: Annotated[
        Path | None, typer.Option(help="Whose files they are: path, subject_id (CSV).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare all samples of a plate: duplicates, bleed-over, shared background."""
    from mrdkit.ngs import BatchSample, check_batch, load_rules, read_batch_rule, read_sample, read_subjects
    from mrdkit.results import as_json as document

    owners = {} if subjects is None else read_subjects(subjects, files)
    samples: dict[Path, NgsSample] = {}

    def read(path: Path) -> dict[str, str]:
        samples[path] = read_sample(path)
        return {}

    failures = run_each(files, read).failures
    plate = [
        BatchSample(path=str(path), subject_id=owners.get(path, str(path)), sample=samples[path])
        for path in files
        if path in samples
    ]
    rule = read_batch_rule()
    pairs = check_batch(plate, rule, load_rules())
    unknown = subjects is None
    answer = {
        "pairs": pairs,
        "failures": failures,
        "n_samples": len(plate),
        "rules": [{"id": rule.id, "version": rule.version, "source": rule.source}],
        "flags": ["SUBJECTS_NOT_GIVEN"] if unknown else [],
        "reasons": ["Every file is taken for a subject of its own: no --subjects."] if unknown else [],
    }
    if as_json:
        print_json(answer)
    else:
        rows = [document({**_shown(pair), "n_shared": len(pair.shared)}) for pair in pairs]
        print_table([row for row in rows if isinstance(row, dict)], _COLUMNS)
    for failure in failures:
        typer.echo(f"mrdkit: {failure.error}: {failure.message}", err=True)
    if failures:
        raise typer.Exit(_SOME_FAILED if plate else _INPUT_REFUSED)


def _shown(pair: object) -> dict[str, object]:
    return {name: getattr(pair, name) for name in ("a", "b", "verdict", "flags")}
