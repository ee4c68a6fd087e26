"""Who a file belongs to: the table of pseudonyms, and the name of each output.

Refused are a file without a row, and one whose row could hide two subjects under one pseudonym, splits one
subject, or carries the subject's own number in the pseudonym. Errors name the row and the column and never
what stands there.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files.tables import Row, read_table

__all__ = ["Assignment", "PseudonymMap", "assignments", "read_pseudonyms"]

_COLUMNS = ("path", "subject_id", "pseudonym")
_SHIFT = "date_shift_days"
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_LONGEST = 64
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DAYS = re.compile(r"[-+]?\d{1,5}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_SHORT_ID = 3  # characters, below which an id is in every pseudonym by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What one file becomes.

    Attributes:
        subject_id: looked for in the output, never printed.
        pseudonym: stands for the subject in every output.
        output_name: name of the output file.
        date_shift_days: days by which the subject's dates are moved, None where dates are dropped.
    """

    subject_id: str
    pseudonym: str
    output_name: str
    date_shift_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymMap:
    """The table of pseudonyms, and where each row is found.

    Attributes:
        file: the table's path as the user gave it.
        by_place: file -> rows that mean it.
        by_subject: subject id without capitals and separators -> rows.
        by_pseudonym: the same of pseudonyms.
    """

    file: str
    by_place: Mapping[Path, Sequence[Row]]
    by_subject: Mapping[str, Sequence[Row]]
    by_pseudonym: Mapping[str, Sequence[Row]]


def read_pseudonyms(path: Path) -> PseudonymMap:
    """Read the table of pseudonyms: path, subject_id, pseudonym and, where wanted, date_shift_days.

    Raises:
        InputError: it is no such table; nothing of its content is in the message.
    """
    try:
        table = read_table(path, required=_COLUMNS)
    except InputError as error:
        raise InputError(
            error.what, code=error.code, file=error.file, place=error.place, expected=error.expected
        ) from None
    places, subjects, names = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in table.rows:
        for place in _places(row.text("path"), path.parent):
            places[place].append(row)
        subjects[_folded(row.text("subject_id"))].append(row)
        names[_folded(row.text("pseudonym"))].append(row)
    return PseudonymMap(file=table.file, by_place=places, by_subject=subjects, by_pseudonym=names)


def assignments(files: Sequence[Path], pseudonyms: PseudonymMap) -> tuple[Assignment | InputError, ...]:
    """Return for each file, in order, what it becomes or why it is refused.

    The files of one subject are numbered in this order, also where one of them is refused later.
    """
    taken: Counter[str] = Counter()
    seen: set[Path] = set()
    answers: list[Assignment | InputError] = []
    for file in files:
        try:
            row = _row_of(file, pseudonyms)
            _check_row(row, pseudonyms)
            _check_repeated(file, seen, row)
        except InputError as error:
            answers.append(error)
            continue
        pseudonym = row.text("pseudonym")
        taken[pseudonym] += 1
        number = f"_{taken[pseudonym]}" if taken[pseudonym] > 1 else ""
        answers.append(
            Assignment(
                subject_id=row.text("subject_id"),
                pseudonym=pseudonym,
                output_name=f"{pseudonym}{number}.fcs",
                date_shift_days=_shift(row),
            )
        )
    return tuple(answers)


def _row_of(file: Path, pseudonyms: PseudonymMap) -> Row:
    rows = pseudonyms.by_place.get(file.resolve(), ())
    if not rows:
        raise InputError(
            "the table of pseudonyms has no row for the file",
            code="PSEUDONYM_MISSING",
            file=pseudonyms.file,
            place="column path",
            expected="the file as on the command line, or its path from the table's folder",
        )
    different = {tuple(row.text(column) for column in (*_COLUMNS[1:], _SHIFT)) for row in rows}
    if len(different) > 1:
        raise rows[1].error("two rows say different things of one file", code="PATH_REPEATED", column="path")
    return rows[0]


def _places(written: str, folder: Path) -> set[Path]:
    """Return the files that a path may mean: from here, or else from the table's folder."""
    if not written:
        return set()
    here = Path(written).resolve()
    # A path that leads to a file from here is not taken for another file beside the table.
    return {here} if _exists(here) else {here, (folder / written).resolve()}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file system takes
        return False


def _check_repeated(file: Path, seen: set[Path], row: Row) -> None:
    place = file.resolve()
    if place in seen:
        raise row.error("the file stands on the command line twice", code="FILE_REPEATED", column="path")
    seen.add(place)


def _check_row(row: Row, pseudonyms: PseudonymMap) -> None:
    subject, pseudonym = row.required("subject_id"), row.required("pseudonym")
    _check_name(row, pseudonym)
    if _contains(pseudonym, subject):
        raise row.error(
            "the pseudonym contains the subject's own id",
            code="PSEUDONYM_IDENTIFIES",
            column="pseudonym",
            remedy="choose one that says nothing of the subject",
        )
    for other in pseudonyms.by_pseudonym[_folded(pseudonym)]:
        if _folded(other.text("subject_id")) != _folded(subject):
            raise other.error("two subjects have one pseudonym", code="PSEUDONYM_SHARED", column="pseudonym")
    for other in pseudonyms.by_subject[_folded(subject)]:
        if other.text("pseudonym") != pseudonym:
            raise other.error("one subject has two pseudonyms", code="PSEUDONYM_CHANGED", column="pseudonym")
        if _shift(other) != _shift(row):
            raise other.error(
                "the dates of one subject are moved by different numbers of days",
                code="DATE_SHIFT_CHANGED",
                column=_SHIFT,
            )


def _check_name(row: Row, pseudonym: str) -> None:
    if len(pseudonym) > _LONGEST or not _PSEUDONYM.fullmatch(pseudonym) or _RESERVED.fullmatch(pseudonym):
        raise row.error(
            "the pseudonym cannot be the name of a file everywhere",
            code="PSEUDONYM_UNSAFE",
            column="pseudonym",
            expected=f"at most {_LONGEST} letters, digits, _ - and single points, a letter or digit first",
        )


def _shift(row: Row) -> int | None:
    text = row.text(_SHIFT)
    if not text:
        return None
    if not text.isascii() or not _DAYS.fullmatch(text) or int(text) == 0:
        raise row.error(
            "the number of days is none",
            code="DATE_SHIFT_INVALID",
            column=_SHIFT,
            expected="a whole number of days, not 0, or nothing",
        )
    return int(text)


def _contains(pseudonym: str, subject: str) -> bool:
    own = _folded(subject)
    if len(own) < _SHORT_ID:
        return own in {word.casefold() for word in _words(pseudonym)}
    return own in _folded(pseudonym)


def _words(text: str) -> Iterator[str]:
    yield text
    yield from _WORD.findall(text)


def _folded(text: str) -> str:
    """Return a name without what writers vary: capitals and separators."""
    return "".join(character for character in text.casefold() if character.isalnum())
