"""The bytes of a packed stream, about a megabyte at a time, checked against their lengths and checksums.

Memory stays bounded whatever a stream claims to hold. BGZF is gzip in blocks of at most 64 KiB that each tell
their packed size (SAM specification, section 4.1), so that a place in it can be gone to: a virtual offset is
the offset of a block, shifted by 16 bits, and the offset of a byte in the unpacked block.
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

__all__ = [
    "BGZF_EOF",
    "block_place",
    "is_bgzf",
    "is_gzip",
    "unpacked_bgzf",
    "unpacked_gzip",
    "unpacked_plain",
]

BGZF_EOF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's code for a gzip header before the data
_RAW_WINDOW = -15
_CHUNK = 1 << 20
_PACKED = 1 << 19  # packed bytes read at once; they give about one or two chunks
_HEAD = 18  # bytes of a BGZF header up to and with the packed size
_TRAILER = 8  # checksum and unpacked size
_LARGEST_BLOCK = 1 << 16
_MOST_BLOCKS = 64  # at once; each unpacks to 64 KiB at most


def is_gzip(head: bytes) -> bool:
    """Tell gzip, BGZF included, by its first bytes."""
    return head.startswith(_GZIP_MAGIC)


def is_bgzf(head: bytes) -> bool:
    """Tell BGZF by its first 18 bytes."""
    return is_gzip(head) and head[2:4] == b"\x08\x04" and head[12:14] == b"BC"


def unpacked_plain(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a file that is not packed."""
    while chunk := file.read(_CHUNK):
        yield chunk


def unpacked_gzip(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of all members of a gzip file; zeros behind a member are padding.

    Raises:
        zlib.error: damaged data.
        EOFError: the last member does not end.
    """
    engine = zlib.decompressobj(_GZIP_WINDOW)
    while packed := file.read(_PACKED):
        while packed:
            if engine.eof:
                packed = packed.lstrip(b"\0")
                if packed:
                    engine = zlib.decompressobj(_GZIP_WINDOW)
                continue
            text = engine.decompress(packed, _CHUNK)
            packed = engine.unconsumed_tail or engine.unused_data
            if text:
                yield text
    if not engine.eof:
        raise EOFError("the compressed stream ends early")


def unpacked_bgzf(file: BinaryIO, start: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a BGZF file from a virtual offset on.

    Raises:
        zlib.error: damaged data.
        EOFError: the last block does not end.
    """
    offset, skipped = block_place(start)
    file.seek(offset)
    held = b""
    while packed := file.read(_PACKED):
        held += packed
        while (found := _whole_blocks(held))[1]:
            blocks, used = found
            held = held[used:]
            text, skipped = b"".join(blocks)[skipped:], 0
            if text:
                yield text
    if held:
        raise EOFError("a block ends early")


def block_place(offset: int) -> tuple[int, int]:
    """Split a virtual offset: offset of the block in the file, offset of the byte in the unpacked block."""
    return offset >> 16, offset & 0xFFFF


def _whole_blocks(packed: bytes) -> tuple[list[bytes], int]:
    """Return the contents of the next whole blocks, and how many bytes they took."""
    view, start = memoryview(packed), 0
    blocks: list[bytes] = []
    while start + _HEAD <= len(view) and len(blocks) < _MOST_BLOCKS:
        size = _packed_size(view[start : start + _HEAD])
        if start + size > len(view):
            break
        blocks.append(_inflated(view[start : start + size]))
        start += size
    return blocks, start


def _packed_size(head: memoryview) -> int:
    if not is_bgzf(bytes(head)):
        raise zlib.error("no BGZF block where one must begin")
    size = int.from_bytes(head[16:18], "little") + 1
    if size < _HEAD + _TRAILER:
        raise zlib.error("a BGZF block that is shorter than its own header")
    return size


def _inflated(block: memoryview) -> bytes:
    data = _HEAD - 6 + int.from_bytes(block[10:12], "little")
    engine = zlib.decompressobj(_RAW_WINDOW)
    content = engine.decompress(block[data:-_TRAILER], _LARGEST_BLOCK + 1)
    checksum, size = block[-_TRAILER : -_TRAILER // 2], block[-_TRAILER // 2 :]
    fits = len(content) == int.from_bytes(size, "little") <= _LARGEST_BLOCK and engine.eof
    if not fits or zlib.crc32(content) != int.from_bytes(checksum, "little"):
        raise zlib.error("a BGZF block whose content differs from its length or checksum")
    return content
