"""Gates that are found in the data: what a template asks for, what was found, and what was not.

A method sees the display coordinates of its parent's events and nothing else: no order, no identity, no
random number. So the same events give the same gate. What cannot be found is a named outcome and never a
guess. The choices with a clinical meaning stand in the template; numerical settings stand in
reference/flow/data_driven_gates.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.files.rules import STRICT, Rule, checked_dataclass
from mrdkit.flow.gates import Box, Shape

__all__ = [
    "DataGateRules",
    "DensityRules",
    "Found",
    "Method",
    "Missing",
    "Mixture",
    "MixtureRules",
    "Quantile",
    "Reference",
    "Search",
    "Side",
    "Sign",
    "Singlet",
    "SingletRules",
    "Tail",
    "Valley",
    "cut",
]

Side: TypeAlias = Literal["above", "below"]
Sign: TypeAlias = Literal["+", "-"]
#: low <= x < high, None where open: the stretch of an axis that a method looks at.
Search: TypeAlias = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valley:
    """A cut at the deepest minimum of the density between its two highest peaks.

    Attributes:
        side: which side of the cut is the gate.
        search: the stretch of the axis that is looked at; events outside it are not.
        adjust: factor on the bandwidth; None takes the reference's.
        otherwise: the cut where there is no valley; None refuses.
        min_events: fewer events of the parent are refused.
    """

    side: Side
    search: Search
    adjust: float | None
    otherwise: float | None
    min_events: int

    def __post_init__(self) -> None:
        """Refuse what no data could fulfil."""
        _require_events(self.min_events)
        _require_density(self.search, self.adjust)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A cut in a tail of the highest peak: where the density has fallen to `tolerance` of the peak.

    Attributes:
        side: which side of the cut is the gate.
        tail: which tail of the peak is cut.
        tolerance: part of the peak's height, above 0 and below 1.
        search: as for a valley.
        adjust: as for a valley.
        otherwise: the cut where the tail does not end within the search; None refuses.
        min_events: fewer events of the parent are refused.
    """

    side: Side
    tail: Literal["left", "right"]
    tolerance: float
    search: Search
    adjust: float | None
    otherwise: float | None
    min_events: int

    def __post_init__(self) -> None:
        """Refuse what no data could fulfil."""
        _require_events(self.min_events)
        _require_density(self.search, self.adjust)
        _require_share("tolerance", self.tolerance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A cut below which the share `probability` of the parent's events lies."""

    side: Side
    probability: float
    min_events: int

    def __post_init__(self) -> None:
        """Refuse what no data could fulfil."""
        _require_events(self.min_events)
        _require_share("probability", self.probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Singlet:
    """A band around the line of pulse height on pulse area that holds the share `level` of single cells."""

    level: float
    min_events: int

    def __post_init__(self) -> None:
        """Refuse what no data could fulfil."""
        _require_events(self.min_events)
        _require_share("level", self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """An ellipse around the one of `components` normal populations whose mean is nearest to `target`.

    Attributes:
        components: how many populations the parent holds on the two axes.
        target: where the wanted one is expected, in display coordinates.
        quantile: share of a normal population that the ellipse holds.
        min_events: fewer events of the parent are refused.
    """

    components: int
    target: tuple[float, float]
    quantile: float
    min_events: int

    def __post_init__(self) -> None:
        """Refuse what no data could fulfil."""
        _require_events(self.min_events)
        _require_share("quantile", self.quantile)
        if not 1 <= self.components <= _MOST_COMPONENTS:
            raise ValueError(f"components must be 1 to {_MOST_COMPONENTS}, got {self.components}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The shape of another gate, or the quarter of the plane that the cuts of two gates make.

    Attributes:
        gates: path of one gate, or of two that each cut one axis.
        sides: per gate "+" (at or above its cut) or "-" (below), whatever side that gate keeps itself; empty
            takes the one gate's shape as it is.
    """

    gates: tuple[tuple[str, ...], ...]
    sides: tuple[Sign, ...]

    def __post_init__(self) -> None:
        """Refuse sides that do not fit the gates."""
        if len(self.gates) not in {1, 2}:
            raise ValueError("a reference is to one gate or to two")
        if len(self.sides) != len(self.gates) and (self.sides or len(self.gates) > 1):
            raise ValueError('a reference to two gates needs one side ("+" or "-") for each')


Method: TypeAlias = Valley | Tail | Quantile | Singlet | Mixture | Reference

_MOST_COMPONENTS = 12  # of one plane; more are no populations that a person would name


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A shape found in the data, the numbers that describe it, doubts as stable codes, and a sentence."""

    shape: Shape
    figures: Mapping[str, float]
    flags: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What was looked for is not in the data; the fields are those of an error."""

    code: str
    what: str
    expected: str
    found: str
    remedy: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DensityRules:
    """Settings of the density estimate; see the rule file."""

    grid_points: int
    silverman_factor: float
    adjust: float
    bandwidth_at_least_grid_points: float
    gap_share: float
    gap_bandwidths: float
    peak_standard_errors_beyond_chance: float
    floor_part: float
    shallow_valley_more_than_ratio: float


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SingletRules:
    """Settings of the regression; see the rule file."""

    area_bins: int
    ratio_bins: int
    binned_from_quantile: float
    binned_to_quantile: float
    fit_from_area_quantile: float
    fit_to_area_quantile: float
    bisquare_constant: float
    iterations_at_most: int
    tolerance: float


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MixtureRules:
    """Settings of the mixture; see the rule file. Variances are in units of the axes' spread."""

    bins: int
    binned_from_quantile: float
    binned_to_quantile: float
    binned_beyond_ranges: float
    noise_share_at_start: float
    populations_at_start_per_component: int
    iterations_per_start: int
    iterations_at_most: int
    tolerance: float
    smallest_variance: float
    component_at_least_events: int
    ambiguous_target_less_than_ratio: float


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DataGateRules(Rule):
    """The rule file."""

    density: DensityRules
    singlet: SingletRules
    mixture: MixtureRules


def cut(value: float, side: Side | Sign) -> Box:
    """Return the half-line at or above a value, or below it."""
    return Box(bounds=((value, None) if side in {"above", "+"} else (None, value),))


def _require_events(min_events: int) -> None:
    if min_events < 1:
        raise ValueError(f"min_events must be at least 1, got {min_events}")


def _require_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, got {value:g}")


def _require_density(search: Search, adjust: float | None) -> None:
    low, high = search
    if low is not None and high is not None and not low < high:
        raise ValueError(f"the search needs min < max, got min={low:g} max={high:g}")
    if adjust is not None and not adjust > 0.0:
        raise ValueError(f"adjust must be above 0, got {adjust:g}")
