"""The check word behind the last segment of a data set.

Source: FCS 3.0, CRC: 8 ASCII bytes directly behind the last segment; eight zeros say that none was computed;
polynomial x^16 + x^12 + x^5 + 1 over everything before it. Start value and notation are left open, so all
usual ones are accepted.
"""

import binascii
import re

from mrdkit.flow.channel import FcsWarning

__all__ = ["check_crc"]

_WORD_BYTES = 8
_WORD = re.compile(rb" *[0-9A-Fa-f]{1,8} *")
_NOT_COMPUTED = re.compile(rb"[0 \0]*")
_ALL_ONES = 0xFFFF


def check_crc(content: memoryview, *, last: int) -> tuple[FcsWarning, ...]:
    """Compare the check word with the bytes before it.

    Args:
        content: the whole data set and nothing behind it.
        last: the last byte of its last segment.

    Returns:
        A warning where a word was computed and does not agree; nothing where there is none.
    """
    first = len(content) - _WORD_BYTES
    if not 0 <= first - (last + 1) <= 1:  # the last segment may be declared one byte short
        return ()
    word = bytes(content[first:])
    if _NOT_COMPUTED.fullmatch(word) or not _WORD.fullmatch(word):
        return ()
    if _meanings(word.strip()) & _checksums(content[:first]):
        return ()
    message = "the check word (CRC) does not agree with the data; the file may be damaged"
    return (FcsWarning(code="CRC_MISMATCH", message=message),)


def _meanings(word: bytes) -> set[int]:
    meanings = {int(word, 16)}
    if word.isdigit():
        meanings.add(int(word))
    return meanings


def _checksums(content: memoryview) -> set[int]:
    sums = {binascii.crc_hqx(content, start) for start in (0, _ALL_ONES)}
    return sums | {value ^ _ALL_ONES for value in sums}
