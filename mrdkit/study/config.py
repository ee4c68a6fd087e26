"""study.toml: what the study is called and by which rules its files are judged.

Every key is known or an error. A rule is the name of a shipped one or the path of a file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.files import rule_from_toml, unreadable
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["STUDY_FILE", "NgsOptions", "StudyConfig", "Tp53Options", "named_path", "read_config", "rule_of"]

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
        backgrounds: flow panel -> its background file, where none is made of the study's own blanks.
    """

    id: str = Field(min_length=1, max_length=100)
    criteria: str = "jabbour2023"
    probes: str | None = None
    cutoffs: str | None = None
    panel: str | None = None
    notice: str | None = None
    ngs: NgsOptions = NgsOptions()
    tp53: Tp53Options = Tp53Options()
    backgrounds: Mapping[str, str] = Field(default_factory=dict)


def read_config(folder: Path) -> StudyConfig:
    """Read the study.toml of a study's folder.

    Raises:
        RuleError: there is none, or a key is missing, unknown or of the wrong kind.
    """
    return rule_from_toml(folder / STUDY_FILE, StudyConfig)


def named_path(folder: Path, name: str) -> Path:
    """Return a path that a study names: relative to the study's folder, or absolute.

    Laboratory files often stay on the share where the instrument wrote them.

    Raises:
        RuleError: the text is no path that means the same on every system.
    """
    if not name or "\\" in name or "\0" in name:
        raise RuleError(
            "the path cannot be used",
            code="PATH_INVALID",
            found=repr(name[:80]),
            expected="a path with /, relative to the study's folder or absolute",
        )
    return folder / name


def rule_of(folder: Path, kind: str, name: str) -> str | Path:
    """Return a rule as `mrdkit.files.read_rule` takes it: a shipped name, or the path of a file.

    Raises:
        RuleError: no such rule is shipped and there is no such file.
        InputError: the system does not let us look for the file.
    """
    if name.lower() in reference.names(kind):
        return name.lower()
    path = named_path(folder, name)
    try:
        found = path.is_file()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise unreadable(path, error) from None
    if not found:
        raise RuleError(
            f"there is no such {kind} rule",
            code="RULE_UNKNOWN",
            found=repr(name[:80]),
            expected="a file of the study or one of " + ", ".join(reference.names(kind)),
        )
    return path
