"""Which colour is which end of the gene: the laboratory's probe registry, PROBES.toml.

Red and green say nothing by themselves; with the map the other way round a P2RY8::CRLF2-like deletion becomes
an atypical loss. The map is therefore required and has no default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from mrdkit.errors import InputError, RuleError
from mrdkit.files import rule_from_toml, sha256_of
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["End", "Probe", "ProbeRegistry", "read_probes"]

End: TypeAlias = Literal["3prime", "5prime"]
_Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Probe:
    """One dual-colour break-apart probe: the end of the gene that each colour marks."""

    gene: _Text
    kind: Literal["break_apart"]
    red: End
    green: End
    source: _Text
    vendor: str | None = None
    catalog: str | None = None
    lot: str | None = None
    band: str | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _ProbesFile:
    probe: Annotated[dict[str, Probe], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRegistry:
    """The probes of one laboratory by their id, and the sha256 of the file they come from."""

    probes: Mapping[str, Probe]
    sha256: str

    def probe(self, probe_id: str) -> Probe:
        """Return one probe.

        Raises:
            InputError: PROBE_UNKNOWN.
        """
        if probe_id not in self.probes:
            raise InputError(
                "the probe is not registered",
                code="PROBE_UNKNOWN",
                expected="one of " + ", ".join(self.probes),
                found=repr(probe_id[:40]),
                remedy="add it to the probe registry with its colour map",
            )
        return self.probes[probe_id]


def read_probes(path: Path) -> ProbeRegistry:
    """Read PROBES.toml.

    Raises:
        RuleError: a missing colour map, an unknown key or kind, or both colours on one end.
    """
    probes = rule_from_toml(path, _ProbesFile).probe
    for name, probe in probes.items():
        if probe.red == probe.green:
            raise RuleError(
                "both colours mark the same end",
                code="COLOUR_MAP_INVALID",
                file=path,
                place=f"probe.{name}",
                expected="red and green on different ends",
                found=f"both {probe.red}",
            )
    return ProbeRegistry(probes=probes, sha256=sha256_of(path))
