"""`mrdkit db`: make a results database, add a run, show the versions of a value, check the audit trail."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.results import Json

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Results database: versions, history, an audit trail that supports 21 CFR Part 11 record keeping.",
)

_REFUSED = 3
_BROKEN = 5
_COUNTS = ("batch", "new", "amended", "deleted", "unchanged", "absent", "head")

DbOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="MRDKIT_DB",
        help="sqlite:////absolute/path or postgresql://user@host/name",
    ),
]


@app.command()
def init(
    *,
    db: DbOption,
    ingest_role: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="PostgreSQL role that may read and add rows, and nothing else."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the tables of a database, or bring those of an older version up to date."""
    from mrdkit.store import init_database

    version = init_database(db, ingest_role=ingest_role)
    if as_json:
        print_json({"schema_version": version, "ingest_role": ingest_role})
    else:
        sys.stdout.write(f"tables of version {version}\n")


@app.command()
def ingest(
    *,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder that mrdkit run wrote.")],
    db: DbOption,
    reason: Annotated[
        str | None, typer.Option(help="Why stored values change; needed where they do.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(envvar="MRDKIT_USER", help="Who adds the results; by default the account.")
    ] = None,
    retract: Annotated[
        bool, typer.Option("--retract", help="Mark results that the run has no longer as deleted.")
    ] = False,
    study: Annotated[
        str | None, typer.Option(metavar="ID", help="The study, where OUT holds several.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add the results of a run to a database: all of them or nothing, the same ones only once."""
    from mrdkit.results import as_json as json_of
    from mrdkit.store import BatchError, ingest_run

    try:
        done = ingest_run(out, db, reason=reason, who=user, retract=retract, study_id=study)
    except BatchError as error:
        if as_json:
            print_json({"error": error.code, "problems": error.problems})
        sys.stderr.write(f"mrdkit: {error}\n")
        for problem in error.problems:
            sys.stderr.write(
                f"mrdkit: {problem.table}, row {problem.row} ({problem.key}), {problem.column}: "
                f"{problem.code}: {problem.message}\n"
            )
        raise typer.Exit(_REFUSED) from None
    if as_json:
        print_json(done)
    else:
        print_table([cast("Mapping[str, Json]", json_of(done))], _COUNTS)
    if done.absent and not retract:
        sys.stderr.write(
            f"mrdkit: {done.absent} stored value(s) of these subjects are not in this run and were left "
            "alone; --retract with a --reason marks them as deleted\n"
        )


@app.command()
def history(
    *,
    result: Annotated[str, typer.Argument(metavar="RESULT", help="result_id, or its first characters.")],
    db: DbOption,
    as_json: JsonOption = False,
) -> None:
    """Show all versions of one value: what changed, who changed it, when and why."""
    from mrdkit.results import as_json as json_of
    from mrdkit.store import history_of

    found = history_of(db, result)
    if as_json:
        print_json(found)
        return
    about = ", ".join(f"{name} {value}" for name, value in found.about.items() if value is not None)
    sys.stdout.write(f"{found.result_id}: {about}\n")
    rows = [cast("Mapping[str, Json]", json_of(version)) for version in found.versions]
    print_table(rows, ["version", "action", "at", "who", "reason", "changes"])


@app.command(name="list")
def list_results(
    *,
    db: DbOption,
    subject: Annotated[str | None, typer.Option(help="Results of this subject.")] = None,
    visit: Annotated[str | None, typer.Option(help="Results of this visit.")] = None,
    assay: Annotated[str | None, typer.Option(help="Results of this assay.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List results with their identities, each in its last version."""
    from mrdkit.store import find_results

    found = find_results(db, subject_id=subject, visit=visit, assay=assay)
    if as_json:
        print_json({"results": found})
    else:
        print_table(
            found,
            ["result_id", "version", "action", "subject_id", "visit", "assay", "analyte", "result", "value"],
        )


@app.command()
def verify(
    *,
    db: DbOption,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Head of the chain as noted earlier; it has to be there still."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute the audit trail and every row's digest. Exit 0 intact, 5 broken."""
    from mrdkit.store import verify_database

    found = verify_database(db, head=head)
    if as_json:
        print_json(found)
    elif found.intact:
        sys.stdout.write(f"intact: {found.rows} links, head {found.head}\n")
    if not found.intact:
        where = "" if found.broken_at is None else f" at link {found.broken_at}"
        what = "" if found.table is None else f" ({found.table} {found.row_key})"
        sys.stderr.write(f"mrdkit: AUDIT_BROKEN{where}: {found.message}{what}\n")
        raise typer.Exit(_BROKEN)
