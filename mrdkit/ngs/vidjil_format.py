"""The parts of a `.vidjil` document that mrdkit reads, each checked for its kind before anything uses it.

Unknown keys are other programs' and are left alone. Source: the format's public specification (vidjil.org,
"Encoding clones with V(D)J recombinations", 2016b, and its predecessor 2014.10). None of the tool's code is
used here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, Strict, TypeAdapter, ValidationError

from mrdkit.errors import InputError
from mrdkit.files import read_json
from mrdkit.files.rules import checked_dataclass

__all__ = ["Clone", "Document", "read_document"]

_LARGEST = 256 * 1024 * 1024  # bytes
_OTHERS_KEYS = ConfigDict(extra="ignore", allow_inf_nan=False)


def _whole(value: object) -> object:
    """Return 7282.0 as 7282: some programs write every number as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Int: TypeAlias = Annotated[int, Strict(), BeforeValidator(_whole)]
_Count: TypeAlias = Annotated[int, Strict(), Field(ge=0, lt=2**53), BeforeValidator(_whole)]
_Text: TypeAlias = Annotated[str, Strict()]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class _Reads:
    total: tuple[_Count, ...]
    segmented: tuple[_Count, ...]
    germline: Mapping[str, tuple[_Count, ...]] = field(default_factory=dict)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class _Samples:
    number: Annotated[_Count, Field(ge=1, le=10_000)]
    original_names: tuple[_Text, ...]
    names: tuple[_Text, ...] = ()


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class Clone:
    """One clone of all samples.

    Attributes:
        id: the window of the clone, or any other name.
        sequence: consensus sequence; 0 or null where the tool computed none.
        seg: V(D)J designation as written, in the form of its version.
        label: names of the sequences of interest that the clone holds, such as a spike-in.
    """

    id: _Text
    germline: _Text
    reads: tuple[_Count, ...]
    sequence: _Text | Annotated[int, Strict(), Field(ge=0, le=0)] | None = None
    seg: Mapping[str, object] | None = None
    top: _Int | None = None
    label: _Text | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class _Label:
    name: _Text
    copies: object = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class _Config:
    labels: tuple[_Label, ...] = ()


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OTHERS_KEYS)
class Document:
    """One file of one or more samples; every list per sample has `samples.number` members.

    Attributes:
        clusters: lists of clones that a user joined by hand.
    """

    vidjil_json_version: _Text
    samples: _Samples
    reads: _Reads
    clones: tuple[Clone, ...] | None
    clusters: tuple[object, ...] | None = None
    config: _Config = field(default_factory=_Config)

    @property
    def spike_ins(self) -> frozenset[str]:
        """Names of sequences that were added in a known number of copies."""
        return frozenset(label.name for label in self.config.labels if label.copies is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PerSample:
    place: str
    length: int


def read_document(path: Path) -> Document:
    """Read a file and prove that its lists fit its number of samples.

    Raises:
        InputError: unreadable, too large, no JSON, not a `.vidjil` document, or one that contradicts itself.
    """
    content = read_json(path, at_most=_LARGEST)
    if isinstance(content, dict) and "samples" in content and "reads" not in content:
        raise InputError(
            "this is an .analysis file: it holds what a user changed, and no reads",
            code="VIDJIL_ANALYSIS",
            file=path,
            remedy="give the .vidjil file that it belongs to",
        )
    try:
        document = TypeAdapter(Document).validate_python(content)
    except ValidationError as error:
        raise _invalid(path, error) from None
    _check_lengths(path, document)
    _check_ids(path, document.clones or ())
    return document


def _invalid(path: Path, error: ValidationError) -> InputError:
    first = error.errors(include_url=False)[0]
    return InputError(
        "this is not a .vidjil document, or a damaged one",
        code="VIDJIL_INVALID",
        file=path,
        place=".".join(str(part) for part in first["loc"]) or None,
        expected=first["msg"],
        found=repr(first["input"])[:40],
        remedy="export the file again",
    )


def _check_lengths(path: Path, document: Document) -> None:
    number = document.samples.number
    for part in _lengths(document):
        if part.length != number:
            raise InputError(
                "a list does not have one member per sample",
                code="VIDJIL_INVALID",
                file=path,
                place=part.place,
                expected=f"{number} by samples.number",
                found=str(part.length),
                remedy="export the file again",
            )


def _lengths(document: Document) -> tuple[_PerSample, ...]:
    samples, reads = document.samples, document.reads
    lists = {
        "samples.original_names": samples.original_names,
        **({"samples.names": samples.names} if samples.names else {}),
        "reads.total": reads.total,
        "reads.segmented": reads.segmented,
        **{f"reads.germline.{name}": counts for name, counts in reads.germline.items()},
        **{f"clones.{place}.reads": clone.reads for place, clone in enumerate(document.clones or ())},
    }
    return tuple(_PerSample(place=place, length=len(members)) for place, members in lists.items())


def _check_ids(path: Path, clones: tuple[Clone, ...]) -> None:
    seen: dict[str, int] = {}
    for place, clone in enumerate(clones):
        if (first := seen.setdefault(clone.id, place)) != place:
            raise InputError(
                "a clone stands twice",
                code="VIDJIL_INVALID",
                file=path,
                place=f"clones.{place}.id",
                expected="each id once",
                found=f"{clone.id[:40]!r}, as clones.{first}",
            )
