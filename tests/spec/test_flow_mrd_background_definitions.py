"""States of a flow MRD call whose background is known, as a table that a hematologist can read and correct.

Order of the rows: ALL MRD terms (Hematology 2021:718, Table 1), first match wins. A cluster is 10 events and
more than the limit of blank (LoB); a quantity is 40 events. The fraction is corrected for background and
recall, so that it is not k/N. LoD: the fraction that is detected with 95 % probability.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.flow.mrd.decision import EventRules, Measured, decide
from mrdkit.results import MrdStatus
from mrdkit.stats import Interval

DEFINITIONS = """
    LoB | k    | cells   | fraction  | LoD     | sound | state          | at 1e-4       | why
    ----+------+---------+-----------+---------+-------+----------------+---------------+----------------------------------
      0 |    0 |       0 |  0        | 1e-5    |  yes  | not_evaluable  | not_evaluable | no cell in the denominator
      5 |   60 |  500000 |  1.2e-4   | 3.5e-5  |  yes  | positive       | positive      | above background, 1e-4 and LoQ
      5 |   40 |  500000 |  1e-4     | 3.5e-5  |  yes  | positive       | positive      | exactly LoQ, exactly 1e-4
      5 |   40 |  500000 |  0.9999e-4| 3.5e-5  |  yes  | detected_below | indeterminate | just below 1e-4
      5 |   39 |  300000 |  1.4e-4   | 5.8e-5  |  yes  | detected_below | indeterminate | above 1e-4, below LoQ
      5 |   45 |  500000 |  0.8e-4   | 3.5e-5  |  yes  | detected_below | indeterminate | k/N = 0.9e-4, less background
      5 |   45 |  500000 |  1.1e-4   | 3.5e-5  |  yes  | positive       | positive      | k/N = 0.9e-4, but recall 0.8
      5 |   10 |  500000 |  2e-5     | 3.5e-5  |  yes  | detected_below | indeterminate | exactly the cluster of 10
      5 |    9 |  500000 |  1.8e-5   | 3.5e-5  |  yes  | negative       | negative      | above LoB, but no cluster
     20 |   20 |  500000 |  2e-5     | 6e-5    |  yes  | negative       | negative      | the LoB itself is background
     20 |   21 |  500000 |  2.2e-5   | 6e-5    |  yes  | detected_below | indeterminate | one event above the LoB
     80 |   80 |  500000 |  1.2e-4   | 1.6e-4  |  yes  | insufficient   | indeterminate | many hematogones hide 1e-4
     80 |   81 |  500000 |  1.2e-4   | 1.6e-4  |  yes  | positive       | positive      | and hide no cluster above LoB
      5 |    0 |  500000 |  0        | 1e-4    |  yes  | negative       | negative      | an LoD of exactly 1e-4 is enough
      5 |    0 |  500000 |  0        | 1.001e-4|  yes  | insufficient   | indeterminate | and no more
      0 |    0 |   99999 |  0        | 5e-5    |  yes  | insufficient   | indeterminate | 10 events are 1.00001e-4 of N
      0 |    0 |  100000 |  0        | 5e-5    |  yes  | negative       | negative      | 10 events are exactly 1e-4 of N
      5 |   60 |   50000 |  1.2e-3   | 3.5e-4  |  yes  | positive       | positive      | too few cells hide no cluster
      5 |   12 |   50000 |  2.4e-4   | 3.5e-4  |  yes  | detected_below | indeterminate | too few cells hide no cluster
      5 |    0 |   50000 |  0        | 3.5e-4  |  yes  | insufficient   | indeterminate | too few cells
      5 |    0 |  500000 |  0        | 3.5e-5  |  no   | insufficient   | indeterminate | diluted, or a person must look
      5 |   60 |  500000 |  1.2e-4   | 3.5e-5  |  no   | positive       | positive      | a doubt hides no cluster
      5 |   12 |  500000 |  2.4e-5   | 3.5e-5  |  no   | detected_below | indeterminate | a doubt hides no cluster
"""

RULES = EventRules(
    threshold_at_least_fraction=1e-4,
    lod_at_least_events=10,
    loq_at_least_events=40,
    lineage_at_least_events=100,
)


def known(fraction: float, lob_events: int, lod: float) -> Measured:
    return Measured(fraction=fraction, interval=Interval(0.0, 1.0), lob_events=lob_events, lod=lod)


@pytest.mark.parametrize(
    ("lob", "k", "cells", "fraction", "lod", "sound", "state", "status", "why"), rows(DEFINITIONS)
)
def test_definition(  # noqa: PLR0917 (the columns of the table)
    lob: str, k: str, cells: str, fraction: str, lod: str, sound: str, state: str, status: str, why: str
) -> None:
    decision = decide(
        int(k),
        int(cells),
        RULES,
        representative=sound == "yes",
        measured=known(float(fraction), int(lob), float(lod)),
    )
    assert decision.state == state, why
    assert decision.status == status, why
    if state != "not_evaluable":
        assert decision.lob == int(lob) / int(cells)
        assert decision.fraction == float(fraction)
        assert decision.sensitivity == max(float(lod), 10 / int(cells))


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(1_000, 3_000_000),
    st.floats(0.0, 1e-2),
    st.floats(1e-7, 1e-2),
    st.booleans(),
)
def test_insufficiency_never_hides_a_cluster_and_nothing_else_is_one(  # noqa: PLR0917
    k: int,
    lob: int,
    cells: int,
    fraction: float,
    lod: float,
    sound: bool,  # noqa: FBT001 (a drawn value)
) -> None:
    decision = decide(k, cells, RULES, representative=sound, measured=known(fraction, lob, lod))
    cluster = k >= RULES.lod_at_least_events and k > lob
    assert decision.detected == cluster
    assert (decision.state in {"positive", "detected_below"}) == cluster
    if decision.status is MrdStatus.NEGATIVE:
        assert sound
        assert max(lod, 10 / cells) <= 1e-4
    if decision.status is MrdStatus.POSITIVE:
        assert fraction >= 1e-4
        assert k >= 40
