"""Stands where the FCS reader will be; the reader's own branch replaces this file."""

from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset

__all__ = ["read_fcs"]


def read_fcs(path: str | Path, dataset: int | None = None) -> FcsDataset:
    """Refuse every file.

    Raises:
        InputError: always.
    """
    del dataset
    raise InputError("FCS files are not read yet", code="READER_MISSING", file=path)
