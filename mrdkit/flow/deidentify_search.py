"""Where many short byte texts stand in a large content, in one pass.

Every place of the content is looked up in a table of the texts' first four bytes; only where one of them may
begin are bytes compared. A study has thousands of removed values and gigabytes to look through.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Searcher"]

_PREFIX = 4  # bytes
_TABLE_BITS = 20
_MIX = np.uint32(2_654_435_761)  # Knuth's multiplicative hash
_PIECE = 4 * 1024 * 1024  # bytes looked at together


class Searcher:
    """Finds a fixed set of texts; made once, asked of many contents."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self._by_prefix: dict[bytes, list[bytes]] = defaultdict(list)
        self._short: list[bytes] = []
        for text in sorted(set(texts) - {b""}):
            if len(text) < _PREFIX:
                self._short.append(text)
            else:
                self._by_prefix[text[:_PREFIX]].append(text)
        self._table = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
        if self._by_prefix:
            prefixes = np.frombuffer(b"".join(self._by_prefix), dtype="<u4")
            self._table[_hashed(prefixes)] = True

    def places(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each text found and where it begins."""
        for text in self._short:
            at = content.find(text)
            while at >= 0:
                yield text, at
                at = content.find(text, at + 1)
        for at in self._candidates(content):
            for text in self._by_prefix.get(content[at : at + _PREFIX], ()):
                if content.startswith(text, at):
                    yield text, at

    def counts(self, content: bytes) -> Counter[bytes]:
        """Return how often each text stands in the content."""
        return Counter(text for text, _ in self.places(content))

    def _candidates(self, content: bytes) -> Iterator[int]:
        if not self._by_prefix:
            return
        codes = np.frombuffer(content, dtype=np.uint8)
        for start in range(0, len(codes) - _PREFIX + 1, _PIECE):
            piece = codes[start : start + _PIECE + _PREFIX - 1].astype(np.uint32)
            n = len(piece) - _PREFIX + 1
            words = piece[:n]
            for i in range(1, _PREFIX):
                words = words | (piece[i : n + i] << np.uint32(8 * i))
            yield from (start + np.flatnonzero(self._table[_hashed(words)])).tolist()


def _hashed(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (words * _MIX) >> np.uint32(32 - _TABLE_BITS)
