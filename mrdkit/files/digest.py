"""The identity of a file is the sha256 of its bytes; names and dates are not."""

import hashlib
from pathlib import Path

from mrdkit.errors import InputError

__all__ = ["sha256_of"]


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits.

    Raises:
        InputError: the file is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> InputError:
    """Return the named error for a file that the system does not hand out."""
    return InputError(
        "the file cannot be read",
        code="FILE_MISSING" if isinstance(error, FileNotFoundError) else "FILE_UNREADABLE",
        file=path,
        found=error.strerror or type(error).__name__,
        remedy="check the path and the permissions",
    )
