"""The real follow-up sample as a point of a series, and beside it the same file without the three targets.

Log10 values: sequencing definitions, section 4.2, measured on these files.
"""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from real_data import real

from mrdkit.ngs import NgsSample, calibrate, load_rules, read_sample, track
from mrdkit.patient.mrd_ngs import ngs_of_call
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.mrd_trend import trends_of
from mrdkit.results import Specimen

RULES = load_rules()


def measured(sample: NgsSample, day: date) -> MrdMeasurement:
    targets = calibrate(read_sample(real("ngs/seanno-vdj/A_BCell_ID.tsv")), subject_id="A", rules=RULES)
    specimen = Specimen(subject_id="A", visit=day.isoformat(), collected_on=day)
    call = track(sample, targets, specimen=specimen, rules=RULES)
    return ngs_of_call(call, day.isoformat()).measurement


def test_the_pair_and_the_same_sample_without_its_targets() -> None:
    sample = read_sample(real("ngs/seanno-vdj/A_BCell_MRD.tsv"))
    few = sample.rows.taken(np.flatnonzero(sample.rows.templates < 182))
    found = measured(sample, date(2024, 3, 1))
    gone = measured(replace(sample, rows=few), date(2024, 4, 1))
    (trend,) = trends_of([gone, found])
    first, second = trend.points
    assert first.log10 == pytest.approx(-3.5646, abs=5e-5)
    assert first.log10_low == pytest.approx(math.log10(241.803e-6), abs=5e-6)
    assert first.log10_high == pytest.approx(math.log10(306.075e-6), abs=5e-6)
    limit = math.log10(2.9957 / 1_045_767.05)
    assert second.state == "not_detected"
    assert second.log10 == pytest.approx(limit, abs=5e-5)
    (step,) = trend.steps
    assert (step.relation, step.intervals_apart) == ("at_most", True)
    assert step.change_log10 == pytest.approx(limit + 3.5646, abs=1e-4)
