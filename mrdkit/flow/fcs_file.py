"""The bytes of one FCS file, mapped and not copied.

A file that changes while it is in use would give values that belong to no file; that is noticed and refused.
"""

import hashlib
import mmap
import os
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable

__all__ = ["FcsFile"]


class FcsFile:
    """A file open for reading; its bytes stay there until the last array made of them is gone.

    Attributes:
        path: as the user named it.
        content: (n_bytes,) uint8, read-only.
    """

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            InputError: it is missing, unreadable, or no regular file.
        """
        self.path = path
        self._digest: str | None = None
        try:
            if not path.is_file():  # opening a pipe would wait for its writer
                path.stat()
                raise InputError("this is no regular file", code="NOT_FCS", file=path)
            self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            weakref.finalize(self, os.close, self._handle)
            self._state = self._current()
            self.content = self._mapped()
        except OSError as error:
            raise unreadable(path, error) from None

    def check_unchanged(self) -> None:
        """Refuse to go on with a file that was written to since it was opened.

        Raises:
            InputError: its size or time of change is another one.
        """
        if self._current() != self._state:
            raise InputError(
                "the file changed while it was being read",
                code="FILE_CHANGED",
                file=self.path,
                remedy="wait until it is written or copied, then read it again",
            )

    def sha256(self) -> str:
        """Return the digest of the whole file as 64 hexadecimal digits."""
        if self._digest is None:
            self.check_unchanged()
            self._digest = hashlib.sha256(self.content.data).hexdigest()
        return self._digest

    def _mapped(self) -> NDArray[np.uint8]:
        if not self._state[0]:
            return np.empty(0, dtype=np.uint8)
        return np.frombuffer(mmap.mmap(self._handle, 0, access=mmap.ACCESS_READ), dtype=np.uint8)

    def _current(self) -> tuple[int, int]:
        state = os.fstat(self._handle)
        return state.st_size, state.st_mtime_ns
