"""The example patient's pages, byte by byte: a change of a report is seen in review."""

from collections.abc import Callable

import pytest
from report_examples import (
    INSUFFICIENT,
    NEGATIVE,
    NGS_EVOLVED,
    NGS_NO_CELLS,
    NGS_PLASMA,
    NGS_TOO_FEW,
    NOT_EVALUABLE,
    RECORD,
    figure_of,
    phenotype_call,
    record_of,
)

from mrdkit.cohort.summary import summarize
from mrdkit.report import page, render_cohort, render_patient

pytestmark = pytest.mark.golden

NOTICE = "Synthetic data."


@pytest.fixture(autouse=True)
def _version_that_does_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "__version__", "0.0.0")


def test_patient_page(golden: Callable[[str, str], None]) -> None:
    golden("patient.html", render_patient(RECORD, (), study_id="example", notice=NOTICE))


def test_flow_tubes(golden: Callable[[str, str], None]) -> None:
    """A tube of each kind, called by phenotype: positive, negative, too few cells, not evaluable."""
    record = record_of(calls=(phenotype_call(), NEGATIVE, INSUFFICIENT, NOT_EVALUABLE), mrd=(), responses=())
    figures = [figure_of(section) for section in ("quality", "gating", "visible")]
    golden("flow_tubes.html", render_patient(record, figures, study_id="example", notice=NOTICE))


def test_sequencing_samples(golden: Callable[[str, str], None]) -> None:
    """Blood with a sub-clone and a lost target, too few cells, plasma, no denominator."""
    calls = (NGS_EVOLVED, NGS_TOO_FEW, NGS_PLASMA, NGS_NO_CELLS)
    record = record_of(calls=calls, mrd=(), responses=())
    golden("ngs_samples.html", render_patient(record, (), study_id="example", notice=NOTICE))


def test_cohort_page(golden: Callable[[str, str], None]) -> None:
    golden("cohort.html", render_cohort(summarize((RECORD,)), (RECORD,), study_id="example", notice=NOTICE))
