"""The entries of a gating template whose gates are found in the data, and what they ask for.

Every choice with a clinical meaning is a required key: the side of a cut, the tail, the share, the target,
the smallest number of events that a gate may be found in. Only numerical settings have a default, in
reference/flow/data_driven_gates.toml. A reference looks at no events and asks for no number of them.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.adaptive import Mixture, Quantile, Reference, Side, Sign, Singlet, Tail, Valley

__all__ = [
    "DataGateEntry",
    "GateName",
    "MixtureEntry",
    "Name",
    "QuantileEntry",
    "ReferenceEntry",
    "SingletEntry",
    "TailEntry",
    "ValleyEntry",
]

Name: TypeAlias = Annotated[str, Field(min_length=1)]
#: "!" before a gate's name means its complement, so that no name may begin with it.
GateName: TypeAlias = Annotated[str, Field(min_length=1, pattern="^[^!]")]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ValleyEntry:
    """A cut at the valley of one axis' density, looked for between `min` and `max`."""

    kind: Literal["valley"]
    name: GateName
    parent: Name | None = None
    axis: Name
    side: Side
    min: float | None = None
    max: float | None = None
    adjust: float | None = None
    otherwise: float | None = None
    min_events: int

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return (self.axis,)

    def method(self) -> Valley:
        """Return what is looked for."""
        return Valley(
            side=self.side,
            search=(self.min, self.max),
            adjust=self.adjust,
            otherwise=self.otherwise,
            min_events=self.min_events,
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TailEntry:
    """A cut in a tail of the highest peak of one axis' density, looked for between `min` and `max`."""

    kind: Literal["tail"]
    name: GateName
    parent: Name | None = None
    axis: Name
    side: Side
    tail: Literal["left", "right"]
    tolerance: float
    min: float | None = None
    max: float | None = None
    adjust: float | None = None
    otherwise: float | None = None
    min_events: int

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return (self.axis,)

    def method(self) -> Tail:
        """Return what is looked for."""
        return Tail(
            side=self.side,
            tail=self.tail,
            tolerance=self.tolerance,
            search=(self.min, self.max),
            adjust=self.adjust,
            otherwise=self.otherwise,
            min_events=self.min_events,
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuantileEntry:
    """A cut at a quantile of one axis."""

    kind: Literal["quantile"]
    name: GateName
    parent: Name | None = None
    axis: Name
    side: Side
    probability: float
    min_events: int

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return (self.axis,)

    def method(self) -> Quantile:
        """Return what is looked for."""
        return Quantile(side=self.side, probability=self.probability, min_events=self.min_events)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SingletEntry:
    """A band around the line of pulse height on pulse area."""

    kind: Literal["singlet"]
    name: GateName
    parent: Name | None = None
    area: Name
    height: Name
    level: float
    min_events: int

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return (self.area, self.height)

    def method(self) -> Singlet:
        """Return what is looked for."""
        return Singlet(level=self.level, min_events=self.min_events)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MixtureEntry:
    """An ellipse around the population nearest to a target on two axes."""

    kind: Literal["mixture"]
    name: GateName
    parent: Name | None = None
    axes: tuple[Name, Name]
    components: int
    target: tuple[float, float]
    quantile: float
    min_events: int

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return self.axes

    def method(self) -> Mixture:
        """Return what is looked for."""
        return Mixture(
            components=self.components, target=self.target, quantile=self.quantile, min_events=self.min_events
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReferenceEntry:
    """The shape of a gate declared above, or the quarter that the cuts of two make, under another parent."""

    kind: Literal["reference"]
    name: GateName
    parent: Name | None = None
    axes: Annotated[tuple[Name, ...], Field(min_length=1)]
    gates: Annotated[tuple[Name, ...], Field(min_length=1)]
    sides: tuple[Sign, ...] = ()

    @property
    def axes_used(self) -> tuple[str, ...]:
        """Return the axes in the order of the gate's dimensions."""
        return self.axes

    def method(self, paths: tuple[tuple[str, ...], ...]) -> Reference:
        """Return what is referred to; `paths` are those of `gates`."""
        return Reference(gates=paths, sides=self.sides)


DataGateEntry: TypeAlias = (
    ValleyEntry | TailEntry | QuantileEntry | SingletEntry | MixtureEntry | ReferenceEntry
)
