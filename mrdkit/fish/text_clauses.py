"""Free text in pieces: each is about CRLF2, another gene, history or another method.

A sentence without a gene is about the gene named before it; of two genes with a finding each, each has its
own piece. Source: project decision on free-text FISH results.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.fish.text_rules import TextRule

__all__ = ["Clause", "Topic", "clauses_of", "plain_text"]

Topic: TypeAlias = Literal["crlf2", "other", "history", "flow", "molecular", "banding"]
_METHODS: tuple[Literal["flow", "molecular", "banding"], ...] = ("flow", "molecular", "banding")

_SIGNS = {
    **dict.fromkeys(map(ord, "\u2032\u2018\u2019\u02b9\u00b4`\u02bc"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2264"), "<="),
    **dict.fromkeys(map(ord, "\u2265"), ">="),
    **dict.fromkeys(map(ord, "\uff05"), "%"),
    **dict.fromkeys([0x09, 0x0D, 0xA0, *range(0x2000, 0x2010), 0x202F, 0x3000, 0xFEFF], " "),
}
_END = re.compile(
    r"(?<!\d)\.(?!\d)|(?<=\d)\.(?=\s|$)|[\n!]|;(?![^()\s]*\))|(?<![^\W_])(?:but|however|while|whereas|although)(?![^\W_])"
)
_COMMA = re.compile(r",(?!\d)|(?<![^\W_])and(?![^\W_])")
_CRLF2 = re.compile(r"crlf[- ]?2|p2ry8|xp22\.33")
_PRIME = re.compile(r"(?<![\w.])([35])[ -]?(?:'|prime(?![^\W_]))[ -]?")
_EARLIER = re.compile(r"\([^()]*\b(?:prior|previous\w*|was|formerly|initial\w*)\b[^()]*\)")
_POLAR = re.compile(
    r"(?<![^\W_])(?:positive|negative|normal|abnormal|no|not|without|rearranged|detected|seen|absent|expressed|"
    r"delet|loss|lost|gain|amplif|trisomy|monosomy)|\d ?%|\d/\d"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One piece in plain lower-case words, and what it is about; `named` tells that CRLF2 stands in it."""

    text: str
    topic: Topic
    named: bool


def plain_text(text: str) -> str:
    """Return a text in lower case, its signs and the ends of genes in one spelling."""
    plain = html.unescape(text).translate(_SIGNS).casefold()
    plain = _PRIME.sub(r"\1prime ", plain.replace("crlf-2", "crlf2").replace("crlf 2", "crlf2"))
    return re.sub(" +", " ", plain.replace("'", ""))


def clauses_of(plain: str, rule: TextRule) -> tuple[Clause, ...]:
    """Return the pieces of a plain text in their order."""
    found: list[Clause] = []
    about: Topic | None = None
    for sentence in _END.split(plain):
        for piece in _pieces(_EARLIER.sub(" ", sentence), rule):
            topic = _topic(piece, about, rule)
            found.append(Clause(text=piece, topic=topic, named=bool(_CRLF2.search(piece))))
            if topic in ("crlf2", "other"):
                about = topic
    return tuple(found)


def _pieces(sentence: str, rule: TextRule) -> Iterator[str]:
    """Yield a sentence, in pieces where they speak of then and now, or of different genes or methods."""
    parts = [part.strip() for part in _COMMA.split(sentence)]
    if _is_then_and_now(parts, rule):
        yield from filter(None, parts)
        return
    subjects = {_subject(part, rule) for part in parts} - {None}
    if len(subjects) < 2 or not all(  # noqa: PLR2004 - two of them
        _POLAR.search(part) for part in parts if _subject(part, rule)
    ):
        parts = [sentence.strip()]
    yield from _joined(parts, rule)


def _is_then_and_now(parts: Sequence[str], rule: TextRule) -> bool:
    then = [bool(rule.word_patterns["history"].search(part)) for part in parts]
    now = [bool(rule.word_patterns["current"].search(part)) for part in parts]
    apart = not any(one and other for one, other in zip(then, now, strict=True))
    return apart and any(then) and any(now)


def _joined(parts: Sequence[str], rule: TextRule) -> Iterator[str]:
    """Yield the parts, each with what follows it and names no subject of its own."""
    piece = ""
    for part in parts:
        if piece and _subject(part, rule):
            yield piece
            piece = part
        else:
            piece = f"{piece}, {part}" if piece else part
    if piece:
        yield piece


def _method(text: str, rule: TextRule) -> Literal["flow", "molecular", "banding"] | None:
    """Return the other method that a piece speaks of."""
    if "fish" in text or "interphase" in text:
        return None
    return next((name for name in _METHODS if rule.word_patterns[name].search(text)), None)


def _subject(text: str, rule: TextRule) -> str | None:
    method = _method(text, rule)
    if method:
        return method
    if _CRLF2.search(text):
        return "crlf2"
    return "other" if rule.other_gene.search(text) else None


def _topic(piece: str, about: Topic | None, rule: TextRule) -> Topic:
    words, subject = rule.word_patterns, _subject(piece, rule)
    if method := _method(piece, rule):
        return method
    topic = subject or about or "crlf2"
    if topic == "other":
        return "other"
    return "history" if words["history"].search(piece) and not words["current"].search(piece) else "crlf2"
