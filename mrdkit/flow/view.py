"""One picture of a gate as plain values, for whoever draws it: no colours, no file, no plotting library."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.results import GateCount

__all__ = ["GateView"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GateView:
    """The events of one population on two axes, the gate drawn on them and the target events among them.

    Attributes:
        section: "gating" for a step of the panel's gating, "visible" for a gate around the target events.
        name: stable name of the view, unique in its tube, fit for a file name.
        title: heading for people.
        x_name: marker of the horizontal axis.
        y_name: marker of the vertical axis.
        x_label: title of the horizontal axis: its marker and how its numbers came about.
        y_label: title of the vertical axis.
        x: (n,) display-scale coordinates of the population's events; not finite where an event has no place.
        y: (n,) display-scale coordinates, same order.
        population: the population that is shown.
        gate: the gate drawn on it; None where the view shows a population without a gate.
        outline: corners of the gate in display coordinates, first corner repeated at the end; empty where
            there is no gate, or none with an outline in this plane.
        highlighted: (n,) True for the target events.
    """

    section: Literal["gating", "visible"]
    name: str
    title: str
    x_name: str
    y_name: str
    x_label: str
    y_label: str
    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    population: GateCount
    gate: GateCount | None
    outline: tuple[tuple[float, float], ...] = field(repr=False)
    highlighted: NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse arrays that are not one entry per event of the population."""
        shapes = {self.x.shape, self.y.shape, self.highlighted.shape}
        if shapes != {(self.population.count,)}:
            raise ValueError(f"{self.population.count} events but arrays of shape {shapes}")

    @property
    def count(self) -> int:
        """Number of target events in the population."""
        return int(np.count_nonzero(self.highlighted))
