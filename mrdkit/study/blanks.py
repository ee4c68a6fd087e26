"""Which rows of role blank make a panel's limits of blank, and why the others do not.

A blank is one donor without leukemia. Refused are a subject with other files in the manifest, a file that is
also a patient's, a second tube of one donor (its spread would pass for that between donors), a second row of
one content, and every blank of a panel for which study.toml names a ready background.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.study.config import named_path
from mrdkit.study.manifest import ManifestRow
from mrdkit.study.tasks import BlankTube

__all__ = ["Blanks", "sort_blanks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanks:
    """The blanks of each panel in the manifest's order, and the refused rows by number."""

    of_panel: Mapping[str | Path, tuple[BlankTube, ...]]
    refused: Mapping[int, InputError]


def sort_blanks(
    folder: Path,
    rows: Iterable[ManifestRow],
    *,
    ready: Collection[str | Path],
    panel_of: Callable[[ManifestRow], str | Path],
    digest_of: Callable[[ManifestRow], str],
) -> Blanks:
    """Sort the blanks of a manifest by panel.

    Args:
        folder: the study's.
        rows: all rows of the manifest.
        ready: panels with a ready background.
        panel_of: panel of a row of assay flow_mrd; raises InputError.
        digest_of: digest of a row's file; raises InputError.
    """
    rows = tuple(rows)
    patients = _Patients.of(rows, digest_of)
    of_panel: dict[str | Path, list[BlankTube]] = {}
    refused: dict[int, InputError] = {}
    seen: dict[tuple[str | Path, str], int] = {}
    for row in rows:
        if (row.assay, row.role) != ("flow_mrd", "blank"):
            continue
        try:
            panel, digest = panel_of(row), digest_of(row)
            _check(row, digest, patients)
            if panel in ready:
                raise _not_used()
            _check_once(row, panel, digest, seen)
        except InputError as error:
            refused[row.row] = error
            continue
        path = named_path(folder, row.path)
        tube = BlankTube(name=row.path, path=path, sample=row.sample, sha256=digest)
        of_panel.setdefault(panel, []).append(tube)
    return Blanks(of_panel={panel: tuple(tubes) for panel, tubes in of_panel.items()}, refused=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patients:
    """Those who have files that are no blanks: row of a subject, row of a file's content."""

    subjects: Mapping[str | None, int]
    contents: Mapping[str, int]

    @classmethod
    def of(cls, rows: Iterable[ManifestRow], digest_of: Callable[[ManifestRow], str]) -> "_Patients":
        subjects: dict[str | None, int] = {}
        contents: dict[str, int] = {}
        for row in rows:
            if row.role == "blank":
                continue
            subjects.setdefault(row.specimen.subject_id, row.row)
            try:
                contents.setdefault(digest_of(row), row.row)
            except InputError:  # that row's own failure
                continue
        return cls(subjects=subjects, contents=contents)


def _check(row: ManifestRow, digest: str, patients: _Patients) -> None:
    """Refuse a tube of somebody who has leukemia: its cells would be taken for normal ones."""
    place = patients.subjects.get(row.specimen.subject_id) or patients.contents.get(digest)
    if place is not None:
        raise InputError(
            "a blank must come from somebody without leukemia",
            code="BLANK_OF_A_PATIENT",
            found=f"the subject or the file of row {place}",
            remedy="remove the row, or correct its subject, file or role",
        )


def _check_once(
    row: ManifestRow, panel: str | Path, digest: str, seen: dict[tuple[str | Path, str], int]
) -> None:
    """Refuse a donor and a content that an earlier blank of the panel had."""
    for what, key in (("donor", row.specimen.subject_id or ""), ("content", digest)):
        earlier = seen.setdefault((panel, f"{what} {key}"), row.row)
        if earlier != row.row:
            raise InputError(
                f"the blank repeats the {what} of row {earlier}",
                code="BLANK_REPEATED",
                remedy="keep one tube of each donor",
            )


def _not_used() -> InputError:
    return InputError(
        "study.toml names a background for this panel, so that its blanks are not used",
        code="BLANK_NOT_USED",
        remedy="remove the row, or the panel's entry under [backgrounds]",
    )
