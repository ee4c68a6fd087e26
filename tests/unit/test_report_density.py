"""Density pictures: ten events among a million are seen, and the same events give the same bytes."""

import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mrdkit.flow import GateView
from mrdkit.report import density_figure

DOT = (213, 94, 0)
LARGEST_PICTURE = 60_000  # bytes


@dataclass(frozen=True)
class Picture:
    pixels: NDArray[np.uint8]

    def share(self, colour: tuple[int, int, int]) -> int:
        return int((self.pixels == np.array(colour)).all(axis=2).sum())


def view(n: int, gated: int, seed: int = 1) -> GateView:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.4, 0.1, (2, n)).astype(np.float32)
    x[:gated] = rng.normal(0.9, 0.01, gated)
    highlighted = np.arange(n) < gated
    outline = ((0.8, 0.0), (1.0, 0.0), (1.0, 0.8), (0.8, 0.8), (0.8, 0.0))
    return GateView(
        name="blasts",
        title="Blasts",
        x_label="CD10",
        y_label="CD45",
        x=x,
        y=y,
        outline=outline,
        highlighted=highlighted,
        count=gated,
    )


def drawn(png: bytes) -> Picture:
    return Picture(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")))


def test_ten_events_in_a_million_are_seen() -> None:
    figure = density_figure(view(1_000_000, 10), specimen_id="S1")
    assert drawn(figure.png).share(DOT) > 100
    assert figure.caption.startswith("10 gated events as dots over the density of 1,000,000 events")
    assert len(figure.png) < LARGEST_PICTURE


def test_no_gated_event_is_no_dot() -> None:
    assert drawn(density_figure(view(10_000, 0), specimen_id="S1").png).share(DOT) == 0


def test_the_same_events_give_the_same_bytes() -> None:
    first, again = (density_figure(view(10_000, 20), specimen_id="S1") for _ in range(2))
    assert first == again


def test_events_without_a_position_are_counted_not_drawn() -> None:
    x = view(100, 5).x.copy()
    x[50], x[51] = np.nan, np.inf
    figure = density_figure(replace(view(100, 5), x=x), specimen_id="S1")
    assert "2 events without a finite position are not drawn." in figure.caption


@pytest.mark.parametrize("n", [0, 1])
def test_almost_nothing_can_be_drawn(n: int) -> None:
    assert drawn(density_figure(view(n, 0), specimen_id="S1").png).pixels.shape == (600, 600, 3)
