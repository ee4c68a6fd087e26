"""A rewritten FCS file on the disk: whole, never in place of another, and only if it reads back as it should.

The proof is the reader's: the same number of data sets, the same channels, DATA byte for byte and the same
stored numbers. Until then the file lies in a folder of its own beside its place.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mrdkit.errors import InputError
from mrdkit.files.writing import write_bytes
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.deidentify_rewrite import data_bytes
from mrdkit.flow.fcs import read_fcs_datasets

__all__ = ["check_free", "write_verified"]


def check_free(output: Path) -> None:
    """Refuse to replace a file.

    Raises:
        InputError: there is something of this name.
    """
    if output.exists() or output.is_symlink():
        raise InputError(
            "the output exists already",
            code="OUTPUT_EXISTS",
            place=output.name,
            remedy="choose an empty folder",
        )


def write_verified(output: Path, content: bytes, datasets: Sequence[FcsDataset]) -> None:
    """Write a file that reads back as these data sets, or nothing.

    Raises:
        InputError: it does not, or something of its name is there.
        OSError: the folder or the disk does not take it.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mrdkit-", dir=output.parent) as folder:
        candidate = Path(folder) / output.name
        write_bytes(candidate, content)
        _check_same(read_fcs_datasets(candidate), datasets)
        check_free(output)
        candidate.replace(output)


def _check_same(written: Sequence[FcsDataset], datasets: Sequence[FcsDataset]) -> None:
    same = len(written) == len(datasets) and all(
        _is_same(after, before) for after, before in zip(written, datasets, strict=False)
    )
    if not same:
        raise InputError(
            "the rewritten file does not read back as the same data sets, and was not written",
            code="OUTPUT_NOT_EQUAL",
            remedy="report it with the output of `mrdkit flow inspect`",
        )


def _is_same(after: FcsDataset, before: FcsDataset) -> bool:
    channels = [[replace(channel, bits=0) for channel in dataset.channels] for dataset in (after, before)]
    return (
        channels[0] == channels[1]
        and (after.version, after.n_events) == (before.version, before.n_events)
        and after.spillover == before.spillover
        and np.array_equal(data_bytes(after), data_bytes(before))
        and all(
            after.stored_columns([i]).tobytes() == before.stored_columns([i]).tobytes()
            for i in range(len(before.channels))
        )
    )
