"""Made-up marrows that differ as patients do, small enough for a background in seconds."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from flow_data import SIMULATED_MARKERS, marrow

from mrdkit.flow import Panel, read_panel
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.background import Background
from mrdkit.flow.mrd.background_building import build_background
from mrdkit.flow.mrd.background_patient import for_patient

__all__ = [
    "DIAGNOSIS",
    "FOLLOW_UP",
    "PANEL",
    "background",
    "blank",
    "blanks",
    "digested",
    "patient",
    "tube",
    "varied",
]

PANEL: Panel = read_panel("b_all_mrd")
#: Enough cells to exclude 1e-4.
FOLLOW_UP: Mapping[str, int] = {
    "t": 60_000,
    "granulocyte": 75_000,
    "monocyte": 8_000,
    "erythroid": 35_000,
    "b": 5_000,
    "hematogone": 3_000,
}
DIAGNOSIS: Mapping[str, int] = {
    "t": 1_500,
    "granulocyte": 1_500,
    "monocyte": 600,
    "erythroid": 900,
    "b": 250,
    "hematogone": 60,
    "blast": 4_000,
}
_BLANK: Mapping[str, int] = {"t": 1_500, "granulocyte": 2_000, "monocyte": 600, "erythroid": 900, "b": 250}
_HEMATOGONES = (60, 100, 160, 250, 400)  # their number differs between marrows
_GAIN = 0.05  # standard deviation between tubes, in decades


def tube(
    counts: Mapping[str, int],
    seed: int,
    *,
    changed: Mapping[str, Mapping[str, float]] | None = None,
    gains: Mapping[str, float] | None = None,
) -> FcsDataset:
    """Return a tube with gains of its own, besides those given, and a digest of its own."""
    drawn = np.random.default_rng(seed).normal(0.0, _GAIN, len(SIMULATED_MARKERS))
    own = {
        name: gain + (gains or {}).get(name, 0.0) for name, gain in zip(SIMULATED_MARKERS, drawn, strict=True)
    }
    return digested(varied(counts, seed=seed, brighter=own, changed=changed))


def varied(counts: Mapping[str, int], **options: Any) -> FcsDataset:
    """Return a tube whose populations are as wide as real ones, so that gates are found in it."""
    return marrow(counts, spread=7.5, scatter_spread=2.0, height_noise=0.02, zero_noise=40.0, **options)


def digested(made: FcsDataset) -> FcsDataset:
    """Return a tube whose digest follows from its values, as a file's does."""
    digest = hashlib.sha256(made.linear().tobytes()).hexdigest()
    return replace(made, digest=lambda: digest)


def blank(number: int) -> FcsDataset:
    """Return one leukemia-free tube."""
    return tube({**_BLANK, "hematogone": _HEMATOGONES[number % len(_HEMATOGONES)]}, 100 + number)


def blanks(n: int = 20) -> Iterator[tuple[str, FcsDataset]]:
    """Yield leukemia-free tubes with their names."""
    for number in range(n):
        yield f"blank-{number}.fcs", blank(number)


@cache
def background() -> Background:
    """Return the background of 20 blanks."""
    return build_background(blanks(), PANEL)


@cache
def patient() -> Background:
    """Return the background made for one patient."""
    return for_patient(background(), PANEL, tube(DIAGNOSIS, 1))
