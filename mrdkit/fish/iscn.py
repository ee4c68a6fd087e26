"""A break-apart result written in ISCN, strictly by edition 2024 or 2020.

Totals of the two ends first, then their relation: `sep` where both ends have the same total, `con` where they
differ and a fusion is left. Entries are sorted by nuclei; nuclei below a cut-off are not listed, normal ones
are implied.
Source: ISCN 2024 sections 7.3.1 and 7.3.4.3 in our own words; project decision on the form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.fish.classes import NucleusSignals
from mrdkit.fish.probes import End

__all__ = ["Edition", "iscn_signals", "iscn_text"]

Edition: TypeAlias = Literal["2024", "2020"]


@dataclass(frozen=True, slots=True)
class _Style:
    head: str
    times: str
    prime: str
    inside: bool  # the multiplier stands inside the bracket


_STYLES: dict[Edition, _Style] = {
    "2024": _Style(head="nuc ish ", times="\u00d7", prime="\u2032", inside=False),
    "2020": _Style(head="nuc ish", times="x", prime="'", inside=True),
}


def iscn_text(
    entries: Sequence[tuple[NucleusSignals, int]],
    *,
    total: int,
    normal: NucleusSignals,
    gene: str,
    first_end: End,
    edition: Edition,
) -> str:
    """Return the ISCN string of the entries (signals, nuclei); of the normal pattern where there is none."""
    head = _STYLES[edition].head
    if not entries:
        return f"{head}{iscn_signals(normal, gene=gene, first_end=first_end, edition=edition)}[{total}]"
    parts = []
    for signals, nuclei in entries:
        bracket = f"[{total}]" if nuclei == total else f"[{nuclei}/{total}]"
        parts.append(iscn_signals(signals, gene=gene, first_end=first_end, edition=edition) + bracket)
    return head + "/".join(parts)


def iscn_signals(signals: NucleusSignals, *, gene: str, first_end: End, edition: Edition) -> str:
    """Return the signals of one nucleus without head and cell numbers.

    >>> iscn_signals(NucleusSignals(1, 1, 0), gene="CRLF2", first_end="3prime", edition="2020")
    "(3'CRLF2x2,5'CRLF2x1)(3'CRLF2 con 5'CRLF2x1)"
    """
    style = _STYLES[edition]
    fusions, three, five = signals
    if not three and not five:
        return _bracket(gene, fusions, style)
    totals = {"3": fusions + three, "5": fusions + five}
    order = ("3", "5") if first_end == "3prime" else ("5", "3")
    names = [f"{end}{style.prime}{gene}" for end in order]
    if three == five:
        relation = _bracket(f"{names[0]} sep {names[1]}", three, style)
        return _bracket(gene, totals["3"], style) + relation
    both = ",".join(f"{name}{style.times}{totals[end]}" for name, end in zip(names, order, strict=True))
    relation = _bracket(f"{names[0]} con {names[1]}", fusions, style) if fusions else ""
    return f"({both}){relation}"


def _bracket(content: str, n: int, style: _Style) -> str:
    return f"({content}{style.times}{n})" if style.inside else f"({content}){style.times}{n}"
