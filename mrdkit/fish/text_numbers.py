"""Numbers of a sentence: nuclei, percentages, and the laboratory's own limit.

A percentage that stands with a word for a limit, or behind `<` in brackets, is the limit, never the result.
A percentage and a count that cannot both be right are kept as a contradiction, not reconciled.
"""

import re
from dataclasses import dataclass

from mrdkit.fish.text_rules import TextRule

__all__ = ["Limit", "Numbers", "numbers_of"]

_NUCLEI = r"(?:nuclei|cells|interphases)"
_SCORED = r"(?:scored|examined|analy[sz]ed|counted|evaluated)"
_PERCENT = r"(\d{1,3}(?:[.,]\d{1,6})?) ?(?:%|percent|per cent)"
_SIGN = r"(?:(<=|<|up to|less than|below|>|above)|0 ?%? ?(?:-|to))"
_CUTOFF = r"(?:(?:normal |laboratory |lab |assay )?cut-? ?off|threshold|(?:upper )?limit)"
_WORD = (
    rf"(?:{_CUTOFF}(?: of normal| value| level)?|(?:normal|reference) (?:range|limit|value)"
    r"|reference|ref\.?|uln|background)"
)
_LIMIT = re.compile(
    rf"(?<![^\W_]){_WORD}[ :=]*(?:of|is|was|at)? ?{_SIGN}? ?{_PERCENT}"
    rf"|(?<![^\W_])(?:normal|nl)[ :=]*{_SIGN} ?{_PERCENT}"
    rf"|\( ?(<=|<) ?{_PERCENT} ?\)"
    rf"|(<=|<)? ?{_PERCENT} {_CUTOFF}(?![^\W_])"
)
_OF = rf"(?: ?\(?(?:of|out of)|/| (?:\w+ ){{0,3}}{_NUCLEI} (?:of|out of|/))"
_COUNT = re.compile(
    rf"(?<![\d/.,-])(\d{{1,6}}){_OF} ?(?:the |a total of |total )?(\d{{1,6}})(?![\d/]|[.,]\d| ?%)"
)
_BOUND = r"(<=|>=|<|>|~|up to |less than |more than |about |\d{1,3}(?:[.,]\d+)? ?(?:-|to) ?)"
_SHARE = re.compile(rf"(?<![\d.,]){_BOUND}? ?{_PERCENT}")
_TOTAL = re.compile(
    rf"(?<![\d/.,-])(\d{{2,6}}) (?:\w+ ){{0,2}}{_NUCLEI}(?: \w+){{0,2}} {_SCORED}"
    rf"|(?:total(?: of)?|{_SCORED}|n ?=):? ?(\d{{2,6}})(?![\d/]| ?%)"
)
_AMONG = re.compile(rf"(?:in|of|all) (?:all |the )*(\d{{2,6}}) (?:\w+ ){{0,2}}{_NUCLEI}(?![^\W_])")
_WHOLE = 100.0
_MONTHS = 12
_YEARS = range(1900, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A laboratory's limit in percent as written; `below` means that the limit itself is no longer normal."""

    percent: float
    written: str
    below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers of one sentence, and the sentence without its limit.

    Attributes:
        text: the sentence without the limit.
        n: abnormal nuclei.
        total: nuclei scored.
        among: nuclei that the sentence speaks of; of a negative one, those that were scored.
        percent: the share, from the nuclei where they are written.
        limit: the laboratory's limit.
        contradictory: percentage and nuclei cannot both be right, or there are more nuclei than were scored.
        bounded: the percentage is written as a bound or a range.
    """

    text: str
    n: int | None = None
    total: int | None = None
    among: int | None = None
    percent: float | None = None
    limit: Limit | None = None
    contradictory: bool = False
    bounded: bool = False


def numbers_of(text: str, rule: TextRule) -> Numbers:
    """Return the numbers of a sentence."""
    found = _LIMIT.search(text)
    limit = _limit(found) if found else None
    plain = f"{text[: found.start()]} {text[found.end() :]}" if found else text
    n, total = _count(plain, rule)
    among = _AMONG.search(plain)
    shares = [match for match in _SHARE.finditer(plain) if float(match[2].replace(",", ".")) <= _WHOLE]
    exact = [match for match in shares if match[1] is None or match[1].strip() in ("~", "about")]
    stated = exact[0][2].replace(",", ".") if exact else None
    more = n is not None and total is not None and n > total
    share = 100.0 * n / total if n is not None and total and not more else None
    return Numbers(
        text=plain,
        n=n,
        total=total,
        among=int(among[1]) if among else None,
        percent=share if share is not None else None if stated is None else float(stated),
        limit=limit,
        contradictory=more or (share is not None and stated is not None and _differ(share, stated)),
        bounded=len(shares) > len(exact),
    )


def _count(text: str, rule: TextRule) -> tuple[int | None, int | None]:
    for match in _COUNT.finditer(text):
        n, total = int(match[1]), int(match[2])
        is_date = n <= _MONTHS and total in _YEARS and "nuclei" not in text
        if total >= rule.fewest_scored and not is_date:
            return n, total
    scored = _TOTAL.search(text)
    return None, int(scored[1] or scored[2]) if scored else None


def _limit(found: re.Match[str]) -> Limit | None:
    sign, percent = next((found[at], found[at + 1]) for at in (1, 3, 5, 7) if found[at + 1] is not None)
    written = percent.replace(",", ".")
    return Limit(percent=float(written), written=written, below=sign in ("<", "less than", "below"))


def _differ(share: float, stated: str) -> bool:
    """Tell whether a share is more than one unit of the last written digit away."""
    digits = len(stated.partition(".")[2])
    return abs(share - float(stated)) >= 10.0**-digits
