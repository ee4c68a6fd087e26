"""The manifest of a dilution: what each tube that was made holds, one row per file.

It names files by what they are and inputs by their digest: no path, no name of an input, no clock.
"""

import hashlib
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from mrdkit.errors import InputError, UsageError
from mrdkit.files import read_table
from mrdkit.flow.mrd.dilution import DilutedTube

__all__ = ["MANIFEST", "ManifestRow", "check_manifest_free", "manifest_columns", "manifest_row"]

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One tube.

    Attributes:
        file: its name beside the manifest.
        level: leukemic cells per cell of the denominator that were asked for, as written.
        replicate: counted from 1 within a level.
        n_leukemic: cells of the diagnosis tube in it.
        n_denominator: events of the normal tube's denominator gate.
        true_fraction: n_leukemic / n_denominator.
        n_clipped: leukemic cells with a value cut off at an end of its scale.
        sha256, dx_sha256, normal_sha256: digests of the tube and of the two files that it was made of.
        seed: of the series.
        aligned: whether the cells were moved to the normal tube's populations.
    """

    file: str
    level: str
    replicate: int
    n_leukemic: int
    n_denominator: int
    true_fraction: float
    n_clipped: int
    sha256: str
    dx_sha256: str
    normal_sha256: str
    seed: int
    aligned: bool

    def cells(self) -> tuple[str, ...]:
        """Return the row as it is written, truth values as true and false."""
        return tuple(str(value).lower() for value in astuple(self))


def manifest_columns() -> tuple[str, ...]:
    """Return the columns in their order."""
    return tuple(field.name for field in fields(ManifestRow))


def manifest_row(
    tube: DilutedTube, *, dx_sha256: str, normal_sha256: str, seed: int, aligned: bool
) -> ManifestRow:
    """Describe one tube."""
    return ManifestRow(
        file=tube.name,
        level=f"{tube.level:g}",
        replicate=tube.replicate,
        n_leukemic=tube.n_leukemic,
        n_denominator=tube.n_denominator,
        true_fraction=tube.true_fraction,
        n_clipped=tube.n_clipped,
        sha256=hashlib.sha256(tube.content).hexdigest(),
        dx_sha256=dx_sha256,
        normal_sha256=normal_sha256,
        seed=seed,
        aligned=aligned,
    )


def check_manifest_free(path: Path) -> None:
    """Refuse to replace a file that is no manifest of a dilution, such as that of a study.

    Raises:
        UsageError: there is one.
    """
    if not path.exists():
        return
    try:
        read_table(path, required=manifest_columns())
    except InputError:
        raise UsageError(
            "a manifest of another kind would be replaced",
            code="OUTPUT_EXISTS",
            file=path,
            remedy="choose an empty folder",
        ) from None
