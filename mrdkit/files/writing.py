"""Files appear whole or not at all: written beside their place, then renamed into it."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mrdkit.errors import UsageError

__all__ = ["check_not_input", "write_bytes", "write_csv", "write_text", "writing_to"]


def check_not_input(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that would replace an input.

    Raises:
        UsageError: they are one file.
    """
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UsageError(
            "the output would replace the input",
            code="OUTPUT_IS_INPUT",
            file=output,
            remedy="choose another name",
        )


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Name what the system says where it does not let us write.

    Raises:
        UsageError: the path cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            "the output cannot be written",
            code="OUTPUT_UNWRITABLE",
            file=path,
            found=error.strerror or type(error).__name__,
            remedy="check the permissions and the space left, or name another place",
        ) from error


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write `content` so that a reader, or a crash, never meets half a file; a private one is its owner's.

    Raises:
        UsageError: the path cannot be written.
    """
    with writing_to(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(0o600 if private else 0o644)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text with line feeds, whole or not at all."""
    write_bytes(path, content.encode("utf-8"))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one table as CSV with line feeds, whole or not at all."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, buffer.getvalue())
