"""A sample of a Vidjil file in the form of every other sample; its counts are reads and carry no MRD."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from mrdkit.ngs.sample import NgsSample, SampleWarning, StatedCells
from mrdkit.ngs.sequences import NO_INDEX, SequenceTable, merged
from mrdkit.ngs.table import Coded
from mrdkit.ngs.vidjil import VidjilClone, vidjil_sample

__all__ = ["read_vidjil_sample"]

_NOT_STATED = float("nan")
_READS = "reads"

T = TypeVar("T")


def read_vidjil_sample(
    path: Path, *, sample_id: str | None, sample: str | None, cells: float | None
) -> NgsSample:
    """Read one sample of a Vidjil file; parameters as in `read_sample`.

    Raises:
        InputError: unreadable, or no such document.
        UsageError: the file holds several samples and none, or another, was named.
    """
    found = vidjil_sample(path, name=sample)
    clones = [clone for clone in found.clones if clone.sequence or clone.window]
    warnings = [
        SampleWarning(code=code, message=message)
        for code, message in zip(found.flags, found.reasons, strict=True)
    ]
    return NgsSample(
        sample_id=sample_id or found.name,
        sha256=found.sha256,
        dialect="vidjil",
        assay_kind="unknown",
        header={"vidjil_json_version": found.format_version, "original_name": found.original_name},
        n_rows=len(found.clones),
        rows=merged(_table(clones)),
        template_source=_READS,
        templates_doubtful=True,
        total_reads=found.total_reads,
        stated=StatedCells(user=cells),
        plasma_ml=None,
        qc_flags=None,
        pipeline_version=None,
        config_version=None,
        warnings=tuple(warnings),
    )


def _table(clones: Sequence[VidjilClone]) -> SequenceTable:
    sequences = [clone.sequence or clone.window or "" for clone in clones]
    anchors = [
        clone.j_start if clone.j_start is not None and clone.j_start < len(sequence) else NO_INDEX
        for clone, sequence in zip(clones, sequences, strict=True)
    ]
    nowhere = np.full(len(clones), NO_INDEX, dtype=np.int32)
    nothing = _coded([_NOT_STATED] * len(clones))
    return SequenceTable(
        bases=np.frombuffer("".join(sequences).encode("ascii"), dtype=np.uint8),
        offsets=np.concatenate(([0], np.cumsum([len(one) for one in sequences]))).astype(np.int64),
        anchors=np.array(anchors, dtype=np.int32),
        d_starts=nowhere,
        d_ends=nowhere,
        templates=np.array([clone.reads for clone in clones], dtype=np.int64),
        vendor_dominant=np.zeros(len(clones), dtype=np.bool_),
        locus=_coded([clone.locus for clone in clones]),
        v=_coded([clone.v for clone in clones]),
        d=_coded([clone.d for clone in clones]),
        j=_coded([clone.j for clone in clones]),
        frame=_coded([None for _ in clones]),
        clone_probability=nothing,
        sensitivity_bin=nothing,
        cell_free_sensitivity_bin=nothing,
    )


def _coded(values: Sequence[T]) -> Coded[T]:
    distinct = tuple(dict.fromkeys(values))
    numbers = {value: number for number, value in enumerate(distinct)}
    return Coded(codes=np.array([numbers[value] for value in values], dtype=np.int32), values=distinct)
