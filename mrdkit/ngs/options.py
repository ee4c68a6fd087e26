"""How a tracking is asked for: overlap, substitutions of the tolerant count, bins, measured limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mrdkit.errors import UsageError
from mrdkit.ngs.rules import TrackingRule

__all__ = ["MeasuredLimit", "TrackingOptions", "read_mismatches", "tracking_options"]

_MOST_MISMATCHES = 10
_NONE: Mapping[str, "MeasuredLimit"] = MappingProxyType({})
_NO_LOCUS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLimit:
    """Limits of one target that the vendor or a laboratory measured.

    Attributes:
        unit: of both numbers.
        lod: limit of detection.
        loq: limit of quantitation, at least the former.
        source: who says so.
    """

    unit: Literal["per_million", "per_ml"]
    lod: float
    loq: float
    source: str

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        if not 0.0 < self.lod <= self.loq < float("inf"):
            raise ValueError("limits must be above 0, and loq at least lod")
        if not self.source.strip() or self.source == "poisson":
            raise ValueError("a measured limit names its source")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingOptions:
    """What `track` is asked to do.

    Attributes:
        min_overlap: fewest bases of a match.
        min_bin: targets make the sample's value up to this sensitivity bin.
        max_mismatch: substitutions allowed in the tolerant count.
        by_locus: the same for single loci.
        limits: target id -> measured limits, instead of the rule's.
    """

    min_overlap: int
    min_bin: float
    max_mismatch: int
    by_locus: Mapping[str, int]
    limits: Mapping[str, MeasuredLimit]

    def allowed(self, locus: str) -> int:
        """Return the substitutions allowed in the tolerant count of a locus."""
        return self.by_locus.get(locus, self.max_mismatch)


def tracking_options(
    rule: TrackingRule,
    *,
    min_overlap: int | None = None,
    min_bin: float | None = None,
    max_mismatch: int | Mapping[str, int] | None = None,
    limits: Mapping[str, MeasuredLimit] = _NONE,
) -> TrackingOptions:
    """Return the options of a tracking; what is not given is the rule's.

    Args:
        rule: of tracking.
        min_overlap: at least 1.
        min_bin: between 0 and 1.
        max_mismatch: one number for all loci, or one per locus.
        limits: target id -> measured limits.

    Raises:
        UsageError: an option is out of range.
    """
    allowed = rule.mismatches_at_most if max_mismatch is None else max_mismatch
    options = TrackingOptions(
        min_overlap=rule.overlap_nt_at_least if min_overlap is None else min_overlap,
        min_bin=rule.min_bin_at_most if min_bin is None else min_bin,
        max_mismatch=allowed if isinstance(allowed, int) else 0,
        by_locus=_NO_LOCUS if isinstance(allowed, int) else allowed,
        limits=limits,
    )
    if options.min_overlap < 1:
        raise _out_of_range("min-overlap", "at least 1", options.min_overlap)
    if not 0.0 < options.min_bin < 1.0:
        raise _out_of_range("min-bin", "between 0 and 1", options.min_bin)
    for number in (options.max_mismatch, *options.by_locus.values()):
        if not 0 <= number <= _MOST_MISMATCHES:
            raise _out_of_range("max-mismatch", f"0 to {_MOST_MISMATCHES}", number)
    return options


def read_mismatches(text: str) -> int | dict[str, int]:
    """Read `2`, or `IGH=2,IGK=0`.

    Raises:
        UsageError: it is neither.
    """
    try:
        if "=" not in text:
            return int(text)
        parts = [part.split("=") for part in text.split(",")]
        return {locus.strip(): int(number) for locus, number in parts}
    except ValueError:
        raise _out_of_range("max-mismatch", "a whole number, or LOCUS=NUMBER,...", text) from None


def _out_of_range(name: str, expected: str, found: object) -> UsageError:
    return UsageError(f"{name} is out of range", code="OPTION_RANGE", expected=expected, found=str(found))
