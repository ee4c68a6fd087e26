"""Is anything that was removed still in a file of the new study, or in its name?

Tables, sequences and variants are numbers and known words: a short number found there is chance, and so is a
text that is only a part of a known word, a sequence, a digest or packed cells. Everything else that is found
is identity that is left. Tubes were searched as they were written.
"""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrdkit.flow.deidentify_scan import Needle, Removed, is_chance, needles_of, patterns_of
from mrdkit.flow.deidentify_search import Searcher
from mrdkit.study.deidentify.policy import StudyPolicy

__all__ = ["Found", "StudySearch"]

_GZIP = b"\x1f\x8b"
_LETTER = re.compile(rb"[a-z]")
_LETTER_OR_DIGIT = re.compile(rb"[a-z0-9]")
_SEQUENCE = re.compile(rb"[acgtn]+")
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_PACKED = re.compile(rb"[a-z0-9+/=]")  # base64, of the cells of a background
_LEAST_PACKED = 256  # bytes
_LONGEST_WORD = 512  # bytes looked at on either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found in one file: origins of identity that is left, and how many hits are chance."""

    origins: tuple[str, ...]
    n_chance: int


class StudySearch:
    """Looks for every removed value of a study; made once, asked of each file."""

    def __init__(self, removed: Iterable[Removed], policy: StudyPolicy, known: Iterable[str]) -> None:
        """Prepare the search.

        Args:
            removed: values of the input.
            policy: of the study.
            known: pseudonyms and codes, which may stand in the output.
        """
        self._policy = policy
        self._known = frozenset(each.casefold() for each in known)
        needles = [n for n in needles_of(removed, policy.scan) if n.text.casefold() not in self._known]
        self._needles: Mapping[bytes, Sequence[Needle]] = _by_pattern(needles)
        self._searcher = Searcher(self._needles)

    def name(self, name: str) -> Found:
        """Look at a name of a file or folder."""
        return self.found(name.encode().lower(), is_text=True)

    def file(self, path: Path) -> Found:
        """Look at the content of a file, unpacked where it is gzip."""
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        return self.found(content.lower())

    def found(self, content: bytes, *, is_text: bool = False) -> Found:
        """Look at bytes in small letters; in a text no short number is chance."""
        origins: dict[str, None] = {}
        n_chance = 0
        for needle, at, pattern in self._hits(content):
            if self._is_part_of_known(content, at, len(pattern), needle):
                continue
            if is_chance(needle, "text" if is_text else "numbers", self._policy.scan):
                n_chance += 1
            else:
                origins[needle.removed.origin] = None
        return Found(origins=tuple(origins), n_chance=n_chance)

    def _hits(self, content: bytes) -> Iterator[tuple[Needle, int, bytes]]:
        for pattern, at in self._searcher.places(content):
            for needle in self._needles[pattern]:
                yield needle, at, pattern

    def _is_part_of_known(self, content: bytes, at: int, size: int, needle: Needle) -> bool:
        """Tell a text inside a digest or packed cells, and letters inside a known word or a sequence."""
        short = len(needle.text) < self._policy.scan.rule.chance_characters_below
        if short and len(_around(content, at, size, _PACKED)) >= _LEAST_PACKED:
            return True
        if _DIGEST.fullmatch(_around(content, at, size, _LETTER_OR_DIGIT)):
            return True
        if not needle.text.isalpha():
            return False
        word = _around(content, at, size, _LETTER)
        text = word.decode("latin-1")
        known = text in self._policy.scan.generic or text in self._known
        return _SEQUENCE.fullmatch(word) is not None or (len(word) > size and known)


def _around(content: bytes, at: int, size: int, character: re.Pattern[bytes]) -> bytes:
    """Return the run of characters of a kind that a place lies within."""
    first, last = at, at + size
    while first > max(0, at - _LONGEST_WORD) and character.match(content, first - 1):
        first -= 1
    while last < min(len(content), at + _LONGEST_WORD) and character.match(content, last):
        last += 1
    return content[first:last]


def _by_pattern(needles: Iterable[Needle]) -> Mapping[bytes, Sequence[Needle]]:
    found: dict[bytes, list[Needle]] = {}
    for needle in needles:
        for pattern in patterns_of(needle.text):
            found.setdefault(pattern, []).append(needle)
    return found
