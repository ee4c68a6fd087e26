"""The index beside a variant file (CSI or TBI): where each contig lies and how many records it has.

An index that does not end where its file ends belongs to another version of it, and one without counts of
records cannot tell how many there are. Neither is used, nor one that is damaged: the file is then read whole,
which takes longer and gives the same answer.
"""

import struct
from array import array
from dataclasses import dataclass
from pathlib import Path

from mrdkit._ext.index_places import read_places
from mrdkit.errors import InputError
from mrdkit.tp53.container import bytes_of
from mrdkit.tp53.unpack import BGZF_EOF

__all__ = ["ContigPlace", "read_index"]

_SUFFIXES = (".csi", ".tbi")
_LARGEST = 256 << 20  # unpacked bytes; an index of a whole genome has a few MiB
_TBI, _CSI = b"TBI\x01", b"CSI\x01"
_COUNT = struct.Struct("<i")
_CSI_HEAD = struct.Struct("<3i")  # smallest bin as a power of two, levels, bytes of what follows
_NAMES_HEAD = struct.Struct(
    "<7i"
)  # preset, columns of name, start and end, mark, skipped lines, bytes of names
_VCF_PRESET = 2
_MOST_LEVELS = 10
_TBI_LEVELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ContigPlace:
    """Where the records of one contig lie, as virtual offsets, and how many they are.

    Attributes:
        name: its name, empty where the header of the file has the names (BCF).
    """

    name: bytes
    start: int
    end: int
    n_records: int


def read_index(path: Path) -> tuple[ContigPlace, ...] | None:
    """Return where the contigs of a BGZF file lie, in the order of its index; None without a usable one."""
    for suffix in _SUFFIXES:
        beside = path.with_name(path.name + suffix)
        content = _content(beside) if beside.is_file() else b""
        try:
            places = _places(content)
        except (struct.error, ValueError):
            continue
        if places and _ends_with(path, places):
            return places
    return None


def _content(path: Path) -> bytes:
    content = b""
    try:
        for chunk in bytes_of(path):
            content += chunk
            if len(content) > _LARGEST:
                return b""
    except InputError:
        return b""
    return content


def _places(content: bytes) -> tuple[ContigPlace, ...]:
    """Return what an index says.

    Raises:
        ValueError: it is none, or does not say what is needed.
        struct.error: it ends early.
    """
    at = len(_TBI)
    if content.startswith(_TBI):
        (n_contigs,) = _COUNT.unpack_from(content, at)
        names, at = _names(content, at + _COUNT.size)
        return _named(content, at, n_contigs, names, levels=_TBI_LEVELS)
    if not content.startswith(_CSI):
        raise ValueError("no index")
    _, levels, n_more = _CSI_HEAD.unpack_from(content, at)
    at += _CSI_HEAD.size
    if not 0 <= levels <= _MOST_LEVELS or n_more < 0:
        raise ValueError("no index of this kind")
    names = _names(content, at)[0] if n_more else []
    (n_contigs,) = _COUNT.unpack_from(content, at + n_more)
    return _named(content, at + n_more + _COUNT.size, n_contigs, names, levels=levels)


def _names(content: bytes, at: int) -> tuple[list[bytes], int]:
    """Return the contigs of an index of text, and the offset behind their names."""
    preset, *_, n_bytes = _NAMES_HEAD.unpack_from(content, at)
    at += _NAMES_HEAD.size
    if preset != _VCF_PRESET or n_bytes < 0:
        raise ValueError("an index of other lines than VCF's")
    return content[at : at + n_bytes].split(b"\0")[:-1], at + n_bytes


def _named(
    content: bytes, at: int, n_contigs: int, names: list[bytes], *, levels: int
) -> tuple[ContigPlace, ...]:
    if not 0 <= n_contigs <= len(content) // _COUNT.size or (names and n_contigs != len(names)):
        raise ValueError("an index with more contigs than it holds")
    summary = ((1 << (3 * (levels + 1))) - 1) // 7 + 1  # one more than there are bins, and one unused
    found = array("q", bytes(8 * 3 * n_contigs))
    end = read_places(content, at, content.startswith(_CSI), summary, found)
    if end < 0 or -1 in found[2::3]:
        raise ValueError("an index that ends early, or without counts")
    return tuple(
        ContigPlace(
            name=names[i] if names else b"",
            start=found[3 * i],
            end=found[3 * i + 1],
            n_records=found[3 * i + 2],
        )
        for i in range(n_contigs)
    )


def _ends_with(path: Path, places: tuple[ContigPlace, ...]) -> bool:
    """Tell whether the last record of the index is the last of the file, before its end-of-file block."""
    return max(place.end for place in places) == (path.stat().st_size - len(BGZF_EOF)) << 16
