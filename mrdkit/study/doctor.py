"""Whether this installation is whole: versions, compiled kernels, reference data, optional parts."""

import platform
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from typing import Literal

from mrdkit import reference
from mrdkit.version import __version__

__all__ = ["Diagnosis", "Part", "examine"]

#: Distributions that add something where they are installed, and what.
_OPTIONAL = {
    "psycopg": "results in a PostgreSQL database (--db postgresql://...); pip install 'mrdkit[postgresql]'",
}
_REFERENCE = ("criteria", "panels", "tp53_policies")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the installation; `ok` is false where it is needed and missing."""

    kind: Literal["python", "mrdkit", "library", "kernel", "reference", "optional"]
    name: str
    version: str | None
    ok: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Every part; `sound` where all that is needed is there."""

    sound: bool
    parts: tuple[Part, ...]


def examine() -> Diagnosis:
    """Look at every part of the installation; never raises."""
    parts = (
        Part(
            kind="python",
            name=platform.python_implementation(),
            version=platform.python_version(),
            ok=True,
            note=platform.machine(),
        ),
        Part(kind="mrdkit", name="mrdkit", version=__version__, ok=True, note=""),
        *(_library(name) for name in _required()),
        *(_kernel(name) for name in _kernels()),
        *(_reference(kind) for kind in _REFERENCE),
        *(_optional(name, use) for name, use in _OPTIONAL.items()),
    )
    return Diagnosis(sound=all(part.ok for part in parts), parts=parts)


def _required() -> tuple[str, ...]:
    """Return the libraries that mrdkit itself needs, extras left out."""
    try:
        wanted = requires("mrdkit") or []
    except PackageNotFoundError:
        return ()
    return tuple(sorted(_names(line for line in wanted if "extra ==" not in line)))


def _names(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if found := _NAME.match(line):
            yield found.group()


def _library(name: str) -> Part:
    found = _version(name)
    return Part(
        kind="library", name=name, version=found, ok=found is not None, note="" if found else "not installed"
    )


def _optional(name: str, use: str) -> Part:
    return Part(kind="optional", name=name, version=_version(name), ok=True, note=use)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _kernels() -> tuple[str, ...]:
    """Return the kernels that the package must have: each has its contract beside it."""
    contracts = files("mrdkit").joinpath("_ext").iterdir()
    return tuple(sorted(item.name.removesuffix(".pyi") for item in contracts if item.name.endswith(".pyi")))


def _kernel(name: str) -> Part:
    try:
        import_module(f"mrdkit._ext.{name}")
    except ImportError as error:
        note = f"cannot be loaded ({type(error).__name__}); install mrdkit again"
        return Part(kind="kernel", name=name, version=None, ok=False, note=note)
    return Part(kind="kernel", name=name, version=__version__, ok=True, note="compiled")


def _reference(kind: str) -> Part:
    names = reference.names(kind)
    note = ", ".join(names) or "no file is shipped; install mrdkit again"
    return Part(kind="reference", name=kind, version=None, ok=bool(names), note=note)
