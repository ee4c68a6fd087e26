"""`mrdkit demo`: a small study of invented patients, so that every command has something to run on.

The same seed gives the same bytes. Every file is made here; nothing is taken from a person.
"""

from pathlib import Path

import numpy as np

from mrdkit.errors import UsageError
from mrdkit.files import sha256_of, write_csv, write_text
from mrdkit.study.demo.clinical import NOTICE, day_of, specimen_of, write_clinical_tables
from mrdkit.study.demo.scenarios import BLINATUMOMAB, INOTUZUMAB, SCENARIOS, Scenario, Visit
from mrdkit.study.demo.sequencing import Clone, leukemic_clones, write_sample
from mrdkit.study.demo.tubes import write_tube
from mrdkit.study.demo.variants import write_vcf

__all__ = ["DEFAULT_PATIENTS", "write_demo"]

DEFAULT_PATIENTS = len(SCENARIOS)
MANIFEST_COLUMNS = (
    "subject_id visit specimen_id specimen_type collected_on assay role path sha256 panel sample replicate"
).split()
LOST_UNDER = {INOTUZUMAB: "CD22", BLINATUMOMAB: "CD19"}
MOST_PATIENTS = 500


def write_demo(directory: Path, *, patients: int = DEFAULT_PATIENTS, seed: int = 1) -> None:
    """Write a synthetic study folder.

    Args:
        directory: a new or empty folder, or one that holds an earlier demo study.
        patients: number of patients; the twelve scenarios repeat with other random numbers.
        seed: seed of all random numbers.

    Raises:
        UsageError: the folder holds something else, or the number of patients is out of range.
    """
    if not 1 <= patients <= MOST_PATIENTS:
        raise UsageError(
            "the number of patients is out of range",
            code="PATIENTS_RANGE",
            expected=f"1 to {MOST_PATIENTS}",
            found=str(patients),
        )
    _require_room(directory)
    cases = [(f"DEMO-{n + 1:02d}", SCENARIOS[n % len(SCENARIOS)]) for n in range(patients)]
    write_text(directory / "README.txt", _readme(cases))
    write_clinical_tables(directory, cases)
    rows = [
        row
        for number, (subject, case) in enumerate(cases)
        for row in _laboratory_files(directory, number, subject, case, np.random.default_rng([seed, number]))
    ]
    write_csv(directory / "manifest.csv", MANIFEST_COLUMNS, rows)


def _require_room(directory: Path) -> None:
    if not directory.exists():
        return
    if not directory.is_dir() or (
        any(directory.iterdir()) and NOTICE not in _text_or_empty(directory / "README.txt")
    ):
        raise UsageError(
            "the folder is not empty",
            code="FOLDER_NOT_EMPTY",
            file=directory,
            expected="a new or empty folder, or an earlier demo study",
            remedy="name another folder",
        )


def _text_or_empty(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _readme(cases: list[tuple[str, Scenario]]) -> str:
    lines = [f"{subject}: {case.shows}" for subject, case in cases]
    return "\n".join([NOTICE, "", "What each invented patient shows:", "", *lines]) + "\n"


def _laboratory_files(
    folder: Path, number: int, subject: str, case: Scenario, rng: np.random.Generator
) -> list[list[object]]:
    clones = leukemic_clones(rng)
    rows: list[list[object]] = []
    for visit in case.visits:
        stem = f"files/{specimen_of(subject, visit.label)}"
        role = "diagnosis" if visit.label == "baseline" else "followup"
        for assay, name in _files_of(folder, stem, case, visit, clones=clones, rng=rng):
            path = folder / name
            specimen = specimen_of(subject, visit.label)
            collected = day_of(number, visit.day)
            rows.append(
                [
                    subject,
                    visit.label,
                    specimen,
                    "BM",
                    collected,
                    assay,
                    role,
                    name,
                    sha256_of(path),
                    "",
                    "",
                    "",
                ]
            )
    return rows


def _files_of(
    folder: Path,
    stem: str,
    case: Scenario,
    visit: Visit,
    *,
    clones: tuple[Clone, ...],
    rng: np.random.Generator,
) -> list[tuple[str, str]]:
    """Write one visit's files and return (assay, path relative to the study) of each."""
    files: list[tuple[str, str]] = []
    if visit.flow_events is not None:
        files.append(("flow_mrd", f"{stem}.fcs"))
        lost = _lost(case, visit)
        write_tube(
            folder / f"{stem}.fcs", events=visit.flow_events, residual=visit.residual, lost=lost, rng=rng
        )
    if visit.cells is not None:
        files.append(("ngs_mrd", f"{stem}.tsv"))
        sequenced = visit.residual if visit.sequenced_residual is None else visit.sequenced_residual
        write_sample(
            folder / f"{stem}.tsv",
            clones=clones,
            residual=sequenced,
            cells=visit.cells,
            calibration=visit.label == "baseline",
            rng=rng,
        )
    if visit.label == "baseline" and case.tp53 is not None:
        files.append(("tp53", f"{stem}.vcf"))
        write_vcf(folder / f"{stem}.vcf", fractions=case.tp53, rng=rng)
    return files


def _lost(case: Scenario, visit: Visit) -> frozenset[str]:
    given = (event for day, event, _ in case.events if day < visit.day)
    return frozenset(LOST_UNDER[event] for event in given if event in LOST_UNDER)
