"""Valid FCS files of every storage, and damage that knows where HEADER, TEXT and DATA stand.

Damage follows from its random generator alone, so every finding can be made again.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
from fcs_files import fcs_bytes
from fcs_rare_files import as_bit_stream, as_fixed_text, in_byte_order
from real_data import ROOT

__all__ = ["made_seeds", "mutated", "real_seeds"]

Chance: TypeAlias = np.random.Generator
_Choice = TypeVar("_Choice")

_EVENTS = [[i, 3 * i % 256, 255 - i] for i in range(20)]
_RANGES = [256, 256, 256]
_LARGEST_REAL = 64 * 1024  # bytes of a real file that is worth its time
_MOST_MUTATIONS = 4
_HEADER = 58
_OFFSET_KEYS = rb"(\$(?:BEGIN|END)(?:DATA|STEXT|ANALYSIS).)( *\d+)"
_VALUES = (
    "0|1|2|3|7|8|9|10|12|16|20|24|31|32|33|40|56|63|64|65|100|255|256|1000|1024|4096|-1|-8|+3|007|3.0|1.5|1e9|"
    "262144.0|4294967296|4294967297|9007199254740993|18446744073709551615|99999999|99999998|999999999999999999|"
    "999999999999999999999999|1e308|1e-308|NaN|inf|NA||*| |A|I|F|D|a|X|L|U|C|1,2,3,4|4,3,2,1|3,4,1,2|2,1,4,3|"
    "1,2|2,1|3,1,2|1,1|1,2,3,4,5,6,7,8|2,1,4,3,6,5,8,7|4,1|4,0|0,0|4,0.1|-4,1|400,1|1e308,1e308|Time|TIME|"
    "CD34 PE|µ|$PAR|$|//|\0|2,C1,C2,1,0,0,1|2,C1,C1,1,0,0,1|999999999,C1|1,C1,0"
).split("|")
_KEYS = (
    "$PAR $TOT $MODE $DATATYPE $BYTEORD $NEXTDATA $BEGINDATA $ENDDATA $BEGINSTEXT $ENDSTEXT $BEGINANALYSIS "
    "$ENDANALYSIS $TIMESTEP $SPILLOVER SPILL $COMP $CYT $P1B $P2B $P3B $P1R $P2R $P3R $P1N $P2N $P1S $P1E "
    "$P2E $P1G $P2DATATYPE $P1DATATYPE $P1TYPE $P0B $P4B"
).split()
_OFFSETS = (0, 1, 7, 57, 58, 59, 100, 256, 1000, 9_999_999, 99_999_998, 99_999_999)
_VERSIONS = (b"FCS2.0", b"FCS3.0", b"FCS3.1", b"FCS3.2", b"FCS1.0", b"fcs3.1")


def made_seeds() -> list[bytes]:
    """Return one small valid file of each storage, and some of several data sets."""
    singles = [*_plain_seeds(), *_rare_seeds()]
    first = fcs_bytes(_EVENTS, number="I", bits=[16] * 3, ranges=_RANGES, version="2.0", next_data=True)
    return [*singles, first + singles[0], fcs_bytes(_EVENTS, next_data=True, tail=b"00001234") + singles[-1]]


def _plain_seeds() -> list[bytes]:
    mixed = {"$P1DATATYPE": "I", "$P2E": "0,0"}
    return [
        fcs_bytes(_EVENTS, keywords={"$SPILLOVER": "2,C1,C2,1,0.1,0.02,1", "$TIMESTEP": "0.01"}),
        fcs_bytes(_EVENTS, big_endian=True, version="3.0", tail=b"00000000", names=["Time", "A", "B"]),
        fcs_bytes(_EVENTS, number="D", version="3.2", keywords={"$P1S": "CD19//PE", "$P2S": ""}),
        fcs_bytes(_EVENTS, gap=40, header_data=(0, 0), delimiter="\x0c"),
        fcs_bytes(_EVENTS, gap=40, header_data=(300, 539)),
        fcs_bytes(_EVENTS, number="I", bits=[8, 24, 40], ranges=_RANGES, keywords={"$P2E": "4,1"}),
        fcs_bytes(_EVENTS, number="I", bits=[48, 56, 64], ranges=_RANGES, big_endian=True),
        fcs_bytes(_EVENTS, version="3.2", data=bytes(20 * 10), bits=[16, 32, 32], keywords=mixed),
    ]


def _rare_seeds() -> list[bytes]:
    bits = [10, 8, 12]
    stream = as_bit_stream(_EVENTS, bits)
    sixteen = b"".join(value.to_bytes(2, "big") for event in _EVENTS for value in event)
    order = {"$BYTEORD": "3,4,1,2"}
    swapped = in_byte_order(_EVENTS, numbers="FFF", order=[3, 4, 1, 2])
    free = "\r\n".join(" ".join(map(str, event)) for event in _EVENTS).encode() + b"\n"
    any_width = {"$P1B": "*", "$P2B": "*", "$P3B": "*"}
    fixed = as_fixed_text(_EVENTS, [4, 3, 6])
    return [
        fcs_bytes(_EVENTS, number="I", bits=bits, ranges=_RANGES, big_endian=True, data=stream),
        fcs_bytes(_EVENTS, number="I", bits=[10] * 3, ranges=_RANGES, big_endian=True, data=sixteen),
        fcs_bytes(_EVENTS, keywords=order, data=swapped),
        fcs_bytes(_EVENTS, number="A", bits=[4, 3, 6], data=fixed, keywords={"$P1E": "4,1"}),
        fcs_bytes(_EVENTS, number="A", keywords=any_width, data=free),
        fcs_bytes(_EVENTS, number="A", keywords=any_width | {"$TOT": None}, data=free, tail=b"00000000"),
    ]


def real_seeds() -> list[bytes]:
    """Return the small real files; none where they are missing."""
    paths = sorted((ROOT / "flow").glob("fcs_*/*"))
    return [path.read_bytes() for path in paths if path.stat().st_size <= _LARGEST_REAL]


def mutated(seeds: Sequence[bytes], chance: Chance) -> bytes:
    """Return one seed with one to four kinds of damage."""
    content = _one(seeds, chance)
    for _ in range(int(chance.integers(1, _MOST_MUTATIONS + 1))):
        content = _one(_MUTATIONS, chance)(content, seeds, chance)
    return content


def _keyword_value(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return _with_text(content, chance, lambda pairs: _replace(pairs, chance, 1))


def _keyword_name(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return _with_text(content, chance, lambda pairs: _replace(pairs, chance, 0))


def _keyword_set(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    key, value = _word(_KEYS, chance), _word(_VALUES, chance)
    twice = chance.random() < 0.1
    return _with_text(
        content, chance, lambda pairs: [*(pair for pair in pairs if twice or pair[0] != key), (key, value)]
    )


def _keyword_lost(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return _with_text(content, chance, lambda pairs: _without(pairs, chance))


def _replace(pairs: list[tuple[bytes, bytes]], chance: Chance, part: int) -> list[tuple[bytes, bytes]]:
    i = int(chance.integers(len(pairs)))
    new = _word(_VALUES if part else _KEYS, chance)
    pairs[i] = (pairs[i][0], new) if part else (new, pairs[i][1])
    return pairs


def _without(pairs: list[tuple[bytes, bytes]], chance: Chance) -> list[tuple[bytes, bytes]]:
    del pairs[chance.integers(len(pairs))]
    return pairs


def _with_text(
    content: bytes, chance: Chance, change: Callable[[list[tuple[bytes, bytes]]], list[tuple[bytes, bytes]]]
) -> bytes:
    """Change keywords; mostly move what HEADER and TEXT say about the bytes behind them as well."""
    found = re.fullmatch(rb" *(\d+) *(\d+)", content[10:26])
    if found is None or not _HEADER <= int(found[1]) < int(found[2]) < len(content):
        return content
    first, last = int(found[1]), int(found[2])
    delimiter = content[first : first + 1]
    tokens = content[first + 1 : last].split(delimiter)
    pairs = change(list(zip(tokens[0::2], tokens[1::2], strict=False)) or [(b"", b"")])
    text = delimiter + b"".join(key + delimiter + value + delimiter for key, value in pairs)
    header, shift = content[:first], len(text) - (last + 1 - first)
    if chance.random() < 0.8:
        fields = [content[10 + 8 * i : 18 + 8 * i] for i in range(6)]
        moved = [_moved(field, shift) if i else field for i, field in enumerate(fields)]
        header = content[:10] + b"".join(moved) + content[_HEADER:first]
        text = re.sub(_OFFSET_KEYS, lambda match: match[1] + _moved(match[2], shift), text, flags=re.DOTALL)
    return header + text + content[last + 1 :]


def _moved(field: bytes, shift: int) -> bytes:
    digits = field.strip()
    if not digits.isdigit() or int(digits) in {0, 99_999_999} or int(digits) + shift < 0:
        return field
    filled = b"%0*d" if field.startswith(b"0") else b"%*d"
    return (filled % (len(field), int(digits) + shift))[: len(field)]


def _header_field(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    begin = 10 + 8 * int(chance.integers(6))
    digits = content[begin : begin + 8].strip()
    near = int(digits) + int(chance.choice([-8, -4, -2, -1, 1, 2, 4, 8])) if digits.isdigit() else 0
    far = [*_OFFSETS, len(content), len(content) - 1]
    new = near if chance.random() < 0.5 else _one(far, chance)
    return content[:begin] + str(new).encode().rjust(8)[:8] + content[begin + 8 :]


def _version(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return _one(_VERSIONS, chance) + content[6:]


def _cut(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return content[: chance.integers(len(content) + 1)]


def _cut_a_little(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return content[: max(len(content) - int(chance.integers(1, 12)), 0)]


def _grown(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    return content + chance.bytes(int(chance.integers(1, 64)))


def _spliced(content: bytes, seeds: Sequence[bytes], chance: Chance) -> bytes:
    other = _one(seeds, chance)
    first = int(chance.integers(len(other)))
    piece = other[first : first + int(chance.integers(1, 400))]
    place = int(chance.integers(len(content) + 1))
    kept = place + (len(piece) if chance.random() < 0.5 else 0)
    return content[:place] + piece + content[kept:]


def _gone(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    place = int(chance.integers(len(content) + 1))
    return content[:place] + content[place + int(chance.integers(1, 40)) :]


def _random_bytes(content: bytes, _: Sequence[bytes], chance: Chance) -> bytes:
    changed = bytearray(content)
    for place in chance.integers(len(content), size=int(chance.integers(1, 10))) if content else ():
        changed[place] = chance.integers(256)
    return bytes(changed)


def _another_data_set(content: bytes, seeds: Sequence[bytes], chance: Chance) -> bytes:
    """Put a file behind, mostly where $NEXTDATA can say so."""
    pointing = re.sub(
        rb"(\$NEXTDATA.)0+(?=[^0-9])",
        lambda match: match[1] + str(len(content)).encode().zfill(len(match[0]) - len(match[1])),
        content,
        count=1,
    )
    return (pointing if len(pointing) == len(content) else content) + _one(seeds, chance)


def _word(choices: Sequence[str], chance: Chance) -> bytes:
    return _one(choices, chance).encode()


def _one(choices: Sequence[_Choice], chance: Chance) -> _Choice:
    return choices[int(chance.integers(len(choices)))]


_MUTATIONS: tuple[Callable[[bytes, Sequence[bytes], Chance], bytes], ...] = (
    *(_keyword_value, _keyword_value, _keyword_value, _keyword_name, _keyword_set, _keyword_set),
    *(_keyword_lost, _header_field, _header_field, _version, _cut, _cut_a_little, _grown, _spliced, _gone),
    *(_random_bytes, _another_data_set),
)
