"""`mrdkit response`: criteria profiles, and the response of every assessment of a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import Batch, Failure, JsonOption, finish, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mrdkit.patient.criteria import Criteria
    from mrdkit.results import Json

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Response of each assessment: CR, CRp, CRi and others."
)

_COLUMNS = ("subject_id", "visit", "response", "responder", "cytogenetic_response", "mrd_combined", "flags")
_DEFAULT = "jabbour2023"


@app.command("criteria")
def criteria_command(json_document: JsonOption = False) -> None:
    """List the criteria profiles."""
    from mrdkit.patient.criteria import criteria_names, read_criteria

    profiles = [read_criteria(name) for name in criteria_names()]
    rows: list[dict[str, Json]] = [
        {
            "criteria": profile.id,
            "version": profile.version,
            "title": profile.title,
            "categories": [category.name for category in profile.category],
            "source": profile.source,
        }
        for profile in profiles
    ]
    if json_document:
        print_json({"criteria": rows})
    else:
        print_table(rows, ("criteria", "version", "categories", "title"))


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
