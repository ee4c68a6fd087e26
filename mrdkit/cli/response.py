"""`mrdkit response`: criteria profiles, and the response of every assessment of a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import Batch, Failure, JsonOption, fields_of, finish, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.patient.criteria import Criteria
    from mrdkit.results import Json

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Response of each assessment: CR, CRp, CRi and others."
)

_COLUMNS = ("subject_id", "visit", "response", "responder", "cytogenetic_response", "mrd_combined", "flags")
_LISTED = ("criteria", "version", "categories", "title")
_CLAUSES = ("part", "asked", "rule", "clause")
_DEFAULT = "jabbour2023"


@app.command("criteria")
def criteria_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A profile's name, or the path of a .toml file.")
    ] = None,
    json_document: JsonOption = False,
) -> None:
    """List the criteria profiles, or print one clause by clause."""
    from mrdkit.patient.criteria import criteria_names, read_criteria
    from mrdkit.patient.criteria_table import criteria_table

    if name is None:
        rows = [_header(read_criteria(each)) for each in criteria_names()]
        _print({"criteria": rows}, rows, _LISTED, json_document=json_document)
        return
    profile = _profile(name)
    clauses = [fields_of(row) for row in criteria_table(profile)]
    document = {**_header(profile), "clauses": clauses}
    if not json_document:
        typer.echo(f"{profile.id} {profile.version}: {profile.title}\nSource: {profile.source}\n")
    _print(document, _once(clauses), _CLAUSES, json_document=json_document)


def _once(rows: "list[dict[str, Json]]") -> "list[dict[str, Json]]":
    """Return the rows for people: a part and a clause that stand in the row above are not said again."""
    above: list[dict[str, Json]] = [{}, *rows]
    return [
        {
            name: "" if name in ("part", "clause") and row[name] == last.get(name) else row[name]
            for name in row
        }
        for last, row in zip(above, rows, strict=False)
    ]


def _header(profile: "Criteria") -> dict[str, "Json"]:
    return {
        "criteria": profile.id,
        "version": profile.version,
        "title": profile.title,
        "categories": [category.name for category in profile.category],
        "source": profile.source,
    }


def _print(
    document: object, rows: "list[dict[str, Json]]", columns: tuple[str, ...], *, json_document: bool
) -> None:
    if json_document:
        print_json(document)
    else:
        print_table(rows, columns)


@app.command("classify")
def classify(
    assessments: Annotated[Path, typer.Argument(metavar="ASSESSMENTS.csv", help="The study's assessments.")],
    criteria: Annotated[str, typer.Option(help="A profile's name, or the path of a .toml file.")] = _DEFAULT,
    output: Annotated[Path | None, typer.Option("-o", help="Also write the JSON document here.")] = None,
    json_document: JsonOption = False,
) -> None:
    """Classify every assessment; the study's other tables are read where they stand beside it."""
    from mrdkit.patient.folder import classify_folder
    from mrdkit.results import as_json

    found = classify_folder(assessments, _profile(criteria))
    documents = (as_json(call) for call in found.responses)
    results = tuple(document for document in documents if isinstance(document, dict))
    failures = tuple(
        Failure(path=failure.file, error=failure.code, message=failure.message) for failure in found.failures
    )
    finish(
        Batch(results=results, failures=failures),
        as_json_document=json_document,
        columns=_COLUMNS,
        output=output,
        incomplete=_incomplete,
    )


def _profile(name: str) -> "Criteria":
    from mrdkit.errors import RuleError, UsageError
    from mrdkit.patient.criteria import criteria_names, read_criteria

    try:
        return read_criteria(name)
    except RuleError as error:
        if error.code != "RULE_UNKNOWN":
            raise
        raise UsageError(
            "no criteria profile of this name is available",
            code="CRITERIA_UNKNOWN",
            found=name,
            expected="one of " + ", ".join(criteria_names()),
            remedy="give one of these or the path of a .toml file",
        ) from None


def _incomplete(result: "Mapping[str, Json]") -> bool:
    flags = result.get("flags")
    before_treatment = isinstance(flags, list) and "BASELINE" in flags
    return result.get("response") in ("NE", "ERROR") and not before_treatment
