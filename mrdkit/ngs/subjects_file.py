"""Which file is whose: the map of a plate, `path, subject_id`."""

from collections.abc import Sequence
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import read_table

__all__ = ["read_subjects"]


def read_subjects(path: Path, files: Sequence[Path]) -> dict[Path, str]:
    """Return file -> subject for every file.

    A path in the map may also be relative to the map, or the name of a file.

    Raises:
        InputError: unreadable, a file stands twice with different subjects, or a file is not in the map.
    """
    table = read_table(path, required=("path", "subject_id"))
    subjects: dict[str, str] = {}
    for row in table.rows:
        name = row.required("path")
        if subjects.setdefault(name, row.required("subject_id")) != row.text("subject_id"):
            raise row.error(
                "a file stands twice with different subjects", code="SUBJECT_CONFLICT", column="path"
            )
    return {file: _subject(file, path, subjects) for file in files}


def _subject(file: Path, path: Path, subjects: dict[str, str]) -> str:
    resolved = {str((path.parent / name).resolve()): subject for name, subject in subjects.items()}
    for found in (subjects.get(str(file)), resolved.get(str(file.resolve())), subjects.get(file.name)):
        if found is not None:
            return found
    raise InputError(
        "a file is not in the map of subjects",
        code="SUBJECT_MISSING",
        file=path,
        found=str(file),
        remedy="add its row: path, subject_id",
    )
