"""study.toml: what the study is called and by which rules its files are judged.

Every key is known or an error. A rule is the name of a shipped one or a path inside the study's folder.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.files import rule_from_toml
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["STUDY_FILE", "NgsOptions", "StudyConfig", "Tp53Options", "inside", "read_config", "rule_of"]

#: File that makes a folder a study.
STUDY_FILE = "study.toml"


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NgsOptions:
    """Options of sequencing MRD; where absent, the room's own defaults hold."""

    max_mismatch: int | None = Field(default=None, ge=0)
    min_overlap: int | None = Field(default=None, ge=1)
    min_bin: float | None = Field(default=None, gt=0, lt=1)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Tp53Options:
    """Options of TP53; `policy` is a shipped name or a path.

    Coverage belongs to a sample, so that its BED file stands in the manifest, in the column `coverage`.
    """

    policy: str | None = None
    build: Literal["GRCh37", "GRCh38"] | None = None
    assume_covered: bool = False


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StudyConfig:
    """The content of study.toml.

    Attributes:
        id: the study's name; stands in every table.
        criteria: response criteria profile, shipped or a path.
        probes: FISH probes of the laboratory; needed where there are FISH counts.
        cutoffs: FISH cut-offs of the laboratory; needed where there are FISH counts.
        panel: flow panel of every file whose manifest row names none.
        notice: a sentence that stands on every report, such as that the data are invented.
    """

    id: str = Field(min_length=1, max_length=100)
    criteria: str = "jabbour2023"
    probes: str | None = None
    cutoffs: str | None = None
    panel: str | None = None
    notice: str | None = None
    ngs: NgsOptions = NgsOptions()
    tp53: Tp53Options = Tp53Options()


def read_config(folder: Path) -> StudyConfig:
    """Read the study.toml of a study's folder.

    Raises:
        RuleError: there is none, or a key is missing, unknown or of the wrong kind.
    """
    return rule_from_toml(folder / STUDY_FILE, StudyConfig)


def inside(folder: Path, relative: str) -> Path:
    """Return a path that a study names, which must lie in the study's own folder.

    Links that a person placed in the folder are followed; `..` and absolute paths are not.

    Raises:
        RuleError: the path leads out of the folder.
    """
    named = PurePosixPath(relative)
    if not relative or named.is_absolute() or ".." in named.parts or "\\" in relative or "\0" in relative:
        raise RuleError(
            "the path does not lie in the study's folder",
            code="PATH_OUTSIDE_STUDY",
            found=repr(relative[:80]),
            expected="a relative path with / and without ..",
            remedy="place or link the file inside the study's folder",
        )
    return folder / named


def rule_of(folder: Path, kind: str, name: str) -> str | Path:
    """Return a rule as `mrdkit.files.read_rule` takes it: a shipped name, or a path inside the study.

    Raises:
        RuleError: no such rule is shipped and no such file lies in the study.
    """
    if name.lower() in reference.names(kind):
        return name.lower()
    path = inside(folder, name)
    if not path.is_file():
        raise RuleError(
            f"there is no such {kind} rule",
            code="RULE_UNKNOWN",
            found=repr(name[:80]),
            expected="a file of the study or one of " + ", ".join(reference.names(kind)),
        )
    return path
