"""Which program wrote a sequence table: told by its set of column names, never by order, place or file name.

An unknown table is refused with the closest dialect and the columns that it lacks. Source: clonoSEQ,
immunoSEQ, AIRR, Vidjil files.
"""

from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.ngs.layouts import AIRR, LAYOUTS, PIPELINE, Layout
from mrdkit.ngs.source import TableHead

__all__ = ["NEEDED", "is_vidjil", "recognise_dialect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """A dialect is met where all columns of `needs` stand and, if given, one of `one_of`."""

    name: str
    needs: frozenset[str]
    one_of: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What people call it."""
        return LAYOUTS[self.name].title

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
_V3_ANY = frozenset({"sample_name", "total_templates", "templates", "reads", "seq_reads", "frame_type"})

# In this order: the first that is met names the file.
_DIALECTS = (
    _Dialect(name=PIPELINE, needs=frozenset({"nucleotide"}), one_of=_PIPELINE_ONLY),
    _Dialect(name="v2", needs=frozenset({"nucleotide", "vMaxResolved"})),
    _Dialect(name="agate", needs=frozenset({"rearrangement", "frequency_xdj"})),
    _Dialect(name="export2020", needs=frozenset({"rearrangement", "extended_rearrangement"})),
    _Dialect(name="v3", needs=frozenset({"rearrangement"}), one_of=_V3_ANY),
    _Dialect(name=AIRR, needs=frozenset({"sequence_id", "sequence", "v_call", "junction"})),
)
#: Columns by which a dialect is told.
NEEDED = frozenset(name for dialect in _DIALECTS for name in dialect.needs | dialect.one_of)
_SPONSOR = frozenset({"PerMillionCount", "Scn_PerMillionCount"})


def is_vidjil(head: TableHead) -> bool:
    """Tell whether this is no table, but JSON: of all dialects only Vidjil's is."""
    return head.opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def recognise_dialect(head: TableHead) -> Layout:
    """Return where the dialect of a table keeps what.

    Raises:
        InputError: a sponsor's summary, a table that is not separated by tabs, or no known dialect.
    """
    if not head.columns:
        raise InputError(
            "the file has no line of column names",
            code="COLUMNS_MISSING",
            file=head.path,
            expected="column names after the # lines, within the first MB",
        )
    one_column = len(head.columns) == 1
    names = frozenset(head.columns[0].split(",") if one_column else head.columns)
    if names & _SPONSOR:
        raise _is_summary(head.path)
    if _is_commented_pipeline(head, names):
        return LAYOUTS[PIPELINE]
    met = next((dialect for dialect in _DIALECTS if dialect.met_by(names)), None)
    if met is None:
        raise _unknown(head.path, names)
    if one_column:
        raise InputError(
            "the table is separated by commas",
            code="TABLE_NOT_TABS",
            file=head.path,
            expected="the tab-separated file as the vendor delivered it",
        )
    return LAYOUTS[met.name]


def _is_commented_pipeline(head: TableHead, names: frozenset[str]) -> bool:
    # A pipeline file may lack all columns that are its own; its # lines and the absence of v2's remain.
    v2_only = "estimatedNumberGenomes" in names or any(name.startswith("count (") for name in names)
    return bool(head.comments) and "nucleotide" in head.columns and not v2_only


def _is_summary(path: Path) -> InputError:
    return InputError(
        "this is a sponsor's summary of results, not a table of sequences",
        code="DIALECT_NOT_READ",
        file=path,
        remedy="read it with mrdkit ngs import-summary and a mapping file",
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
