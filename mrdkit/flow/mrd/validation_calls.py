"""Results of a dilution series from the calls of its tubes and the manifest of what they hold.

A tube is found by the name and the digest of its file, so that no call of another file counts for it. Every
tube of the manifest has one call by the panel that is validated, and every call belongs to a tube.
"""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table, unreadable
from mrdkit.files.rules import checked_dataclass
from mrdkit.flow.mrd.decision import State
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.validation_table import DilutionTube, level_in, tubes_of

__all__ = ["read_called_dilution"]

_COLUMNS = ("file", "level", "replicate", "sha256")
_OPEN = ConfigDict(extra="ignore", allow_inf_nan=False)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OPEN)
class _Input:
    role: str
    sha256: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OPEN)
class _Evidence:
    inputs: tuple[_Input, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OPEN)
class _Call:
    path: str
    panel: str
    state: State
    fraction: Annotated[float, Field(ge=0.0, le=1.0, strict=True)] | None
    evidence: _Evidence

    def __post_init__(self) -> None:
        if (self.fraction is None) != (self.state == "not_evaluable"):
            raise ValueError("a call has a fraction unless it is not evaluable")

    @property
    def sha256(self) -> str | None:
        return next((own.sha256 for own in self.evidence.inputs if own.role == "followup"), None)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OPEN)
class _Failure:
    path: str
    message: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_OPEN)
class _Calls:
    results: tuple[_Call, ...]
    failures: tuple[_Failure, ...]


def read_called_dilution(calls: Path, manifest: Path, panel: Panel) -> tuple[DilutionTube, ...]:
    """Read the results of a dilution series.

    Args:
        calls: what `mrdkit flow call --json` printed for its tubes.
        manifest: what `mrdkit flow dilute` wrote beside them.
        panel: that called them.

    Raises:
        InputError: a file is damaged, a tube has no call or several, a call belongs to no tube, to another
            file of that name or to another panel.
    """
    table = read_table(manifest, required=_COLUMNS)
    by_name = _by_name(calls, _calls(calls), panel)
    tubes = tubes_of(table, lambda row: _tube(row, by_name, calls))
    foreign = by_name.keys() - {row.text("file") for row in table.rows}
    if foreign:
        raise InputError(
            "a call belongs to no tube of the manifest",
            code="CALL_WITHOUT_TUBE",
            file=calls,
            found=min(foreign),
            expected=f"files of {manifest}",
            remedy="call the tubes of the manifest, and no others",
        )
    return tubes


def _calls(path: Path) -> _Calls:
    try:
        document = json.loads(path.read_bytes())
        return TypeAdapter(_Calls).validate_python(document)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _no_calls(path, ".".join(str(part) for part in first["loc"]), first["msg"]) from None
    except (ValueError, RecursionError) as error:
        raise _no_calls(path, None, str(error)) from None


def _no_calls(path: Path, place: str | None, found: str) -> InputError:
    return InputError(
        "the document does not hold calls",
        code="CALLS_INVALID",
        file=path,
        place=place,
        expected="what `mrdkit flow call --json` prints for several files",
        found=found,
    )


def _by_name(path: Path, calls: _Calls, panel: Panel) -> dict[str, _Call]:
    for failure in calls.failures:
        raise InputError(
            "a tube could not be called", code="TUBE_NOT_CALLED", file=path, found=failure.message
        )
    by_name: dict[str, _Call] = {}
    for call in calls.results:
        if call.panel != panel.rule.id:
            raise InputError(
                "the tubes were called by another panel",
                code="CALLS_OF_OTHER_PANEL",
                file=path,
                expected=panel.rule.id,
                found=call.panel,
            )
        if by_name.setdefault(_name(call.path), call) is not call:
            raise InputError("a tube was called twice", code="TUBE_CALLED_TWICE", file=path, found=call.path)
    return by_name


def _name(path: str) -> str:
    return PurePosixPath(path).name if "/" in path else PureWindowsPath(path).name


def _tube(row: Row, by_name: Mapping[str, _Call], calls: Path) -> DilutionTube:
    call = by_name.get(row.required("file"))
    if call is None:
        raise row.error("the tube has no call", code="TUBE_NOT_CALLED", column="file", expected=f"in {calls}")
    if call.sha256 != row.required("sha256"):
        raise row.error(
            "the call is of another file of this name",
            code="SHA256_MISMATCH",
            column="sha256",
            found=str(call.sha256),
            remedy="call the tubes again",
        )
    return DilutionTube(level=level_in(row), fraction=call.fraction, state=call.state)
