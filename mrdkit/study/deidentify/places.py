"""Where a study, its new folder and the key file may lie, and how the new folder gets its name.

The key file lies outside of what is given away. Nothing is replaced but an earlier answer of the command, and
that only where it holds no other file.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mrdkit.errors import InputError, UsageError

__all__ = ["FORMAT", "RECORD", "check_places", "count_others", "files_of", "publish", "staging"]

RECORD = "deidentification.json"
FORMAT = "mrdkit deidentified study 1"

_LARGEST_RECORD = 256 * 1024 * 1024  # bytes


def check_places(study: Path, out: Path, key: Path) -> None:
    """Refuse places in which identity could be left or something be lost.

    Raises:
        InputError: there is no such study.
        UsageError: the folders lie in each other, the key in the new one, or that is in use.
    """
    if not study.is_dir():
        raise InputError(
            "there is no such folder", code="STUDY_MISSING", remedy="name the folder that holds study.toml"
        )
    source, target, secret = (path.resolve() for path in (study, out, key))
    if secret.is_relative_to(target):
        raise UsageError(
            "the key file would lie in the folder that is given away",
            code="KEY_INSIDE_OUTPUT",
            remedy="name a file elsewhere with --key",
        )
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise UsageError(
            "the study and the new folder lie in each other",
            code="OUTPUT_IS_INPUT",
            remedy="name another folder with -o",
        )
    if key.is_dir():
        raise UsageError("the key file is a folder", code="KEY_UNWRITABLE", remedy="name a file with --key")
    if out.exists() and not _is_free(out):
        raise UsageError(
            "the new folder holds something else",
            code="FOLDER_NOT_EMPTY",
            expected="a new or empty folder, or an earlier answer of this command",
            remedy="name another folder with -o",
        )


def files_of(folder: Path) -> tuple[str, ...]:
    """Return the paths of all files in a folder, relative to it, sorted."""
    found = (
        Path(root, name).relative_to(folder).as_posix()
        for root, _, names in os.walk(folder)
        for name in names
    )
    return tuple(sorted(found))


def count_others(study: Path, named: Iterable[str]) -> int:
    """Return how many files of a study's folder nothing of the study names."""
    of_study = {os.path.normpath(study / name) for name in named}
    return sum(os.path.normpath(study / name) not in of_study for name in files_of(study))


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Give a new folder beside the place of the new study; it goes again unless it is published.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=".mrdkit-", dir=out.parent)
    except OSError as error:
        raise UsageError(
            "the new folder cannot be written",
            code="OUTPUT_UNWRITABLE",
            found=type(error).__name__,
            remedy="check the permissions and the space left, or name another folder with -o",
        ) from None
    try:
        stage = Path(folder) / "study"
        stage.mkdir()
        yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(stage: Path, out: Path) -> None:
    """Give the finished folder its name, in place of an earlier answer."""
    if out.exists():
        out.rename(stage.parent / "earlier")
    stage.rename(out)


def _is_free(out: Path) -> bool:
    if not out.is_dir():
        return False
    present = set(files_of(out))
    return not present or present <= _recorded(out / RECORD)


def _recorded(path: Path) -> set[str]:
    """Return the files that an earlier answer wrote; none where there is no such answer."""
    try:
        if path.stat().st_size > _LARGEST_RECORD:
            return set()
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return set()
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return set()
    contents = document.get("contents")
    return {RECORD, *map(str, contents)} if isinstance(contents, list) else set()
