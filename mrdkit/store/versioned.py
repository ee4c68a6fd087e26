"""Which tables have versions, what names a row of them, and what of a row counts as its content.

The other rows come with a batch and are never changed later: a specimen, a call and a picture are named by
the digest of what they hold, a query by its place in its batch.

A version is due where the content differs. The software's version, the wording of reasons and the batch are
no content: a release that answers the same changes nothing. What a laboratory or a clinic stated needs a
reason to change; what mrdkit derives from it (records, assay runs, assessments) follows without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table

from mrdkit.store import schema

__all__ = ["BROUGHT", "NAMED_BY_CONTENT", "TABLES_OF_STUDY", "VERSIONED", "Versioned", "content_names"]

_OF_VERSION = frozenset({"version", "action", "reason", "content_hash", "batch", "study_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """One versioned table.

    Attributes:
        key: column with the digest of the natural key.
        natural: columns that are part of the natural key; a tombstone keeps them.
        content: columns that decide whether a row has changed; audit and history show them.
        reasoned: whether a change needs a reason.
    """

    table: Table
    key: str
    natural: tuple[str, ...]
    content: tuple[str, ...]
    reasoned: bool

    @property
    def kept(self) -> tuple[str, ...]:
        """Columns that a tombstone keeps: what names the row, not what it said."""
        return (self.key, "study_id", *self.natural)


def _versioned(
    table: Table, natural: str, *, reasoned: bool = True, hidden: frozenset[str] = frozenset()
) -> Versioned:
    key = next(iter(table.primary_key)).name
    names = tuple(natural.split())
    other = {key, *names, *hidden, *_OF_VERSION}
    content = tuple(column.name for column in table.columns if column.name not in other)
    return Versioned(table=table, key=key, natural=names, content=content, reasoned=reasoned)


_TABLES = (
    _versioned(schema.subjects, "subject_id"),
    _versioned(schema.courses, "subject_id number"),
    _versioned(schema.events, "subject_id event number"),
    _versioned(
        schema.assay_runs,
        "subject_id visit specimen_id assay method role replicate occurrence",
        reasoned=False,
        hidden=frozenset({"software_version", "call_id"}),
    ),
    _versioned(
        schema.results,
        "subject_id visit specimen_id assay analyte method role replicate occurrence "
        "assay_run_key assay_run_version specimen_key",
        hidden=frozenset({"reasons", "software_version"}),
    ),
    _versioned(schema.assessments, "subject_id visit result_id", reasoned=False),
    _versioned(schema.records, "subject_id", reasoned=False, hidden=frozenset({"record"})),
)

#: Table name -> its versions.
VERSIONED: Mapping[str, Versioned] = {one.table.name: one for one in _TABLES}

#: Roles of inputs that hold rows of many subjects, as the study's files are called. That such a table has
#: another line changes no result that says the same; which table was read stands in the version of the run.
TABLES_OF_STUDY = frozenset(
    "subjects assessments blood_counts events external_results fish_counts karyotypes".split()
)
#: Tables whose rows are named by what they hold, parents first.
NAMED_BY_CONTENT = (schema.specimens, schema.calls, schema.figures)
#: Tables whose rows come with a batch and have no versions.
BROUGHT = (*NAMED_BY_CONTENT, schema.queries)


@cache
def content_names(table: Table) -> tuple[str, ...]:
    """Return the columns whose digest names a row of a table in NAMED_BY_CONTENT."""
    other = {next(iter(table.primary_key)).name, "batch", "parent_key"}
    return tuple(column.name for column in table.columns if column.name not in other)
