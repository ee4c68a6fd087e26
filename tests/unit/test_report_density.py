"""Density pictures: ten events among a million are seen, and the same events give the same bytes."""

import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mrdkit.flow import GateView
from mrdkit.report import density_figure
from mrdkit.report.raster import DENSITY, DENSITY_STEPS, DOT, palette
from mrdkit.results import GateCount

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
    population, gate = (
        GateCount(id=path[-1], path=path, count=count, percent_of_parent=50.0, percent_of_total=None)
        for path, count in ((("cells",), n), (("cells", "blasts"), gated))
    )
    return GateView(
        section="gating",
        name="blasts",
        title="Blasts",
        x_name="CD10",
        y_name="CD45",
        x_label="CD10",
        y_label="CD45",
        x=x,
        y=y,
        population=population,
        gate=gate,
        outline=outline,
        highlighted=highlighted,
    )


def drawn(png: bytes) -> Picture:
    return Picture(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")))


def test_ten_events_in_a_million_are_seen() -> None:
    figure = density_figure(view(1_000_000, 10), specimen_id="S1", input_sha256="ab" * 32)
    assert drawn(figure.png).share(palette()[DOT]) > 100
    assert figure.caption == (
        "cells: 1,000,000 events, 50.0 % of all events.\nblasts: 10 events, 50.0 % of cells.\n"
        "10 target events as dots over the density (log scale)."
    )
    assert len(figure.png) < LARGEST_PICTURE


def test_no_gated_event_is_no_dot() -> None:
    assert (
        drawn(density_figure(view(10_000, 0), specimen_id="S1", input_sha256="ab" * 32).png).share(
            palette()[DOT]
        )
        == 0
    )


def test_the_same_events_give_the_same_bytes() -> None:
    first, again = (
        density_figure(view(10_000, 20), specimen_id="S1", input_sha256="ab" * 32) for _ in range(2)
    )
    assert first == again


def test_events_without_a_position_are_counted_not_drawn() -> None:
    x = view(100, 5).x.copy()
    x[50], x[51] = np.nan, np.inf
    figure = density_figure(replace(view(100, 5), x=x), specimen_id="S1", input_sha256="ab" * 32)
    assert "2 events without a finite position are not drawn." in figure.caption


def test_in_grey_print_a_dot_is_darker_than_the_densest_place() -> None:
    colours = Image.fromarray(np.array([palette()], dtype=np.uint8))
    grey = np.asarray(colours.convert("L")).ravel().tolist()
    assert grey[DOT] < min(grey[DENSITY : DENSITY + DENSITY_STEPS]) - 30


def test_a_visible_gate_tells_where_the_target_events_stand() -> None:
    figure = density_figure(
        replace(view(2000, 20), section="visible"), specimen_id="S1", input_sha256="ab" * 32
    )
    assert "CD10 above 100 %" in figure.caption
    assert figure.section == "visible"


def test_as_many_positions_as_events() -> None:
    with pytest.raises(ValueError, match="100 events"):
        replace(view(100, 5), x=np.zeros(99, dtype=np.float32))


@pytest.mark.parametrize("n", [0, 1])
def test_almost_nothing_can_be_drawn(n: int) -> None:
    assert drawn(density_figure(view(n, 0), specimen_id="S1", input_sha256="ab" * 32).png).pixels.shape == (
        600,
        600,
        3,
    )
