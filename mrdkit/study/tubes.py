"""One FCS file as a study reads it: the row's data set, whole, or a named failure."""

from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs

__all__ = ["read_tube", "refuse_damaged"]

#: Flags of an FCS file that was not copied or written whole.
_DAMAGE = frozenset({"CRC_MISMATCH", "DATA_TRUNCATED"})


def read_tube(path: Path, sample: str) -> FcsDataset:
    """Read the data set of a manifest row.

    Args:
        path: the file.
        sample: the row's cell: index of the data set, empty for the only one.

    Raises:
        InputError: the file cannot be read whole.
        UsageError: it holds several data sets and the row names none, or one that is not there.
    """
    dataset = read_fcs(path, _dataset_index(sample))
    refuse_damaged(dataset)
    return dataset


def refuse_damaged(dataset: FcsDataset) -> None:
    """Refuse a file that reads in part: in a study it is to be got again, not to be judged."""
    for warning in dataset.warnings:
        if warning.code in _DAMAGE:
            raise InputError(
                warning.message,
                code=warning.code,
                place="DATA",
                expected=f"{dataset.n_events_declared} events",
                found=f"{dataset.n_events} whole events",
                remedy="export or copy the file again",
            )


def _dataset_index(sample: str) -> int | None:
    if not sample:
        return None
    if not (sample.isascii() and sample.isdigit()):
        raise InputError(
            "the sample of an FCS file is the index of its data set",
            code="SAMPLE_INVALID",
            place="column sample",
            expected="an empty cell or a whole number from 0",
            found=repr(sample[:40]),
        )
    return int(sample)
