"""The time line: a censored value stands at its limit, never at zero; what has no place is listed."""

from datetime import date
from itertools import pairwise

import pytest
from report_examples import RECORD, measurement, record_of

from mrdkit.report.timeline import PLOT_HEIGHT, WIDTH, place_timeline


def test_every_measurement_is_drawn_or_listed() -> None:
    drawn = place_timeline(RECORD)
    assert drawn is not None
    assert len(drawn.points) == 4
    assert drawn.unplaced == ("sequencing, course 3: date unknown (1e-4 negative)",)


def test_what_was_not_detected_is_an_open_mark_at_its_limit() -> None:
    drawn = place_timeline(RECORD)
    assert drawn is not None
    censored = [point for point in drawn.points if point.censored]
    assert [point.title for point in censored] == ["flow, course 3: below 6.8e-05"]
    decades = {tick.text: tick.position for tick in drawn.decades}
    assert decades["1e-4"] < censored[0].y < decades["1e-5"]
    assert censored[0].low is None


def test_a_decade_is_a_seventh_of_the_plot() -> None:
    drawn = place_timeline(RECORD)
    assert drawn is not None
    positions = [tick.position for tick in drawn.decades]
    steps = [upper - lower for upper, lower in pairwise(positions)]
    assert steps == pytest.approx([PLOT_HEIGHT / 7] * 7, abs=0.2)


def test_labels_of_one_row_do_not_touch() -> None:
    drawn = place_timeline(RECORD)
    assert drawn is not None
    assert {label.text for label in drawn.labels} == {"course 1", "InO", "relapse", "CR"}
    rows: dict[float, list[tuple[float, float]]] = {}
    for label in drawn.labels:
        width = 6.4 * len(label.text)
        start = label.x if label.anchor == "start" else label.x - width
        rows.setdefault(label.y, []).append((start, start + width))
    for spans in rows.values():
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert spans[-1][1] <= WIDTH


def test_one_measurement_is_enough_and_nothing_is_nothing() -> None:
    one = record_of(
        events=(),
        responses=(),
        mrd=(measurement("flow", "C1", date(2024, 2, 4), fraction=1e-3, detected=True),),
    )
    drawn = place_timeline(one)
    assert drawn is not None
    assert len(drawn.points) == 1
    assert place_timeline(record_of(events=(), responses=(), mrd=())) is None
