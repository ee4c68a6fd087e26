"""Studies whose flow files have blanks and diagnosis tubes; what a file holds is the caller's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from fcs_files import fcs_bytes
from flow_data import HEALTHY, marrow
from study_folder import file_row, write_study

from mrdkit.flow import FcsDataset
from mrdkit.study.assemble import targeted_by
from mrdkit.study.load import load_study
from mrdkit.study.plan import Entry, plan_study

__all__ = ["BY_PHENOTYPE", "blank_rows", "diagnosis_row", "fcs_of", "planned", "small_marrow", "study_of"]

#: A panel that finds leukemic cells by phenotype.
BY_PHENOTYPE = "b_all_mrd"
_SHARE = 0.12
_TOML = f'id = "T1"\npanel = "{BY_PHENOTYPE}"\n'


def blank_rows(n: int = 20, **cells: str) -> list[dict[str, str]]:
    """Return manifest rows of n donors, none of whom is in subjects.csv."""
    return [
        file_row(f"n{number:02}.fcs", **{"subject_id": f"D{number:02}", "visit": "", "role": "blank"} | cells)
        for number in range(1, n + 1)
    ]


def diagnosis_row(path: str, **cells: str) -> dict[str, str]:
    """Return the manifest row of a diagnosis tube of S1."""
    return file_row(path, **{"visit": "baseline", "role": "diagnosis", "collected_on": "2024-01-02"} | cells)


def study_of(folder: Path, *rows: dict[str, str], toml: str = "", **tables: list[dict[str, str]]) -> Path:
    """Write a study of three subjects; each file says `ok` and its own name, unless it is there."""
    subjects = [{"subject_id": name} for name in ("S1", "S2", "S3")]
    write_study(folder, _TOML + toml, subjects=subjects, manifest=list(rows), **tables)
    for row in rows:
        path = folder / row["path"]
        if not path.exists():
            path.write_text(f"ok {path.name}", encoding="utf-8")
    return folder


def planned(folder: Path) -> dict[str, Entry]:
    """Return the entries of a study by their path."""
    study = load_study(folder)
    return {entry.path: entry for entry in plan_study(study, targeted_by(study))}


def small_marrow(seed: int, extra: Mapping[str, int] | None = None) -> FcsDataset:
    """Return a marrow of 14,000 cells, and `extra`, as wide as gates that are found in the data need."""
    counts = {name: round(_SHARE * count) for name, count in HEALTHY.items()}
    tube = marrow({**counts, **(extra or {})}, seed=seed, spread=5.0, height_noise=0.02)
    return replace(tube, digest=lambda: f"{seed:064x}")


def fcs_of(tube: FcsDataset) -> bytes:
    """Return a made-up tube as an FCS file."""
    matrix = tube.spillover
    assert matrix is not None
    numbers = [len(matrix.channels), *matrix.channels, *(f"{x:g}" for row in matrix.matrix for x in row)]
    labels = {f"$P{channel.index}S": channel.label for channel in tube.channels if channel.label}
    return fcs_bytes(
        [[0.0] * len(tube.channels)] * tube.n_events,
        names=[channel.name for channel in tube.channels],
        keywords={"$SPILLOVER": ",".join(map(str, numbers)), "$TIMESTEP": "0.01", **labels},
        data=tube.linear().astype(np.float32).tobytes(),
        delimiter="|",
    )
