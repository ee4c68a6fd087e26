"""The example patient's pages, byte by byte: a change of a report is seen in review."""

from collections.abc import Callable

import pytest
from report_examples import RECORD

from mrdkit.cohort.summary import summarize
from mrdkit.report import page, render_cohort, render_patient

pytestmark = pytest.mark.golden

NOTICE = "Synthetic data."


@pytest.fixture(autouse=True)
def _version_that_does_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "__version__", "0.0.0")


def test_patient_page(golden: Callable[[str, str], None]) -> None:
    golden("patient.html", render_patient(RECORD, (), study_id="example", notice=NOTICE))


def test_cohort_page(golden: Callable[[str, str], None]) -> None:
    golden("cohort.html", render_cohort(summarize((RECORD,)), (RECORD,), study_id="example", notice=NOTICE))
