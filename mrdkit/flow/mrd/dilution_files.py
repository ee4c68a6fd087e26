"""A dilution on the disk: tubes as FCS files, then the manifest, and what is doubtful about them.

One normal tube is in memory at a time. The manifest comes last; a call of a tube that an earlier manifest
described otherwise is found by its digest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import MrdkitError, UsageError
from mrdkit.files import check_not_input, write_bytes, write_csv
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs import read_fcs
from mrdkit.flow.mrd.dilution import DilutedTube, diluted
from mrdkit.flow.mrd.dilution_cells import (
    Leukemia,
    NormalTube,
    TransferredCells,
    leukemia_of,
    normal_tube,
    transferred,
)
from mrdkit.flow.mrd.dilution_draw import Series
from mrdkit.flow.mrd.dilution_manifest import (
    MANIFEST,
    ManifestRow,
    check_manifest_free,
    manifest_columns,
    manifest_row,
)
from mrdkit.flow.mrd.limits_record import Remark
from mrdkit.flow.mrd.panel import Panel

__all__ = ["Dilution", "DilutionNormal", "write_dilution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DilutionNormal:
    """A normal tube of a dilution.

    Attributes:
        path: as it was given.
        sha256: digest of its file.
        n_denominator: events of its denominator gate.
        shifts: marker axis -> decades by which the diagnosis tube stands above it.
        n_clipped: of all leukemic cells of the diagnosis tube, those that its scales would cut off.
    """

    path: str
    sha256: str
    n_denominator: int
    shifts: Mapping[str, float]
    n_clipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dilution:
    """What was made.

    Attributes:
        manifest: path of the manifest.
        panel, panel_version: by which leukemic cells and denominators were found.
        dx_sha256: digest of the diagnosis tube.
        n_leukemic_cells: leukemic cells found in it.
        aligned: whether the cells were moved by the shifts.
        normals: in the order of the command line.
        tubes: rows of the manifest.
        flags: doubts about any of the tubes.
        reasons: a sentence for each.
    """

    manifest: str
    panel: str
    panel_version: str
    dx_sha256: str
    n_leukemic_cells: int
    seed: int
    aligned: bool
    normals: tuple[DilutionNormal, ...]
    tubes: tuple[ManifestRow, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def write_dilution(
    diagnosis: Path, normals: Sequence[Path], panel: Panel, series: Series, *, folder: Path, aligned: bool
) -> Dilution:
    """Make the tubes of a series and their manifest in a folder; files of the same names are replaced.

    Raises:
        InputError: a tube cannot be part of the series, or has too few cells for a level.
        UsageError: an output would replace an input or another manifest, or a tube is given twice.
    """
    manifest = folder / MANIFEST
    check_manifest_free(manifest)
    leukemia = _leukemia(diagnosis, panel)
    order = _Order(
        leukemia=leukemia,
        inputs=(diagnosis, *normals),
        panel=panel,
        series=series,
        folder=folder,
        aligned=aligned,
    )
    digests = {leukemia.dataset.sha256: diagnosis}
    parts = [_part(order, number, digests) for number in range(len(normals))]
    rows = tuple(row for part in parts for row in part.rows)
    remarks = [*_source_remarks(leukemia), *(remark for part in parts for remark in part.remarks)]
    write_csv(manifest, manifest_columns(), [row.cells() for row in rows])
    return Dilution(
        manifest=str(manifest),
        panel=panel.rule.id,
        panel_version=panel.rule.version,
        dx_sha256=leukemia.dataset.sha256,
        n_leukemic_cells=len(leukemia.numbers),
        seed=series.seed,
        aligned=aligned,
        normals=tuple(part.normal for part in parts),
        tubes=rows,
        flags=tuple(dict.fromkeys(remark.flag for remark in remarks)),
        reasons=tuple(dict.fromkeys(remark.sentence for remark in remarks)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What is asked for; the first input is the diagnosis tube."""

    leukemia: Leukemia
    inputs: tuple[Path, ...]
    panel: Panel
    series: Series
    folder: Path
    aligned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What was made of one normal tube."""

    normal: DilutionNormal
    rows: tuple[ManifestRow, ...]
    remarks: tuple[Remark, ...]


def _part(order: _Order, number: int, digests: dict[str, Path]) -> _Part:
    """Make the tubes of one normal tube, by its number from 0, and write them."""
    path = order.inputs[number + 1]
    dataset = read_fcs(path)
    _check_new(digests, dataset.sha256, path)
    try:
        normal = normal_tube(dataset, order.panel)
        cells = transferred(order.leukemia, normal, order.panel, aligned=order.aligned)
        tubes = diluted(order.leukemia, normal, cells, order.series, number=number)
        rows = tuple(_written(order, tube, dataset.sha256) for tube in tubes)
    except MrdkitError as error:
        raise error.in_file(path) from None
    return _Part(
        normal=_described(normal, cells, path), rows=rows, remarks=tuple(_normal_remarks(normal, cells, path))
    )


def _leukemia(path: Path, panel: Panel) -> Leukemia:
    tube = read_fcs(path)
    try:
        return leukemia_of(tube, panel)
    except MrdkitError as error:
        raise error.in_file(path) from None


def _check_new(digests: dict[str, Path], digest: str, path: Path) -> None:
    """Refuse a tube that stands twice, whose copies would count as independent."""
    if digests.setdefault(digest, path) is not path:
        raise UsageError(
            "the file was given twice",
            code="FILE_REPEATED",
            file=path,
            found=f"the same bytes as {digests[digest]}",
            remedy="give each tube once",
        )


def _written(order: _Order, tube: DilutedTube, normal_sha256: str) -> ManifestRow:
    path = order.folder / tube.name
    check_not_input(path, order.inputs)
    write_bytes(path, tube.content)
    return manifest_row(
        tube,
        dx_sha256=order.leukemia.dataset.sha256,
        normal_sha256=normal_sha256,
        seed=order.series.seed,
        aligned=order.aligned,
    )


def _described(normal: NormalTube, cells: TransferredCells, path: Path) -> DilutionNormal:
    return DilutionNormal(
        path=str(path),
        sha256=normal.dataset.sha256,
        n_denominator=len(normal.denominator),
        shifts=cells.shifts,
        n_clipped=int(cells.clipped.sum()),
    )


def _source_remarks(leukemia: Leukemia) -> Iterator[Remark]:
    yield from _reading_remarks(leukemia.dataset)
    for flag in leukemia.flags:
        yield Remark(flag, "Leukemic cells were told from the normal cells of the diagnosis tube alone.")
    if leukemia.n_saturated:
        yield Remark(
            "SATURATED_EVENTS",
            f"{leukemia.n_saturated} leukemic cells of the diagnosis tube stand at the top of a scale; their "
            "true values are not known.",
        )


def _normal_remarks(normal: NormalTube, cells: TransferredCells, path: Path) -> Iterator[Remark]:
    yield from _reading_remarks(normal.dataset)
    if not cells.aligned:
        yield Remark("NOT_ALIGNED", "The cells were not moved to where the normal populations stand.")
    for flag in cells.problems:
        yield Remark(flag, f"{path}: its normal populations stand far from those of the diagnosis tube.")
    if cells.other_detectors:
        markers = ", ".join(cells.other_detectors)
        yield Remark("DETECTORS_DIFFER", f"{path}: other detectors than in the diagnosis tube for {markers}.")


def _reading_remarks(dataset: FcsDataset) -> Iterator[Remark]:
    for warning in dataset.warnings:
        yield Remark(warning.code, f"{warning.message}.")
