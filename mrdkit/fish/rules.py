"""The numbers by which FISH counts are called: `reference/fish/break_apart.toml`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.fish.probes import End

__all__ = ["FishRule", "read_fish_rule"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FishRule(Rule):
    """How nuclei are called.

    Attributes:
        normal_fusions: fusions of a normal nucleus.
        full_at_least_nuclei: with fewer, the result is flagged.
        negative_at_least_nuclei: with fewer, no negative result is reported.
        plain_positive_at_least_nuclei: with fewer, a positive needs its lower confidence limit
            above the cut-off.
        interval_confidence: confidence of the two-sided exact intervals.
        third_reader_p_below: two readers whose Fisher p is below this disagree.
        full_at_least_controls: a cut-off made of fewer normal controls is flagged.
        called_genes: genes whose break-apart patterns are called.
        first_end: gene -> the end that stands first in ISCN, in the order pter to qter.
        x_probes: probes of X alone, of which a man has one.
        y_probes: probes of Y alone.
    """

    normal_fusions: Annotated[int, Field(ge=1)]
    full_at_least_nuclei: int
    negative_at_least_nuclei: int
    plain_positive_at_least_nuclei: int
    interval_confidence: Annotated[float, Field(gt=0.0, lt=1.0)]
    third_reader_p_below: Annotated[float, Field(gt=0.0, lt=1.0)]
    full_at_least_controls: int
    called_genes: Annotated[tuple[str, ...], Field(min_length=1)]
    first_end: dict[str, End]
    x_probes: tuple[str, ...]
    y_probes: tuple[str, ...]


def read_fish_rule(name_or_path: str | Path = "break_apart") -> FishRule:
    """Read a calling rule by its shipped name or from a file.

    Raises:
        RuleError: no such rule, or a value that is missing or wrong.
    """
    return read_rule("fish", name_or_path, FishRule)
