"""Rows of findings become data sets: sorted, numbered, column by column as the format can hold them.

Text over 200 bytes goes on in supplemental qualifiers (MIORRES, MIORRES1 ...).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mrdkit.export.sdtm.fitting import Fitted, fitted_texts, is_extension, piece_name
from mrdkit.export.sdtm.model import Domain, Variable, domains, words
from mrdkit.export.values import Note

__all__ = ["Dataset", "ExtensionUse", "Findings", "Row", "Value", "build_datasets"]

Value: TypeAlias = str | int | float | None

_Column: TypeAlias = Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row without study, domain, subject key and sequence number; `qualifiers` go to SUPP--."""

    subject_id: str
    values: Mapping[str, Value]
    qualifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set as it is written; a column for each variable, all of the same length."""

    name: str
    label: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    columns: tuple[_Column, ...]

    @property
    def rows(self) -> list[tuple[Value, ...]]:
        """The rows in their order."""
        return list(zip(*self.columns, strict=True))


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
    extensions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class _Built:
    """One data set under way.

    Attributes:
        rows: sorted by the keys; `given` are their values.
        own: the columns that no row carries itself.
        longer: row number -> variable -> the pieces of its text that go on elsewhere.
        notes: by row number and place in the row.
    """

    domain: Domain
    rows: Sequence[Row]
    given: Sequence[Mapping[str, Value]]
    own: Mapping[str, _Column]
    longer: dict[int, dict[str, Sequence[str]]] = field(default_factory=dict)
    notes: list[tuple[int, int, Note]] = field(default_factory=list)

    def note(self, number: int, at: int, place: str, fit: Fitted) -> None:
        """Note that a text of a row is not written as it was."""
        if fit.change:
            subject_id = self.rows[number].subject_id
            note = Note(place=place, subject_id=subject_id, code="NOT_ASCII", message=fit.change)
            self.notes.append((number, at, note))


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
    built = _sorted(study_id, domain, rows)
    columns = tuple(_column(built, at, variable, log) for at, variable in enumerate(domain.variables))
    supplemental = list(_supplemental(built))
    log.notes += [note for _, _, note in sorted(built.notes, key=lambda each: each[:2])]
    yield Dataset(
        name=domain.name, label=domain.label, keys=domain.keys, variables=domain.variables, columns=columns
    )
    if supplemental:
        form = domains()["SUPP"]
        yield Dataset(
            name=f"SUPP{domain.name}",
            label=f"Supplemental Qualifiers for {domain.name}",
            keys=form.keys,
            variables=form.variables,
            columns=tuple(zip(*supplemental, strict=True)),
        )


def _sorted(study_id: str, domain: Domain, rows: Iterable[Row]) -> _Built:
    """Return the rows in the order of the keys, with study, domain, subject key and sequence number."""
    given = list(rows)
    # Study and subject key order as the subject does; rows that agree in every key keep the record's order.
    keys = [
        _ranks([row.values.get(key) for row in given])
        for key in domain.keys
        if key not in ("STUDYID", "USUBJID")
    ]
    places = list(zip((row.subject_id for row in given), *keys, strict=True))
    ordered = [given[at] for at in sorted(range(len(given)), key=places.__getitem__)]
    number: Counter[str] = Counter()
    sequence: list[Value] = []
    for row in ordered:
        number[row.subject_id] += 1
        sequence.append(number[row.subject_id])
    own: dict[str, _Column] = {
        "STUDYID": [study_id] * len(ordered),
        "DOMAIN": [domain.name] * len(ordered),
        "USUBJID": [f"{study_id}-{row.subject_id}" for row in ordered],
        f"{domain.name}SEQ": sequence,
    }
    return _Built(domain=domain, rows=ordered, given=[row.values for row in ordered], own=own)


def _ranks(values: _Column) -> list[tuple[int, float, str]]:
    known = {value: _rank(value) for value in dict.fromkeys(values)}
    return [known[value] for value in values]


def _rank(value: Value) -> tuple[int, float, str]:
    match value:
        case None:
            return (0, 0.0, "")
        case str():
            return (2, 0.0, value)
        case _:
            return (1, value, "")


def _column(built: _Built, at: int, variable: Variable, log: _Log) -> _Column:
    """Return one column as it is written; remember what it changes and what goes on elsewhere."""
    name, place = variable.name, f"{built.domain.name}.{variable.name}"
    values = built.own.get(name) or [given.get(name) for given in built.given]
    texts = fitted_texts(place, _owners(values, built.rows))
    if variable.codelist:
        for value, count in Counter(values).items():
            text = texts[value].text if isinstance(value, str) else ""
            if text and is_extension(place, variable.codelist, text):
                log.extensions[variable.codelist, text, place] += count
    odd: dict[Value, Fitted] = {
        text: each for text, each in texts.items() if each.change or len(each.pieces) > 1
    }
    for number, value in enumerate(values if odd else ()):
        if value in odd:
            built.note(number, at, place, odd[value])
            if len(odd[value].pieces) > 1:
                built.longer.setdefault(number, {})[name] = odd[value].pieces[1:]
    written: dict[Value, Value] = {text: each.first for text, each in texts.items()}
    return [written.get(value, value) for value in values]


def _supplemental(built: _Built) -> Iterator[tuple[Value, ...]]:
    """Yield what a row's cells could not hold, then its qualifiers, row by row."""
    domain = built.domain
    labels = {variable.name: variable.label for variable in domain.variables}
    names = sorted({name for row in built.rows for name in row.qualifiers})
    texts = {name: _qualifiers(built, name) for name in names}
    for number, row in enumerate(built.rows):
        for name, pieces in built.longer.get(number, {}).items():
            yield from _pieces(built, number, name, labels[name], pieces, first=1)
        for name, text in sorted(row.qualifiers.items()):
            fit = texts[name][text]
            built.note(number, len(labels) + names.index(name), f"SUPP{domain.name}.{name}", fit)
            yield from _pieces(built, number, name, words().qualifier[name], fit.pieces, first=0)


def _qualifiers(built: _Built, name: str) -> dict[str, Fitted]:
    rows = [row for row in built.rows if name in row.qualifiers]
    owners = _owners([row.qualifiers[name] for row in rows], rows)
    return fitted_texts(f"SUPP{built.domain.name}.{name}", owners)


def _owners(values: _Column, rows: Sequence[Row]) -> dict[str, str]:
    """Return each distinct text with the subject of the first row that has it."""
    first = dict(zip(reversed(values), reversed(rows), strict=True))
    return {text: row.subject_id for text, row in first.items() if isinstance(text, str)}


def _pieces(
    built: _Built, number: int, name: str, label: str, pieces: Sequence[str], *, first: int
) -> Iterator[tuple[Value, ...]]:
    domain = built.domain
    sequence = f"{domain.name}SEQ" if domain.has(f"{domain.name}SEQ") else None
    for nth, piece in enumerate(pieces, start=first):
        yield (
            built.own["STUDYID"][number],
            domain.name,
            built.own["USUBJID"][number],
            sequence,
            str(built.own[sequence][number]) if sequence else None,
            piece_name(name, nth),
            label,
            piece,
            "Assigned",
            None,
        )
