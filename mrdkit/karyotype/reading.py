"""A karyotype read as a whole: its lines, what is clonal, what was not understood, what cannot be right.

Everything that follows (ploidy, counts, lesions, metaphases) is decided on this value and on nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.karyotype.arithmetic import CountCheck, check_counts
from mrdkit.karyotype.clonality import JudgedLine, judge
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.layout import unreadable
from mrdkit.karyotype.lineage import Line, resolve
from mrdkit.karyotype.parse import Karyotype, parse_karyotype
from mrdkit.karyotype.rules import PloidyRule

__all__ = ["Reading", "has_both_sexes", "read_karyotype", "sex_is_open"]

_SEX = ("XX", "XY", "U")
_MOST_DIPLOID = 57  # ISCN 2024, Table 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A karyotype before anything is concluded from it.

    Attributes:
        parsed: the clones as written.
        judged: the lines in order, with what is clonal.
        checks: count check of each line.
        unread: (position, text) of everything that was not understood.
        errors: what cannot be right, in order of position; empty for most karyotypes.
    """

    parsed: Karyotype
    judged: tuple[JudgedLine, ...]
    checks: tuple[CountCheck, ...]
    unread: tuple[tuple[int, str], ...]
    errors: tuple[InputError, ...]

    @property
    def recipient(self) -> tuple[JudgedLine, ...]:
        """The patient's own lines."""
        return tuple(each for each in self.judged if each.line.clone.population == "recipient")

    @property
    def donor(self) -> tuple[JudgedLine, ...]:
        """The donor's lines."""
        return tuple(each for each in self.judged if each.line.clone.population == "donor")

    @property
    def whole(self) -> bool:
        """Whether everything but FISH parts was understood."""
        return set(self.unread) <= set(self.parsed.techniques)

    @property
    def recipient_items(self) -> tuple[Item, ...]:
        """Items of all of the patient's lines, clonal or not, without constitutional ones."""
        return tuple(item for each in self.recipient for item in each.line.items if not item.constitutional)


def read_karyotype(text: str, rule: PloidyRule, known_items: Iterable[str]) -> Reading:
    """Read a cleaned karyotype; `known_items` are the items of an earlier sample of the patient.

    Raises:
        InputError: the text is no karyotype, or its brackets, separators or references are wrong.
    """
    parsed = parse_karyotype(text)
    lines = resolve(parsed.clones)
    checks = check_counts(lines)
    return Reading(
        parsed=parsed,
        judged=judge(lines, rule, known_items),
        checks=checks,
        unread=tuple(sorted(_unread(parsed, lines))),
        errors=tuple(_errors(lines, checks)),
    )


def sex_is_open(line: Line) -> bool:
    """Return whether an unusual sex complement is neither marked constitutional nor explained by an item."""
    unusual = line.sex not in _SEX and line.clone.count_high <= _MOST_DIPLOID
    return line.role == "stem" and not line.items and unusual


def has_both_sexes(lines: Iterable[Line]) -> bool:
    """Return whether lines of one person are of both sexes: donor cells may stand without `//`."""
    sexes = [line.sex or "" for line in lines]
    return any("Y" in sex for sex in sexes) and any("Y" not in sex and sex.count("X") > 1 for sex in sexes)


def _unread(parsed: Karyotype, lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        clone = line.clone
        yield from ((item.position, item.text) for item in line.own if not item.understood)
        yield from ((clone.position, remark) for remark in clone.remarks)
        if not line.resolved and clone.reference:
            yield clone.position, clone.reference.text
        if sex_is_open(line):
            yield clone.position, f"{line.sex}"
    own = [line for line in lines if line.clone.population == "recipient"]
    if has_both_sexes(own):
        yield 1, "clones of both sexes without //"
    yield from ((remark.position, remark.text) for remark in parsed.remarks if not remark.nonclonal)
    yield from parsed.techniques


def _errors(lines: Iterable[Line], checks: Iterable[CountCheck]) -> Iterator[InputError]:
    for number, (line, check) in enumerate(zip(lines, checks, strict=True), start=1):
        clone = line.clone
        if check.mismatch is not None:
            what = f"clone {number} states {clone.modal} chromosomes, its items give {check.mismatch}"
            yield unreadable(what, code="COUNT_MISMATCH", position=clone.position)
        for item in clone.items:
            if item.problem:
                what = f"{item.problem}: {item.text[:60]}"
                yield unreadable(what, code="BREAKPOINTS", position=item.position)
