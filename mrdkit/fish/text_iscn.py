"""An ISCN string inside a free text: where it stands, and whether the words agree with it.

Counts before ISCN before words: the string's call and numbers are taken. Words that say something else make
the result a conflict for review; words that say less are no contradiction.
Source: project decision on the rank of sources.
"""

import re
from dataclasses import replace

from mrdkit.fish.iscn_result import GeneCall, IscnResult
from mrdkit.fish.text_decide import ABNORMAL, REARRANGED, Opinion

__all__ = ["compare", "without_iscn"]

_CLONE = r"[^\[\]\n]{0,400}\[[^\[\]\n]{0,40}\]"
_BRACKETS = r"(?: *\([^()\n]{0,200}\) *(?:[x\u00d7X] *\d+|amp)?)+"
_STRING = re.compile(
    rf"(?:(?<![^\W_])\d\d,[^\s.]{{1,400}}\. ?)?(?<![^\W_])(?:nuc[ .]*)?ish(?= *[(\dXY/td])"
    rf"(?:{_CLONE}(?: *(?://|/|,) *{_CLONE})*(?://)?|{_BRACKETS}(?! *\[)|[^\n]*)",
    re.IGNORECASE,
)
_ANSWERED = ("TOTAL_UNKNOWN", "NO_CUTOFF", "GENE_NOT_NAMED")
_SILENT = ("needs_review", "not_fish", "not_done", "pending")


def without_iscn(text: str) -> tuple[str, str | None]:
    """Return a text without its ISCN string, and the string."""
    found = _STRING.search(text)
    if found is None:
        return text, None
    return f"{text[: found.start()]}\n{text[found.end() :]}", found[0].strip()


def compare(words: Opinion, parsed: IscnResult) -> Opinion:
    """Return the opinion of words and string together."""
    call = parsed.calls[0] if parsed.calls else None
    if parsed.status == "rejected" or call is None or call.call == "indeterminate":
        return _by_words(words, parsed)
    share = 100.0 * call.n / call.total if call.n is not None and call.total else None
    flags = tuple(flag for flag in words.flags if flag not in _ANSWERED)
    said = replace(words, n=call.n, total=call.total, percent=share, flags=flags)
    if words.call in _SILENT:
        return replace(said, call=call.call, reasons=("The ISCN string decides.",))
    if words.call == "conflict" or not (_agree(words, call.call) and _same_count(words, call)):
        reason = f"The ISCN string says {call.call}, the words {words.call}; the string has the higher rank."
        return replace(
            said,
            call="conflict",
            flags=(*flags, "TEXT_ISCN_CONFLICT", "REVIEW"),
            reasons=(*words.reasons, reason),
        )
    return replace(said, call=call.call)


def _by_words(words: Opinion, parsed: IscnResult) -> Opinion:
    if parsed.status != "rejected" and not parsed.calls:
        return words
    reason = (
        f"The ISCN string in the text is not read: {parsed.error}."
        if parsed.error
        else "The ISCN string leaves CRLF2 open."
    )
    call = "needs_review" if words.call == "normal" else words.call
    return replace(
        words, call=call, flags=(*words.flags, "ISCN_NOT_READ", "REVIEW"), reasons=(*words.reasons, reason)
    )


def _agree(words: Opinion, string: str) -> bool:
    """Tell whether the words say the same, or less; to deny a rearrangement denies no gain."""
    if words.call in (string, "indeterminate"):
        return True
    if words.denies_only and string in ("gain_not_rearranged", "loss_not_rearranged"):
        return True
    unspecified = {"rearranged_unspecified": REARRANGED, "abnormal_unspecified": ABNORMAL}
    return string in unspecified.get(words.call, ()) or words.call in unspecified.get(string, ())


def _same_count(words: Opinion, string: GeneCall) -> bool:
    """Tell whether the words name no other abnormal nuclei than the string."""
    if words.n is None or string.n is None or string.call == "normal":
        return True
    return (words.n, words.total) == (string.n, string.total)
