"""One picture of a gate as plain values, for whoever draws it: no colours, no file, no plotting library."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["GateView"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GateView:
    """The events of one population on two axes, the gate drawn on them and the target events among them.

    Attributes:
        name: stable name of the view, unique in its panel, fit for a file name.
        title: heading for people.
        x_label: title of the horizontal axis.
        y_label: title of the vertical axis.
        x: (n,) display-scale coordinates of the population's events.
        y: (n,) display-scale coordinates, same order.
        outline: corners of the gate in display coordinates, first corner repeated at the end; empty where the
            view shows a population without a gate.
        highlighted: (n,) True for the panel's target events.
        count: number of highlighted events.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    outline: tuple[tuple[float, float], ...] = field(repr=False)
    highlighted: NDArray[np.bool_] = field(repr=False)
    count: int

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths."""
        if not self.x.shape == self.y.shape == self.highlighted.shape:
            raise ValueError("x, y and highlighted must have one entry per event")
