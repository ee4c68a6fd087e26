"""The key of a task: the digest of all that its answer depends on.

That is the bytes of its inputs (a follow-up's calibration file, diagnosis tube and blanks too), its
parameters, the rules that it names and the software's version. Same key, same answer.
"""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

from mrdkit import reference
from mrdkit.errors import InputError
from mrdkit.files import sha256_of, unreadable
from mrdkit.results import Json, as_json
from mrdkit.store import digest_of
from mrdkit.study.tasks import BlankTube, Failure, Limits, Task, failure_of
from mrdkit.version import __version__

__all__ = ["Keys"]

_HASHERS = 4  # threads; hashing waits for the disk

#: Field of a task that says where its answer is written, and so is no part of the question.
_OUTPUT = "output"
#: Field of a task that names a shipped rule -> the kind of rule.
_RULE_KINDS = {"panel": "panels", "policy": "tp53_policies"}


class Keys:
    """Keys of the tasks of one study; every file is hashed once, `paths` at the same time."""

    def __init__(self, paths: Iterable[Path]) -> None:
        paths = tuple(paths)
        with ThreadPoolExecutor(_HASHERS) as pool:
            self._digests = dict(zip(paths, pool.map(_digest_or_failure, paths), strict=True))

    def digest_of(self, path: Path) -> str:
        """Return the digest of a file.

        Raises:
            InputError: it cannot be read.
        """
        if path not in self._digests:
            self._digests[path] = _digest_or_failure(path)
        found = self._digests[path]
        if isinstance(found, Failure):
            raise InputError(found.reason, code=found.code, file=path)
        return found

    def key_of(self, task: Task) -> str:
        """Return the key of a task.

        Raises:
            InputError: one of its files cannot be read.
        """
        parts = {
            field.name: self._part(field.name, getattr(task, field.name))
            for field in fields(task)
            if field.name != _OUTPUT
        }
        return digest_of({"task": type(task).__name__, "version": __version__, **parts})

    def _part(self, name: str, value: object) -> Json:
        """Return a task's field as JSON: a path as its file's digest, a shipped rule with its text's."""
        match value:
            case Path():
                return self.digest_of(value)
            case Limits():
                return value.key or self.digest_of(value.path)
            case BlankTube():
                return [value.name, value.sample, value.sha256]
            case tuple():
                return [self._part(name, item) for item in value]
            case str() if name in _RULE_KINDS:
                text = reference.text(_RULE_KINDS[name], f"{value}.toml")
                return [value, hashlib.sha256(text.encode("utf-8")).hexdigest()]
            case _:
                return as_json(value)


def _digest_or_failure(path: Path) -> str | Failure:
    try:
        if path.exists() and not path.is_file():
            return Failure(code="FILE_UNREADABLE", place=None, reason="the path is no regular file")
        return sha256_of(path)
    except OSError as error:
        return failure_of(unreadable(path, error), file=path.name)
    except InputError as error:
        return failure_of(error, file=path.name)
