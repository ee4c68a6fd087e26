"""`mrdkit check`, `run`, `demo`, `doctor` and `study deidentify`: a study's folder in, results out."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from mrdkit.results import Json
    from mrdkit.study.publish import Summary

__all__ = ["app", "group"]

app = typer.Typer(rich_markup_mode=None)
group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="A whole study, to be given away.")

_UNSOUND = 1
_REFUSED = 3
_INCOMPLETE = 4

_COUNTS = ("subjects", "files", "done", "skipped", "failed", "needs_review", "not_evaluable", "problems")

_Study = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with study.toml.")]


@app.command()
def check(study: _Study, as_json: JsonOption = False) -> None:
    """Name every problem of a study: file, row, code, subject. Exit 0 clean, 4 warnings, 3 unusable."""
    from mrdkit.results import as_json as json_of
    from mrdkit.study.check import check_study

    problems = check_study(study)
    if as_json:
        print_json({"path": str(study), "problems": problems})
    elif problems:
        rows = [cast("Mapping[str, Json]", json_of(problem)) for problem in problems]
        print_table(rows, ["severity", "file", "row", "code", "subject", "message"])
    else:
        sys.stdout.write("no problems\n")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(_REFUSED)
    if problems:
        raise typer.Exit(_INCOMPLETE)


@app.command()
def run(
    *,
    study: _Study,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")],
    workers: Annotated[int | None, typer.Option(help="Processes at the same time.")] = None,
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="Add the results to this database instead of OUT's own.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why values that the database has change; needed where they do.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(envvar="MRDKIT_USER", help="Who adds the results; by default the account.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again, and replace another study's results.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Analyse every file of a study, then write tables, reports and the results database."""
    from mrdkit.results import as_json as json_of
    from mrdkit.study.run import run_study

    try:
        report = run_study(
            study, out, workers=workers, db=db, reason=reason, user=user, force=force, progress=_progress
        )
    except KeyboardInterrupt:
        sys.stderr.write("mrdkit: interrupted; what is finished is kept, run the same command again\n")
        raise
    if as_json:
        print_json(report)
    else:
        for file in report.files:
            if file.error is not None:
                sys.stderr.write(f"mrdkit: {file.code}: {file.error}\n")
        print_table([cast("Mapping[str, Json]", json_of(report.summary))], _COUNTS)
        sys.stdout.write(f"results: {out}\n")
    _write_next_steps(report.summary, study, out)
    if not report.summary.complete:
        raise typer.Exit(_INCOMPLETE)


def _write_next_steps(summary: "Summary", study: Path, out: Path) -> None:
    """Say on stderr what a person has to do now; nothing where all is well."""
    if summary.problems:
        sys.stderr.write(
            f"mrdkit: {summary.problems} problem(s) in the study's tables, {summary.faulty_rows} row(s) "
            f"unreadable or of an unknown subject; mrdkit check {shlex.quote(str(study))} names them\n"
        )
    if summary.failed:
        sys.stderr.write(
            f"mrdkit: {summary.failed} item(s) failed; correct them and run the same command again, "
            "what is done is kept\n"
        )
    if summary.needs_review:
        page = out / "reports" / "cohort.html"
        sys.stderr.write(f"mrdkit: {summary.needs_review} result(s) need review; {page} lists them\n")


@app.command()
def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder for the study; must not exist yet.")
    ],
    patients: Annotated[int, typer.Option(min=1, help="Number of patients.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same study.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Make a small synthetic study that `mrdkit run` can be tried on."""
    from mrdkit.study.demo import write_demo

    write_demo(directory, patients=patients, seed=seed)
    if as_json:
        print_json({"path": str(directory), "patients": patients, "seed": seed})
    else:
        sys.stdout.write(f"study: {directory}\nrun it: mrdkit run {shlex.quote(str(directory))} -o OUT\n")


@group.callback()
def study_group() -> None:
    """Work on a study's folder as a whole."""


@group.command()
def deidentify(
    *,
    study: _Study,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the new study.")],
    key: Annotated[
        Path,
        typer.Option(metavar="KEYMAP", help="Key file, made where there is none; keep it apart from OUT."),
    ],
    policy: Annotated[
        str, typer.Option("--policy", help="Path or shipped name of the rules of what may be kept.")
    ] = "deidentification",
    as_json: JsonOption = False,
) -> None:
    """Write a study without identity: files, tables, names; dates moved by one offset per subject."""
    from mrdkit.results import as_json as json_of
    from mrdkit.study.deidentify import deidentify_study

    answer = deidentify_study(study, out, key, policy=policy)
    if as_json:
        print_json(answer)
    else:
        rows = [cast("Mapping[str, Json]", json_of(item)) for item in answer.left_out]
        print_table(rows, ["table", "row", "column", "code", "count", "decides"])
        sys.stdout.write(
            f"{len(answer.subjects)} subject(s), {len(answer.files)} file(s); left out: {len(rows)}\n"
        )
    if not answer.complete:
        raise typer.Exit(_INCOMPLETE)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Tell whether the installation is whole: versions, compiled kernels, optional parts."""
    from mrdkit.results import as_json as json_of
    from mrdkit.study.doctor import examine

    found = examine()
    if as_json:
        print_json(found)
    else:
        rows = [cast("Mapping[str, Json]", json_of(part)) for part in found.parts]
        print_table(rows, ["ok", "kind", "name", "version", "note"])
    if not found.sound:
        raise typer.Exit(_UNSOUND)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal, and nothing anywhere else."""
    if total == 0 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("analysing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("analysing", total=total)
        yield lambda: bar.advance(task)
