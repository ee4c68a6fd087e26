"""The call of one karyotype: text and rules in, one frozen call out.

Rejected is what is no karyotype or contradicts itself; partly is what has unread parts; everything that
depends on an unread part is left open (null or uncertain), never read as normal. Metaphases and lesions that
are certain stay, also where the class is not. Source: project decision; numbers in reference/karyotype.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from mrdkit.errors import InputError
from mrdkit.karyotype.clean import Cleaned, clean
from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.conclude import conclude
from mrdkit.karyotype.layout import unreadable
from mrdkit.karyotype.lesions import Answer, confirmed_by_fish
from mrdkit.karyotype.metaphases import count_metaphases, excluded_levels
from mrdkit.karyotype.reading import Reading, read_karyotype
from mrdkit.karyotype.remarks import flags_of, reasons_of
from mrdkit.karyotype.rules import KaryotypeRule, Lesion
from mrdkit.results import (
    Evidence,
    InputDigest,
    KaryotypeCall,
    KaryotypeClone,
    KaryotypeFish,
    Metaphases,
    Specimen,
)
from mrdkit.version import __version__

__all__ = ["call_karyotype"]

_LONGEST_TEXT = 10_000  # characters; the longest real karyotypes have about 1,500
_NO_KARYOTYPE = "NOT_A_KARYOTYPE"
_CLONE_LIKE = re.compile(r"\d\d ?, ?[XYU]|\bish\b", re.IGNORECASE | re.ASCII)


class _Source(NamedTuple):
    """What every call carries, whatever was found."""

    text: str
    cleaned: Cleaned
    specimen: Specimen
    evidence: Evidence


def call_karyotype(
    text: str,
    *,
    specimen: Specimen,
    rule: KaryotypeRule,
    known_items: Iterable[str] = (),
    inputs: tuple[InputDigest, ...] = (),
) -> KaryotypeCall:
    """Call one karyotype. Whatever the text, the answer is a call; an unreadable one is rejected.

    Args:
        text: the karyotype as entered.
        specimen: whose it is.
        rule: clonality, ploidy classes and bands.
        known_items: items of an earlier sample as written, such as `t(9;22)(q34;q11.2)`; a single metaphase
            with one of them is clonal.
        inputs: digest of the file that it comes from.
    """
    evidence = Evidence(inputs=inputs, rules=rule.used, software_version=__version__)
    if len(text) > _LONGEST_TEXT:
        source = _Source(text, Cleaned(text="", changes=()), specimen, evidence)
        error = unreadable("the text is too long", code="TEXT_TOO_LONG", position=_LONGEST_TEXT + 1)
        return _refused(source, error, rule)
    source = _Source(text, clean(text), specimen, evidence)
    if _says_failed(source.cleaned.text, rule):
        return _not_evaluable(source)
    try:
        reading = _read(source.cleaned.text, rule, known_items)
    except InputError as error:
        return _refused(source, error, rule)
    return _called(source, reading, rule)


def _read(text: str, rule: KaryotypeRule, known_items: Iterable[str]) -> Reading:
    """Read the text; a change that the FISH part behind it confirms counts as known."""
    known = tuple(known_items)
    reading = read_karyotype(text, rule.ploidy, known)
    if not reading.fish:
        return reading
    lesions = (rule.lesions.kmt2a, rule.lesions.ph)
    confirmed = confirmed_by_fish(lesions, reading.recipient_items, reading.fish)
    return read_karyotype(text, rule.ploidy, (*known, *confirmed)) if confirmed else reading


def _called(source: _Source, reading: Reading, rule: KaryotypeRule) -> KaryotypeCall:
    metaphases = count_metaphases(reading)
    found = conclude(reading, rule)
    excluded = excluded_levels(reading, metaphases, confidence=rule.ploidy.exclusion_confidence)
    personal = ("PERSONAL_DATA",) if source.cleaned.personal_data else ()
    flags = (*personal, *flags_of(reading, metaphases, found, rule.lesions))
    return KaryotypeCall(
        specimen=source.specimen,
        text=source.text,
        cleaned=source.cleaned.text,
        changes=source.cleaned.changes,
        status="rejected" if reading.errors else "partly" if reading.unread else "parsed",
        error=_named(reading.errors[0]) if reading.errors else None,
        clones=tuple(_clone(each) for each in reading.judged),
        ploidy=found.ploidy.name,
        ploidy_group=found.ploidy.group,
        modal_number=found.modal_number,
        n_abnormalities_iscn=found.iscn.written,
        n_abnormalities_tokens=found.tokens,
        complex_raw=found.complex_raw,
        complex_all=found.complex_all,
        kmt2a=found.kmt2a,
        ph=found.ph,
        metaphases=metaphases,
        excluded_level=excluded.one_cell,
        excluded_level_two_cells=excluded.two_cells,
        excluded_level_three_cells=excluded.three_cells,
        findings=dict(found.findings),
        high_risk=dict(found.high_risk),
        fish_parts=tuple(KaryotypeFish(text=part.text, reading=part.reading) for part in reading.fish),
        unparsed=tuple(f"character {position}: {text}" for position, text in reading.unread),
        flags=tuple(dict.fromkeys(flags)),
        reasons=tuple(reasons_of(reading, metaphases, found)),
        evidence=source.evidence,
    )


def _clone(each: JudgedLine) -> KaryotypeClone:
    line = each.line
    items = [item.text for item in line.items]
    if line.doubled and line.clone.reference:
        items.append(line.clone.reference.text)
    return KaryotypeClone(
        role=line.role,
        population=line.clone.population,
        count_low=line.clone.count_low,
        count_high=line.clone.count_high,
        sex=line.sex,
        items=tuple(items),
        cells=line.clone.cells,
        clonal=each.clonal,
    )


def _refused(source: _Source, error: InputError, rule: KaryotypeRule) -> KaryotypeCall:
    unread = source.cleaned.text
    lesions = (rule.lesions.kmt2a, rule.lesions.ph)
    nothing = error.code == _NO_KARYOTYPE or _CLONE_LIKE.search(unread) is None
    answers = [None if nothing else _hidden(lesion, unread) for lesion in lesions]
    return _without_clones(
        source,
        status="rejected",
        error=_named(error),
        ploidy=None,
        metaphases=None,
        kmt2a=answers[0],
        ph=answers[1],
        unparsed=(f"character 1: {unread}",) if unread else (),
        flags=(error.code,),
        reasons=(f"{error}.",),
    )


def _hidden(lesion: Lesion, text: str) -> Answer:
    """Return what is left to say without clones: no only where neither it nor its chromosome is named."""
    return "uncertain" if lesion.may_be_in(text) else "no"


def _not_evaluable(source: _Source) -> KaryotypeCall:
    return _without_clones(
        source,
        status="parsed",
        error=None,
        ploidy="not_evaluable",
        metaphases=Metaphases(total=0, recipient=0, donor=0, normal=0),
        kmt2a=None,
        ph=None,
        unparsed=(),
        flags=("NO_METAPHASES",),
        reasons=("The text says that there is no result of metaphases.",),
    )


def _without_clones(
    source: _Source,
    *,
    status: Literal["parsed", "rejected"],
    error: str | None,
    ploidy: str | None,
    metaphases: Metaphases | None,
    kmt2a: Answer | None,
    ph: Answer | None,
    unparsed: tuple[str, ...],
    flags: tuple[str, ...],
    reasons: tuple[str, ...],
) -> KaryotypeCall:
    return KaryotypeCall(
        specimen=source.specimen,
        text=source.text,
        cleaned=source.cleaned.text,
        changes=source.cleaned.changes,
        status=status,
        error=error,
        clones=(),
        ploidy=ploidy,
        ploidy_group=None,
        modal_number=None,
        n_abnormalities_iscn=None,
        n_abnormalities_tokens=None,
        complex_raw=None,
        complex_all=None,
        kmt2a=kmt2a,
        ph=ph,
        metaphases=metaphases,
        excluded_level=None,
        unparsed=unparsed,
        flags=flags,
        reasons=reasons,
        evidence=source.evidence,
    )


def _says_failed(text: str, rule: KaryotypeRule) -> bool:
    """Return whether the text says that there were no metaphases, and holds nothing like a clone."""
    lower = text.lower()
    said = any(phrase in lower for phrase in rule.ploidy.not_evaluable.phrases)
    return said and _CLONE_LIKE.search(text) is None


def _named(error: InputError) -> str:
    return f"{error.code} at {error.place}: {error.what}"
