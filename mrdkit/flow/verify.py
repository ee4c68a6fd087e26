"""Second opinions: what FlowIO and fcsparser read in a file that mrdkit reads too, channel by channel.

Decides which differences are explained. Both readers have known faults (`mrdkit.flow.verify_faults`); a
difference that is one of them is named as such. Every other difference is one that nobody has explained: it
may be ours.

The readers are optional. They print, log, warn and put pieces of the file into their messages; none of it is
let through, and of an exception only its class. They are asked about files that our own reader has accepted.
Source: comparison of the readers over public files; known faults of FlowIO 1.4 and fcsparser 0.2.4.
"""

import contextlib
import importlib.metadata
import io
import logging
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs import read_fcs_datasets
from mrdkit.flow.fcs_chain import read_chain
from mrdkit.flow.fcs_file import FcsFile
from mrdkit.flow.verify_opinion import Opinion, Outcome, compared

__all__ = ["DatasetOpinions", "Verification", "verify_file"]

F64 = NDArray[np.float64]

_REASONS = {
    "READERS_DISAGREE": "A second reader gives other numbers, and none of its known faults explains them.",
    "READER_FAULT_KNOWN": "A second reader gives other numbers, as its known fault makes it.",
    "READER_FAILED": "A second reader could not read a data set and gives no opinion.",
    "READER_NOT_INSTALLED": "A second reader is not installed; pip install 'mrdkit[verify]' adds it.",
    "NO_SECOND_OPINION": "No second reader compared at least one of the data sets.",
}
_COMPARED = ("agrees", "differs")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOpinions:
    """All opinions about one data set."""

    index: int
    n_events: int
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All opinions about one file."""

    sha256: str
    datasets: tuple[DatasetOpinions, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def verify_file(path: Path) -> Verification:
    """Return what the second readers say about every data set of a file.

    Raises:
        InputError: mrdkit's own reader refuses the file.
    """
    datasets = read_fcs_datasets(path)
    starts = [part.start for part in read_chain(FcsFile(path).content)]
    answers = tuple(
        DatasetOpinions(
            index=dataset.index,
            n_events=dataset.n_events,
            opinions=tuple(_opinion(reader, path, dataset, start) for reader in _READERS),
        )
        for dataset, start in zip(datasets, starts, strict=True)
    )
    flags = _flags(answers)
    return Verification(
        sha256=datasets[0].sha256,
        datasets=answers,
        flags=flags,
        reasons=tuple(_REASONS[flag] for flag in flags),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A second reader: `ask(file, start)` returns its stored numbers (n_events, n_channels)."""

    name: str
    ask: Callable[[BinaryIO, int], F64]
    first_only: bool = False


def _ask_flowio(file: BinaryIO, start: int) -> F64:
    import flowio

    answer = flowio.FlowData(
        file, ignore_offset_error=True, ignore_offset_discrepancy=True, nextdata_offset=start
    )
    return np.asarray(answer.as_array(preprocess=False), dtype=np.float64)


class _Swappable(np.ndarray[Any, Any]):
    """An array with the method that numpy 2 took away and fcsparser calls."""

    def newbyteorder(self) -> "_Swappable":
        """Return the same bytes under the other byte order."""
        swapped: _Swappable = self.view(self.dtype.newbyteorder())
        return swapped


def _ask_fcsparser(file: BinaryIO, _start: int) -> F64:
    from fcsparser import api

    def fromfile(file: BinaryIO, dtype: str, count: int) -> _Swappable:
        array: NDArray[Any] = api.fromfile(file, dtype, count)
        return array.view(_Swappable)

    # Its method with another `fromfile` in sight; the module itself stays as it is.
    code = api.FCSParser.read_data.__code__
    read_data = types.FunctionType(code, {**vars(api), "fromfile": fromfile})
    parser = api.FCSParser()
    parser.read_data = types.MethodType(read_data, parser)
    parser.load_file(file)
    data = np.asarray(parser.data)
    if data.dtype.names is None:
        return np.asarray(data, dtype=np.float64)
    columns = [np.asarray(data[name], dtype=np.float64) for name in data.dtype.names]
    return np.column_stack(columns)


_READERS = (
    _Reader(name="flowio", ask=_ask_flowio),
    _Reader(name="fcsparser", ask=_ask_fcsparser, first_only=True),
)


def _opinion(reader: _Reader, path: Path, dataset: FcsDataset, start: int) -> Opinion:
    version = _version(reader.name)
    if version is None:
        message = f"{reader.name} is not installed; pip install 'mrdkit[verify]' adds it"
        return Opinion(reader=reader.name, version=None, outcome="not_installed", message=message)
    if reader.first_only and dataset.index:
        message = f"{reader.name} reads the first data set of a file only"
        return Opinion(reader=reader.name, version=version, outcome="not_applicable", message=message)
    attempt = _Attempt()
    with path.open("rb") as file, _silence(reader.name), attempt:
        attempt.values = reader.ask(file, start)
    if attempt.values is None:
        missing = attempt.failure in {"ImportError", "ModuleNotFoundError"}
        message = (
            f"{reader.name} or something that it needs is not installed; pip install 'mrdkit[verify]' adds it"
            if missing
            else f"{reader.name} failed with {attempt.failure}"
        )
        outcome: Outcome = "not_installed" if missing else "failed"
        return Opinion(reader=reader.name, version=version, outcome=outcome, message=message)
    return compared(reader.name, version, dataset, attempt.values)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


class _Attempt:
    """Keep what a second reader returned, or only the class of what it raised."""

    def __init__(self) -> None:
        self.values: F64 | None = None
        self.failure: str | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self.failure = None if kind is None else _class_name(kind)
        return kind is not None and issubclass(kind, Exception)


def _class_name(kind: type[BaseException]) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


@contextlib.contextmanager
def _silence(name: str) -> Iterator[None]:
    """Let nothing through that a reader prints, logs or warns."""
    loggers = [logging.getLogger(part) for part in (name, f"{name}.api")]
    before = [logger.disabled for logger in loggers]
    nowhere = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.disabled = True
        try:
            yield
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled


def _flags(datasets: Sequence[DatasetOpinions]) -> tuple[str, ...]:
    opinions = [opinion for dataset in datasets for opinion in dataset.opinions]
    differing = [opinion for opinion in opinions if opinion.outcome == "differs"]
    found = {
        "READERS_DISAGREE": any(opinion.known_fault is None for opinion in differing),
        "READER_FAULT_KNOWN": any(opinion.known_fault is not None for opinion in differing),
        "READER_FAILED": any(opinion.outcome == "failed" for opinion in opinions),
        "READER_NOT_INSTALLED": any(opinion.outcome == "not_installed" for opinion in opinions),
        "NO_SECOND_OPINION": any(
            not any(opinion.outcome in _COMPARED for opinion in dataset.opinions) for dataset in datasets
        ),
    }
    return tuple(flag for flag, applies in found.items() if applies)
