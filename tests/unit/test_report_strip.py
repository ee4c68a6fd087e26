"""The picture of a quality strip: flagged stretches are dark in it, and every verdict stands beside it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrdkit.flow.mrd.qc_strip import QcCourse, QcStretch, QcStrip, QcVerdict
from mrdkit.report import strip_figure
from mrdkit.report.raster import INK, palette

STRIP = QcStrip(
    unit="s",
    length=180.0,
    n_events=480,
    events=(4,) * 120,
    courses=(QcCourse(channel="CD45 BV510", heights=(0.1,) * 60 + (None,) * 10 + (-0.7,) * 50),),
    stretches=(QcStretch(check="clogs", begins=0.5, ends=0.6),),
    verdicts=(
        QcVerdict(check="time_axis", outcome="passed", sentence="Time rises with the events."),
        QcVerdict(check="clogs", outcome="flagged", sentence="There are 1 slow stretches."),
        QcVerdict(check="debris", outcome="not_assessable", sentence="There is no valley."),
    ),
)


def pixels(strip: QcStrip) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    png = strip_figure(strip, specimen_id="S1", input_sha256="ab" * 32).png
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_every_verdict_stands_on_a_line_of_its_own() -> None:
    figure = strip_figure(STRIP, specimen_id="S1", input_sha256="ab" * 32)
    assert figure.section == "quality"
    assert figure.caption.splitlines()[1:] == [
        "time axis: passed. Time rises with the events.",
        "clogs: FLAGGED. There are 1 slow stretches.",
        "debris: not assessable. There is no valley.",
    ]
    assert "480 events over 180 seconds" in figure.caption


def test_a_flagged_stretch_is_a_dark_bar() -> None:
    row = pixels(STRIP)[8 + 13]
    dark = np.flatnonzero((row == np.array(palette()[INK])).all(axis=1))
    dark = dark[dark > 300]
    assert (dark[0], dark[-1]) == (pytest.approx(985, abs=2), pytest.approx(1122, abs=2))


def test_the_same_strip_gives_the_same_bytes() -> None:
    first, again = (strip_figure(STRIP, specimen_id="S1", input_sha256="ab" * 32) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    "strip",
    [
        replace(STRIP, n_events=0, length=0.0, events=(0,) * 120, courses=(), stretches=(), unit="events"),
        replace(STRIP, courses=(QcCourse(channel="x" * 200, heights=(None,) * 120),)),
        replace(STRIP, stretches=(QcStretch(check="gaps", begins=1.0, ends=1.0),)),
    ],
    ids=["no event", "no value", "last event"],
)
def test_almost_nothing_can_be_drawn(strip: QcStrip) -> None:
    assert pixels(strip).shape[1:] == (1800, 3)
