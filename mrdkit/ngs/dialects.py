"""Which program wrote a sequence table: told by its set of column names, never by order, place or file name.

This version reads the vendor's pipeline files. Every other known dialect is refused by its name, an unknown
table with the closest dialect and the columns that it lacks. Source: clonoSEQ, immunoSEQ, AIRR, Vidjil files.
"""

from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.ngs.source import TableSource

__all__ = ["PIPELINE", "recognise_dialect"]

PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """A dialect is met where all columns of `needs` stand and, if given, one of `one_of`."""

    name: str
    title: str
    needs: frozenset[str]
    one_of: frozenset[str] = frozenset()

    def met_by(self, columns: frozenset[str]) -> bool:
        """Tell whether these columns are enough."""
        return self.needs <= columns and (not self.one_of or bool(self.one_of & columns))

    def missing(self, columns: frozenset[str]) -> list[str]:
        """Name what these columns lack."""
        lacking = sorted(self.needs - columns)
        if self.one_of and not self.one_of & columns:
            lacking.append(" or ".join(sorted(self.one_of)))
        return lacking

    def unmet(self, columns: frozenset[str]) -> float:
        """Part of what the dialect needs that these columns lack, 0 to 1."""
        return len(self.missing(columns)) / (len(self.needs) + bool(self.one_of))


_PIPELINE_ONLY = frozenset({"inputTemplateEstimate", "sequenceTags", "cloneProbability", "copyNormalized"})

# In this order: the first that is met names the file.
_DIALECTS = (
    _Dialect(
        name=PIPELINE,
        title="clonoSEQ pipeline",
        needs=frozenset({"nucleotide"}),
        one_of=_PIPELINE_ONLY,
    ),
    _Dialect(name="v2", title="immunoSEQ v2", needs=frozenset({"nucleotide", "vMaxResolved"})),
    _Dialect(
        name="agate",
        title="immunoSEQ v3/v4 lean",
        needs=frozenset({"rearrangement", "frequency_xdj"}),
    ),
    _Dialect(
        name="export2020",
        title="immunoSEQ 2020 export",
        needs=frozenset({"rearrangement", "extended_rearrangement"}),
    ),
    _Dialect(
        name="v3",
        title="immunoSEQ v3",
        needs=frozenset({"rearrangement"}),
        one_of=frozenset({"sample_name", "total_templates", "templates", "reads", "frame_type"}),
    ),
    _Dialect(
        name="airr",
        title="AIRR Rearrangement",
        needs=frozenset({"sequence_id", "v_call", "junction"}),
    ),
    _Dialect(
        name="sponsor",
        title="sponsor summary",
        needs=frozenset({"PerMillionCount"}),
    ),
)


def recognise_dialect(source: TableSource) -> str:
    """Return the dialect of a table that this version reads.

    Raises:
        InputError: a known dialect that is not read yet, or no known dialect.
    """
    if source.opening.lstrip().startswith(b"{") and b"vidjil_json_version" in source.opening:
        raise _not_read(source.path, "Vidjil")
    one_column = len(source.columns) == 1
    names = frozenset(source.columns[0].split(",") if one_column else source.columns)
    if _is_commented_pipeline(source, names):
        return PIPELINE
    met = next((dialect for dialect in _DIALECTS if dialect.met_by(names)), None)
    if met is None:
        raise _unknown(source.path, names)
    if met.name != PIPELINE:
        raise _not_read(source.path, met.title)
    if one_column:
        raise InputError(
            "the table is separated by commas",
            code="TABLE_NOT_TABS",
            file=source.path,
            expected="the tab-separated file as the vendor delivered it",
        )
    return met.name


def _is_commented_pipeline(source: TableSource, names: frozenset[str]) -> bool:
    # A pipeline file may lack all columns that are its own; its # lines and the absence of v2's remain.
    v2_only = "estimatedNumberGenomes" in names or any(name.startswith("count (") for name in names)
    return bool(source.comments) and "nucleotide" in source.columns and not v2_only


def _not_read(path: Path, title: str) -> InputError:
    return InputError(
        f"this is a file in the {title} dialect, which this version does not read yet",
        code="DIALECT_NOT_READ",
        file=path,
        expected="a clonoSEQ pipeline file (# lines, then columns such as nucleotide, inputTemplateEstimate)",
        found=f"the columns of {title}",
    )


def _unknown(path: Path, names: frozenset[str]) -> InputError:
    closest = min(_DIALECTS, key=lambda dialect: dialect.unmet(names))  # the first one of equals
    return InputError(
        "the columns are those of no known dialect",
        code="DIALECT_UNKNOWN",
        file=path,
        place="column names",
        expected=f"{closest.title} is closest and lacks " + ", ".join(closest.missing(names)),
        found=f"{len(names)} column(s)",
        remedy="export a tab-separated table with its column names",
    )
