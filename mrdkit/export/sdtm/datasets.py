"""Rows of findings become data sets: sorted, numbered, every coded value a term, no text over 200 bytes.

Longer text goes on in supplemental qualifiers (MIORRES, MIORRES1 ...); text that is no printable ASCII is
escaped and noted. What identifies a subject or a specimen is neither cut nor escaped, but refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from mrdkit.errors import InputError
from mrdkit.export.sdtm.model import Domain, Variable, codelists, domains, words
from mrdkit.export.values import Note, ascii_text

__all__ = ["Dataset", "ExtensionUse", "Findings", "Row", "Value", "build_datasets"]

Value: TypeAlias = str | int | float | None

_LONGEST = 200  # bytes of a value, by the transport format
_LONGEST_NAME = 8
_OPEN_CODELIST = "C96785"  # categories of a study's own criteria are added to it as they are
_IDENTIFIES = frozenset({"STUDYID", "USUBJID", "SUBJID", "REFID", "PARENT", "BEREFID"})
_IDENTIFIES_AT_END = "REFID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row without study, domain, subject key and sequence number; `qualifiers` go to SUPP--."""

    subject_id: str
    values: Mapping[str, Value]
    qualifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set as it is written."""

    name: str
    label: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionUse:
    """One value that is no term of the standard, where it stands and how often."""

    codelist: str
    value: str
    place: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All data sets, the extensions used in them, and what could not be written as it was."""

    datasets: tuple[Dataset, ...]
    extensions: tuple[ExtensionUse, ...]
    notes: tuple[Note, ...]


@dataclass(slots=True)
class _Log:
    extensions: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    notes: list[Note] = field(default_factory=list)


def build_datasets(study_id: str, rows: Mapping[str, Iterable[Row]]) -> Findings:
    """Return the data sets of all rows, each followed by its supplemental qualifiers where it has any.

    Raises:
        InputError: an identifier does not fit the format.
    """
    log = _Log()
    datasets: list[Dataset] = []
    for name, domain in domains().items():
        if name in rows:
            datasets += _with_qualifiers(study_id, domain, rows[name], log)
    uses = tuple(
        ExtensionUse(codelist=codelist, value=value, place=place, count=count)
        for (codelist, value, place), count in sorted(log.extensions.items())
    )
    return Findings(datasets=tuple(datasets), extensions=uses, notes=tuple(log.notes))


def _with_qualifiers(study_id: str, domain: Domain, rows: Iterable[Row], log: _Log) -> Iterator[Dataset]:
    kept: list[tuple[Value, ...]] = []
    supplemental: list[tuple[Value, ...]] = []
    for row in _numbered(study_id, domain, rows):
        values, overflow = _fitting(domain, row, log)
        kept.append(values)
        supplemental += _supplemental(domain, row, overflow, log)
    yield Dataset(
        name=domain.name,
        label=domain.label,
        keys=domain.keys,
        variables=domain.variables,
        rows=tuple(kept),
    )
    if supplemental:
        form = domains()["SUPP"]
        yield Dataset(
            name=f"SUPP{domain.name}",
            label=f"Supplemental Qualifiers for {domain.name}",
            keys=form.keys,
            variables=form.variables,
            rows=tuple(supplemental),
        )


def _numbered(study_id: str, domain: Domain, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows in the order of the keys, with study, domain, subject key and sequence number."""
    sequence = f"{domain.name}SEQ"
    present = {variable.name for variable in domain.variables}
    number: dict[str, int] = defaultdict(int)
    # Rows that agree in every key stay in the order of the record, which is fixed.
    for row in sorted(
        rows, key=lambda row: (row.subject_id, [_rank(row.values.get(key)) for key in domain.keys])
    ):
        number[row.subject_id] += 1
        heads: dict[str, Value] = {
            "STUDYID": study_id,
            "DOMAIN": domain.name,
            "USUBJID": f"{study_id}-{row.subject_id}",
            sequence: number[row.subject_id],
        }
        own = {name: value for name, value in heads.items() if name in present}
        yield Row(subject_id=row.subject_id, values={**own, **row.values}, qualifiers=row.qualifiers)


def _rank(value: Value) -> tuple[int, float, str]:
    match value:
        case None:
            return (0, 0.0, "")
        case str():
            return (2, 0.0, value)
        case _:
            return (1, value, "")


def _fitting(domain: Domain, row: Row, log: _Log) -> tuple[tuple[Value, ...], dict[str, list[str]]]:
    """Return the cells of one row, and the pieces of text of each cell that goes on elsewhere."""
    overflow: dict[str, list[str]] = {}
    cells: list[Value] = []
    for variable in domain.variables:
        value = row.values.get(variable.name)
        if isinstance(value, str):
            text = _escaped(f"{domain.name}.{variable.name}", variable.name, row.subject_id, value, log)
            if variable.codelist and text:
                _check_term(domain, variable, text, log)
            pieces = _cut(text)
            value = pieces[0] if pieces else None
            if len(pieces) > 1:
                overflow[variable.name] = pieces[1:]
        cells.append(value)
    return tuple(cells), overflow


def _escaped(place: str, name: str, subject_id: str, value: str, log: _Log) -> str:
    text = value.strip()
    if text.isascii() and text.isprintable() and len(text) <= _LONGEST:
        return text
    plain = text if text.isascii() and text.isprintable() else ascii_text(text)
    identifies = name in _IDENTIFIES or name.endswith(_IDENTIFIES_AT_END)
    if identifies and (plain != text or len(text) > _LONGEST):
        raise InputError(
            "an identifier cannot be written to SDTM",
            code="SDTM_IDENTIFIER",
            place=f"{place} of subject {subject_id!r}",
            expected=f"printable ASCII of at most {_LONGEST} characters",
            found=repr(text[:40]),
            remedy="give it another pseudonym in the study's tables",
        )
    if plain != text:
        message = f"{text[:80]!r} is written as {plain[:80]!r}"
        log.notes.append(Note(place=place, subject_id=subject_id, code="NOT_ASCII", message=message))
    return plain


def _check_term(domain: Domain, variable: Variable, value: str, log: _Log) -> None:
    terms, extensions = _known_values(variable.codelist)
    if value in terms:
        return
    place = f"{domain.name}.{variable.name}"
    if value not in extensions and variable.codelist != _OPEN_CODELIST:
        raise LookupError(f"{place}: {value!r} is no term of {variable.codelist}")
    log.extensions[variable.codelist, value, place] += 1


@cache
def _known_values(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of a codelist and its extensions."""
    codelist = codelists()[code]
    extensions = frozenset(each.value for each in codelist.extensions)
    return frozenset(each.value for each in codelist.terms), extensions


def _supplemental(
    domain: Domain, row: Row, overflow: Mapping[str, list[str]], log: _Log
) -> Iterator[tuple[Value, ...]]:
    labels = {variable.name: variable.label for variable in domain.variables}
    for name, pieces in overflow.items():
        yield from _pieces(domain, row, name, labels[name], pieces, first=1)
    for name, text in sorted(row.qualifiers.items()):
        plain = _escaped(f"SUPP{domain.name}.{name}", name, row.subject_id, text, log)
        yield from _pieces(domain, row, name, words().qualifier[name], _cut(plain), first=0)


def _pieces(
    domain: Domain, row: Row, name: str, label: str, pieces: Sequence[str], *, first: int
) -> Iterator[tuple[Value, ...]]:
    sequence = f"{domain.name}SEQ" if domain.has(f"{domain.name}SEQ") else ""
    for number, piece in enumerate(pieces, start=first):
        suffix = str(number) if number else ""
        yield (
            row.values["STUDYID"],
            domain.name,
            row.values["USUBJID"],
            sequence or None,
            str(row.values[sequence]) if sequence else None,
            name[: _LONGEST_NAME - len(suffix)] + suffix,
            label,
            piece,
            "Assigned",
            None,
        )


def _cut(text: str) -> list[str]:
    """Return text in pieces that fit; none ends with a blank, which the transport format would lose."""
    if len(text) <= _LONGEST:
        return [text] if text else []
    pieces: list[str] = []
    while text:
        length = len(text[:_LONGEST].rstrip()) or _LONGEST
        pieces.append(text[:length])
        text = text[length:]
    return pieces
