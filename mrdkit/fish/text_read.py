"""A free-text CRLF2 FISH result -> one call word, its numbers, and why; never negative if not understood.

History, flow cytometry and other genes are left out. What contradicts itself is a conflict; a count at or
below the laboratory's own limit is within normal limits; a small count that nobody judged is left open. An
ISCN string in the text decides over the words, and a contradiction between them is a conflict.
Source: project decision on free-text FISH results.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mrdkit.fish.iscn_parse import parse_iscn
from mrdkit.fish.iscn_result import IscnResult
from mrdkit.fish.rules import FishRule
from mrdkit.fish.text_clauses import Clause, clauses_of, plain_text
from mrdkit.fish.text_decide import Opinion, decide_text
from mrdkit.fish.text_findings import Sentence, read_sentence
from mrdkit.fish.text_iscn import compare, without_iscn
from mrdkit.fish.text_result import TextResult
from mrdkit.fish.text_rules import TextRule

__all__ = ["read_text"]

_MEANT = re.compile(r"[^\W\d_]|\+")
_LONGEST = 20_000  # characters; a whole report has about five thousand


@dataclass(slots=True)
class _Heard:
    """The sentences about CRLF2 now, and what was left out."""

    sentences: list[Sentence] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


def read_text(text: str, rule: FishRule, words: TextRule) -> TextResult:
    """Return what one text says of CRLF2 now."""
    if len(text) > _LONGEST:
        opinion = Opinion(call="needs_review", flags=("TEXT_TOO_LONG",), reasons=("The text is too long.",))
        return _result(text, opinion, None, ())
    prose, string = without_iscn(text)
    clauses = clauses_of(plain_text(prose), words)
    heard = _hear(clauses, words)
    opinion = decide_text(heard.sentences, words, left_out=heard.flags)
    if opinion.call == "normal" and heard.unread:
        reason = "A sentence about CRLF2 is not understood; it may say otherwise."
        opinion = replace(opinion, call="needs_review", reasons=(*opinion.reasons, reason))
    parsed = parse_iscn(string, rule) if string else None
    if parsed is not None:
        opinion = compare(opinion, parsed)
    return _result(text, opinion, parsed, heard.unread)


def _hear(clauses: Sequence[Clause], words: TextRule) -> _Heard:
    heard = _Heard()
    about_crlf2 = any(clause.named for clause in clauses)
    about_others = any(clause.topic == "other" for clause in clauses)
    for clause in clauses:
        if clause.topic == "crlf2" and (about_crlf2 or not about_others):
            sentence = read_sentence(clause.text, words)
            heard.sentences.append(sentence)
            if clause.named and not _says_anything(sentence) and not _is_heading(clause.text, words):
                heard.unread.append(clause.text)
        elif clause.topic != "crlf2":
            heard.flags.append(_LEFT_OUT[clause.topic])
    if not about_crlf2 and heard.sentences:
        heard.flags.append("GENE_NOT_NAMED")
    return heard


_LEFT_OUT = {
    "history": "HISTORY_IGNORED",
    "flow": "FLOW",
    "molecular": "MOLECULAR",
    "banding": "KARYOTYPE_IGNORED",
    "other": "OTHER_GENE_IGNORED",
}


def _is_heading(text: str, words: TextRule) -> bool:
    """Tell whether a sentence only says what was done."""
    return not _MEANT.search(words.word_patterns["heading"].sub(" ", text))


def _says_anything(sentence: Sentence) -> bool:
    numbers = sentence.numbers
    return bool(sentence.remarks or sentence.findings or numbers.percent is not None or numbers.total)


def _result(text: str, opinion: Opinion, parsed: IscnResult | None, unread: Sequence[str]) -> TextResult:
    calls = [one.call for one in parsed.calls] if parsed else []
    return TextResult(
        text=text,
        call=opinion.call,
        n_abnormal=opinion.n,
        n_scored=opinion.total,
        percent=opinion.percent,
        iscn=parsed.text if parsed else None,
        iscn_call=calls[0] if calls else None,
        unparsed=tuple(unread),
        flags=tuple(dict.fromkeys(opinion.flags)),
        reasons=opinion.reasons,
    )
