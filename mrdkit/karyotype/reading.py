"""A karyotype read as a whole: its lines, what is clonal, what was not understood, what cannot be right.

Everything that follows (ploidy, counts, lesions, metaphases) is decided on this value and on nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mrdkit.errors import InputError
from mrdkit.karyotype.arithmetic import CountCheck, check_counts, sex_is_open
from mrdkit.karyotype.clonality import JudgedLine, judge
from mrdkit.karyotype.fish_part import FishPart, read_fish_part
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.layout import unreadable
from mrdkit.karyotype.lineage import Line, resolve
from mrdkit.karyotype.parse import Karyotype, parse_karyotype
from mrdkit.karyotype.rules import PloidyRule

__all__ = ["Reading", "read_karyotype"]


_FEWEST_CHROMOSOMES = 20  # below the haploid set; ISCN 2024, Table 6


class Reading(NamedTuple):
    """A karyotype before anything is concluded from it.

    Attributes:
        parsed: the clones as written.
        fish: the parts of other techniques.
        judged: the lines in order, with what is clonal.
        recipient: those of them that are the patient's own.
        recipient_items: items of the patient's lines, clonal or not, without constitutional ones.
        donor: those that are the donor's.
        checks: count check of each line.
        sex_open: whether the sex complement of each line is neither usual, explained nor constitutional.
        unread: (position, text) of everything that was not understood.
        errors: what cannot be right, in order of position; empty for most karyotypes.
        both_sexes: clones of both sexes stand on the patient's side of `//`: whose cells they are is open.
    """

    parsed: Karyotype
    fish: tuple[FishPart, ...]
    judged: tuple[JudgedLine, ...]
    recipient: tuple[JudgedLine, ...]
    recipient_items: tuple[Item, ...]
    donor: tuple[JudgedLine, ...]
    checks: tuple[CountCheck, ...]
    sex_open: tuple[bool, ...]
    unread: tuple[tuple[int, str], ...]
    errors: tuple[InputError, ...]
    both_sexes: bool

    @property
    def whole(self) -> bool:
        """Whether everything but FISH parts was understood."""
        return not self.unread or set(self.unread) <= set(self.parsed.techniques)


def read_karyotype(text: str, rule: PloidyRule, known_items: Iterable[str]) -> Reading:
    """Read a cleaned karyotype; `known_items` are the items of an earlier sample of the patient.

    Raises:
        InputError: the text is no karyotype, or its brackets, separators or references are wrong.
    """
    parsed = parse_karyotype(text)
    lines = resolve(parsed)
    checks = check_counts(lines)
    sex_open = tuple(sex_is_open(line, check.level) for line, check in zip(lines, checks, strict=True))
    judged = judge(lines, rule, known_items)
    recipient = tuple([each for each in judged if each.line.clone.population == "recipient"])
    own = [item for each in recipient for item in each.line.items if not item.constitutional]
    both_sexes = _has_both_sexes(each.line for each in recipient)
    return Reading(
        parsed=parsed,
        fish=tuple(read_fish_part(text) for _, text in parsed.techniques),
        judged=judged,
        recipient=recipient,
        recipient_items=tuple(own),
        donor=tuple([each for each in judged if each.line.clone.population == "donor"]),
        checks=checks,
        sex_open=sex_open,
        unread=tuple(sorted(_unread(parsed, lines, sex_open, both_sexes=both_sexes))),
        errors=tuple(_errors(lines, checks)),
        both_sexes=both_sexes,
    )


def _has_both_sexes(lines: Iterable[Line]) -> bool:
    """Return whether lines of one person are of both sexes: donor cells may stand without `//`."""
    sexes = {line.sex or "" for line in lines}
    if len(sexes) <= 1:
        return False
    return any("Y" in sex for sex in sexes) and any("Y" not in sex and sex.count("X") > 1 for sex in sexes)


def _unread(
    parsed: Karyotype, lines: Sequence[Line], sex_open: Sequence[bool], *, both_sexes: bool
) -> Iterator[tuple[int, str]]:
    for line, is_open in zip(lines, sex_open, strict=True):
        clone = line.clone
        before = line.position - 1
        yield from [(before + item.position, item.text) for item in line.own if not item.understood]
        yield from ((line.position, remark) for remark in clone.remarks)
        if not line.resolved and clone.reference:
            yield line.position, clone.reference.text
        if is_open:
            yield line.position, f"{line.sex}"
        if clone.count_low < _FEWEST_CHROMOSOMES:
            yield line.position, f"{clone.modal} chromosomes"
    if both_sexes:
        yield 1, "clones of both sexes without //"
    yield from ((remark.position, remark.text) for remark in parsed.remarks if not remark.understood)
    for position, text in parsed.techniques:
        if read_fish_part(text).reading == "not_read":
            yield position, text


def _errors(lines: Iterable[Line], checks: Iterable[CountCheck]) -> Iterator[InputError]:
    for number, (line, check) in enumerate(zip(lines, checks, strict=True), start=1):
        clone = line.clone
        if check.mismatch is not None:
            what = f"clone {number} states {clone.modal} chromosomes, its items give {check.mismatch}"
            yield unreadable(what, code="COUNT_MISMATCH", position=line.position)
        for item in clone.items:
            if item.problem:
                code, what = item.problem
                yield unreadable(
                    f"{what}: {item.text[:60]}", code=code, position=line.position - 1 + item.position
                )
