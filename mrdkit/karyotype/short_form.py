"""Changes written without a second pair of brackets: del(11q), i(17q), t(9q34;22q11), ins(?;8q24q24).

An arm or a band stands behind its chromosome. An arm alone leaves the band open; an isochromosome of an arm
breaks in the centromere, i(17q) is i(17)(q10). Bands may repeat their chromosome, as the detailed form does;
8q24.28q24.2 can only be that, since 8 has no band q24.28. Source: ISCN 1978 to 2024 in our own words.
"""

import re
from typing import TypeAlias

from mrdkit.karyotype.bands import band_exists

__all__ = ["spelled_out"]

_Pieces: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]

_OPERATIONS = frozenset("t del add dup inv ins i idic dic trp qdp rea".split())
_BAND = r"[pq](?:\d{1,2}(?:\.\d{1,3})?)?"
_LAZY_BAND = r"[pq](?:\d{1,2}(?:\.\d{1,3}?)?)?"
_CHROMOSOME = r"(?P<chromosome>\??(?:[1-9]|1\d|2[0-2]|X|Y)(?!\d))"
_PLAIN = re.compile(rf"{_CHROMOSOME}(?P<bands>(?:{_BAND}){{1,3}})", re.ASCII)
_REPEATED = re.compile(rf"{_CHROMOSOME}(?P<one>{_LAZY_BAND})(?P=chromosome)(?P<two>{_BAND})", re.ASCII)
_EACH_BAND = re.compile(_BAND, re.ASCII)
_UNKNOWN = "?"


def spelled_out(name: str, chromosomes: tuple[str, ...]) -> _Pieces | None:
    """Return the chromosomes and the bands of each, None where they are written in another way.

    >>> spelled_out("t", ("9q34", "22q11")), spelled_out("i", ("17q",)), spelled_out("del", ("11",))
    ((('9', '22'), ('q34', 'q11')), (('17',), ('q10',)), None)
    """
    if name not in _OPERATIONS or all(piece == _UNKNOWN for piece in chromosomes):
        return None
    read = [_piece(piece) for piece in chromosomes]
    if any(each is None for each in read):
        return None
    pieces = [each for each in read if each]
    bands = [f"{band}10" if name == "i" and len(band) == 1 else band for _, band in pieces]
    return tuple(chromosome for chromosome, _ in pieces), tuple(bands)


def _piece(text: str) -> tuple[str, str] | None:
    """Return the chromosome and the bands of one piece, the unknown one as it is."""
    if text == _UNKNOWN:
        return _UNKNOWN, _UNKNOWN
    plain = _PLAIN.fullmatch(text)
    repeated = _REPEATED.fullmatch(text)
    if repeated and not (plain and _exist(plain["chromosome"], plain["bands"])):
        return repeated["chromosome"], repeated["one"] + repeated["two"]
    return (plain["chromosome"], plain["bands"]) if plain else None


def _exist(chromosome: str, bands: str) -> bool:
    return all(band_exists(chromosome.strip("?"), band) for band in _EACH_BAND.findall(bands))
