"""A karyotype as it came out of a report or a spreadsheet, made readable; every change is listed.

Only spelling is repaired, never meaning: other dashes and blanks, HTML entities, line breaks, a comma, slash,
dot, semicolon or bracket that is missing or too many where only one reading exists. A round bracket that is
not closed is left: what stood in it may be lost. What is repaired once is not changed again:
clean(clean(s)) = clean(s). A date or a labelled name beside a karyotype is personal data; it is removed, and
its removal listed without repeating it.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mrdkit.karyotype.layout import TECHNIQUE

__all__ = ["Cleaned", "clean"]

_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFE63), "-")
_TILDES = dict.fromkeys((0x223C, 0x02DC, 0x301C), "~")
_BLANKS = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_PUNCTUATION = {0x3001: ",", 0xFF64: ",", 0x3010: "[", 0x3011: "]"}
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), "")

_PERSONAL = " (personal data)"
_COUNT = r"\d{2,3}(?:~\d{2,3})?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"(?:\d{4}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{2,4}"
    rf"|\d\d?[ -]?{_MONTH}[ ,-]{{0,2}}\d{{2,4}}|{_MONTH} \d\d?,? ?\d{{4}})"
)
_OPERATION = r"(?:t|del|add|dup|inv|ins|i|dic|idic|der|ider|r|trp|hsr)"
_ONE = r"(?:\d{1,2}|[XY])"
_BAND = r"[pq]\d{1,2}(?:\.\d{1,2})?"
_SYMBOLS = "T|DEL|ADD|DUP|INV|INS|I|DIC|IDIC|DER|IDER|R|TRP|HSR"
_CLONE_START = rf"{_COUNT}(?:<\d?n>)?,(?:[XY]|idem|sd?l)"
_ITEM_START = r"[+-]\??(?:\d|[XY]|mar|[a-z]+\()|" + _OPERATION + r"\("


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """The readable text, and one sentence per kind of change in the order they were made."""

    text: str
    changes: tuple[str, ...]

    @property
    def personal_data(self) -> bool:
        """Whether a date, name or number of a person was taken out."""
        return any(change.endswith(_PERSONAL) for change in self.changes)


def _translated(table: dict[int, str] | dict[int, int]) -> Callable[[str], str]:
    """Return the step that replaces characters beyond ASCII."""
    return lambda text: text if text.isascii() else text.translate(table)


def _replaced(
    pattern: str,
    by: str | Callable[[re.Match[str]], str],
    flags: int = 0,
    *,
    needs: str = "",
    where: str = "",
) -> Callable[[str], str]:
    """Return the step that replaces a pattern; a text without `needs`, or `where` within, cannot hold it."""
    compiled = re.compile(pattern, flags)
    if needs:
        return lambda text: compiled.sub(by, text) if needs in text else text
    # A search is cheaper than a replacement that finds nothing, and a rough pattern cheaper than a fine one.
    hint = re.compile(where) if where else compiled
    return lambda text: compiled.sub(by, text) if hint.search(text) else text


def _ordered(found: re.Match[str]) -> str:
    low, high = sorted((found[1], found[2]), key=int)
    return f"{low}~{high}"


def _unescaped(text: str) -> str:
    while (plain := html.unescape(text)) != text:
        text = plain
    return text


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("HTML entities were resolved", _unescaped),
    ("fullwidth characters were made plain", _translated(_FULLWIDTH)),
    ("dashes and minus signs were made plain", _translated(_DASHES)),
    ("tildes were made plain", _translated(_TILDES)),
    ("invisible characters were removed", _translated(_INVISIBLE)),
    ("special blanks were made plain", _translated(_BLANKS)),
    ("special commas and brackets were made plain", _translated(_PUNCTUATION)),
    ("line breaks and tabs were made plain", _replaced(r"[\t\n\v\f\r]", " ")),
    ("repeated blanks were joined", _replaced(r" {2,}", " ", needs="  ")),
    ("blanks at the ends were removed", lambda text: text.strip(" ")),
    (
        "a date in front was removed" + _PERSONAL,
        _replaced(rf"\A(?:{_DATE}[ :;,]+)+(?=\d{{2,3}}\D)", "", re.ASCII | re.IGNORECASE),
    ),
    (
        "a date at the end was removed" + _PERSONAL,
        _replaced(
            rf"(?<=\])(?:[ :;,(]+(?:(?:reported|signed|dated?|on) ){{0,2}}{_DATE}\)?)+\Z",
            "",
            re.ASCII | re.IGNORECASE,
        ),
    ),
    (
        "a name or number of a person in front was removed" + _PERSONAL,
        _replaced(
            r"\A(?:(?:patient|pt|name|mrn|dob|id)[ .]*[:=][^:=/\[\]]{1,60}?[ ,;]+)+"
            rf"(?={_COUNT},[XYU])",
            "",
            re.IGNORECASE,
        ),
    ),
    (
        "a heading in front was removed",
        _replaced(
            r"\A(?:(?:(?:final )?(?:karyotype|iscn|results?|diagnosis|nomenclature)(?: 20\d\d)?"
            r"|bone marrow|bm|(?:peripheral )?blood|pb) ?(?:[:=-] ?|(?=\d)))+(?=\d|//)",
            "",
            re.IGNORECASE,
        ),
    ),
    (
        "words in a number of cells were removed",
        _replaced(
            r"(?<=\d) ?(?:cells?|metaphases?)(?=\])|(?<=\[)n ?= ?(?=\d)",
            "",
            re.IGNORECASE,
            where=r"[\]=](?:(?<=\w\])|(?<==))",
        ),
    ),
    (
        "the prefix chi before a chimera with // was removed",
        _replaced(r"\Achi\.? ?(?=\d.*//)", "", re.IGNORECASE),
    ),
    ("the prefix mos was removed", _replaced(r"\Amos\.? ?(?=\d)", "", re.IGNORECASE)),
    ("punctuation in front was removed", lambda text: text.lstrip(".,; ")),
    ("punctuation at the end was removed", lambda text: text.rstrip(".,; ")),
    ("blanks beside punctuation were removed", _replaced(r" (?=[,;)\]\[(])|(?<=[,;(\[]) ", "", needs=" ")),
    ("blanks beside a slash were removed", _replaced(r"(?<=[^/ ]) (?=/)|(?<=/) (?=[^/ ])", "", needs=" ")),
    ("blanks after a sign were removed", _replaced(r"(?<=,[+-]) +", "", needs=" ")),
    ("repeated commas were joined", _replaced(r",{2,}", ",", needs=",,")),
    ("a comma before a bracket or slash was removed", _replaced(r",(?=[\[/])", "")),
    (
        "symbols in capitals were written small",
        _replaced(
            rf"(?<![A-Za-z])(?:{_SYMBOLS})(?=\()|(?<=,)(?:IDEM|SDL|SL|INC)(?=[\dxX ,\[/]|\Z)"
            r"|(?<=[+\d])(?:MAR|DMIN)(?![A-Z])|(?<=[(;\d])[PQ](?=\d{1,2}[);.PQpq~])",
            lambda found: found[0].lower(),
            where="[A-TVWZ]",
        ),
    ),
    (
        "sex chromosomes were written in capitals",
        _replaced(
            r"(?<=\d,)(?=X?Y?[xy])[XYxy]{1,4}(?=[,\[/]|\Z)", lambda found: found[0].upper(), where="[xy]"
        ),
    ),
    (
        "an O for a missing sex chromosome was removed",
        _replaced(r"(?<=45,X)[O0](?=[,\[/]|\Z)", "", needs="45,X"),
    ),
    (
        "a dot or semicolon after the count was made a comma",
        _replaced(rf"((?:\A|/){_COUNT})[.;](?=[XY]{{1,4}}(?:[,;\[/]|\Z))", r"\1,", where=r"\d[.;][XY]"),
    ),
    (
        "a missing comma after the count was added",
        _replaced(rf"(?<![\w(.~-])({_COUNT}) ?(?=[XY]{{1,4}}(?:[,\[/]|\Z))", r"\1,", where=r"\d ?[XY]"),
    ),
    (
        "a missing comma after the sex chromosomes was added",
        _replaced(
            rf"(?<![\w(.~-])({_COUNT},[XY]{{1,4}})[ ;.]?(?={_ITEM_START})", r"\1,", where=r"[XY][ ;.?+a-z-]"
        ),
    ),
    (
        "a comma or colon between two chromosomes was made a semicolon",
        _replaced(
            rf"((?<![a-z])(?:t|dic|ins)\((?:{_ONE};)*{_ONE})[,:](?={_ONE}[;,:)])",
            r"\1;",
            re.ASCII,
            where=r"\([\dXY;]+[,:]",
        ),
    ),
    (
        "a comma or colon between two breakpoints was made a semicolon",
        _replaced(
            rf"(\((?:{_BAND};)*{_BAND})(?::(?=[pq?])|,(?={_BAND}[;,:)]))", r"\1;", re.ASCII, where="[:,][pq?]"
        ),
    ),
    (
        "a semicolon between two breakpoints of one chromosome was removed",
        _replaced(
            rf"((?<![a-z])(?:del|dup|inv|trp)\({_ONE}\)\({_BAND});(?={_BAND}\))",
            r"\1",
            re.ASCII,
            where=r"[lpv]\(\w+\)\([\w.]+;",
        ),
    ),
    (
        "a number of cells was put in square brackets",
        _replaced(
            rf"(\([^()]*[pq][^()]*\)|\A{_COUNT},[XY]{{1,4}}|/{_COUNT},[XY]{{1,4}})"
            r"(?:\((\d{1,3})\)|\{(\d{1,3})\})(?=/|\Z)",
            lambda found: f"{found[1]}[{found[2] or found[3]}]",
            re.ASCII,
            where=r"[({]\d+[)}](?:/|\Z)",
        ),
    ),
    (
        "cp was put in front of the number of cells",
        _replaced(r"cp(?<=[^a-z]cp) ?\[(?=\d)", "[cp", re.IGNORECASE),
    ),
    (
        "a missing semicolon between two breakpoints was added",
        _replaced(rf"(t(?<![a-z]t)\({_ONE};{_ONE}\)\({_BAND})(?={_BAND}\))", r"\1;", re.ASCII),
    ),
    (
        "an opening bracket too many was removed",
        _replaced(rf"\((?<=\)\()(?={_OPERATION}\({_ONE}(?:;{_ONE})*\))", "", re.ASCII),
    ),
    (
        "a closing bracket too many was removed",
        _replaced(
            r"(,(?:idem|sdl|sl)\d{0,2}[x\u00d7][2-4])\)(?=[,\[])", r"\1", re.ASCII, where=r"[x\u00d7][2-4]\)"
        ),
    ),
    (
        "a missing opening bracket was added",
        _replaced(
            rf"(,[+-]?{_OPERATION})(?={_ONE}\)\({_BAND})", r"\1(", re.ASCII, where=r",[+-]?[a-z]+[\dXY]"
        ),
    ),
    (
        "a missing square bracket was added",
        _replaced(
            r"(\[(?:cp)?\d{1,3}(?:, ?[a-z][a-z0-9/ -]{0,60})?)"
            rf"(?=//?{_CLONE_START})",
            r"\1]",
            re.ASCII,
            where=r"\[[^\]]*/",
        ),
    ),
    (
        "a missing slash between clones was added",
        _replaced(rf"\][ ,;\\]*(?:and )?(?={_CLONE_START})", "]/"),
    ),
    (
        "a missing comma after the number of cells of an item in a composite was added",
        _replaced(rf"(?<=\d\])(?=(?:{_ITEM_START})[^/]*\[cp ?\d)", ",", re.ASCII, needs="[cp"),
    ),
    (
        "a missing dot before a FISH or array part was added",
        _replaced(rf"\][ ,;:]*(?={TECHNIQUE})", "].", re.IGNORECASE | re.ASCII),
    ),
    (
        "a range written with a hyphen was given a tilde",
        _replaced(
            r"(?:(?<=\A)|(?<=/))(\d{2,3})-(\d{2,3})(?=(?:,?<\d?n>)?,)", r"\1~\2", re.ASCII, where=r"\d-\d"
        ),
    ),
    (
        "a range written backwards was turned round",
        _replaced(r"(?<![\w(~-])(\d{2,3})~(\d{2,3})(?=(?:,?<\d?n>)?,)", _ordered, re.ASCII, needs="~"),
    ),
)


@lru_cache(maxsize=512)
def clean(text: str) -> Cleaned:
    """Return the readable text and what was changed.

    >>> clean(" 46 , XX , t(4;11) (q21;q23) [18] / 46,XX[2]").text
    '46,XX,t(4;11)(q21;q23)[18]/46,XX[2]'
    """
    changes: dict[str, None] = {}
    before = None
    while text != before:
        before = text
        for change, step in _STEPS:
            stepped = step(text)
            if stepped != text:
                changes[change] = None
                text = stepped
    return Cleaned(text=text, changes=tuple(changes))
