"""The bytes of a file that is read whole, plain or gzip-compressed, never more than a stated size.

gzip is told by the first bytes, not by the name. The size is checked before anything is read, and again while
a compressed file unpacks: a few kilobytes can hold gigabytes.
"""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable

__all__ = ["read_content"]

_GZIP = b"\x1f\x8b"


def read_content(path: Path, *, at_most: int, too_large: str = "FILE_TOO_LARGE") -> bytes:
    """Return the bytes of a file, unpacked where it is gzip.

    Args:
        path: the file.
        at_most: bytes, as it lies there and unpacked.
        too_large: code of the error for a larger one.

    Raises:
        InputError: unreadable, too large, or damaged gzip.
    """
    try:
        with path.open("rb") as file:
            return _content(path, file, at_most, too_large)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            "the gzip file is damaged or cut off",
            code="GZIP_DAMAGED",
            file=path,
            found=str(error),
            remedy="transfer the file again",
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _content(path: Path, file: BinaryIO, at_most: int, too_large: str) -> bytes:
    packed = file.read(len(_GZIP)) == _GZIP
    size = file.seek(0, 2)
    file.seek(0)
    content = b""
    if size <= at_most:
        if packed:
            with gzip.GzipFile(fileobj=file) as stream:
                content = stream.read(at_most + 1)
        else:
            content = file.read(at_most + 1)
    if max(size, len(content)) > at_most:
        raise InputError(
            "the file is too large",
            code=too_large,
            file=path,
            expected=f"at most {at_most} bytes, unpacked",
            found=f"{size} bytes" + (" of gzip" if packed else ""),
        )
    return content
