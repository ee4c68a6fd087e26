"""Reports: whole pages, every text escaped, the same bytes, and no word that a call did not say."""

from dataclasses import replace
from datetime import date

import pytest
from html_pages import HOSTILE, Balanced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_examples import RECORD, SUBJECT, figure_of, flow_call, measurement, ngs_call, record_of
from strategies.calls import value_of

from mrdkit.patient.records import PatientRecord
from mrdkit.report import Figure, render_cohort, render_patient, report_file_name
from mrdkit.report.wording import fraction
from mrdkit.result_rows import QueryRow


def page_of(record: PatientRecord, *figures: Figure) -> Balanced:
    return Balanced(render_patient(record, figures, study_id="study-1"))


def test_a_page_says_who_what_and_what_is_missing() -> None:
    seen = page_of(RECORD).text
    for words in (
        "P-01",
        "No karyotype result at visit course 1.",
        "345 MRD events of 148,063 nucleated cells, 2.3e-3 (95 % interval 2.1e-3 to 2.6e-3)",
        "Negative at 1e-6 needs 2,995,732 cells without a template; this sample has 1,045,767: too few.",
        "c.524G>A p.(Arg175His)",
        "rearranged_split",
        "46,XX,t(4;11)(q21;q23)[18]/46,XX[2]",
        "validate its own panel",
    ):
        assert words in seen, words


def test_the_same_record_gives_the_same_bytes() -> None:
    assert render_patient(RECORD, (), study_id="s") == render_patient(RECORD, (), study_id="s")


def test_a_notice_stands_on_every_page() -> None:
    notice = "Synthetic data."
    assert notice in render_patient(RECORD, (), study_id="s", notice=notice)
    assert notice in render_cohort((), (RECORD,), study_id="s", notice=notice)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0024, "2.4e-3"),
        (9.96e-4, "1.0e-3"),
        (1e-6, "1.0e-6"),
        (5e-324, "4.9e-324"),
        (0.0, "0"),
        (0.5, "50.0 %"),
    ],
)
def test_a_fraction_is_written_as_hematologists_do(value: float, text: str) -> None:
    assert fraction(value) == text


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(value_of(PatientRecord, st.sampled_from([HOSTILE, "", "</style>", "{{ 7 * 7 }}"])))
def test_no_text_becomes_markup(record: PatientRecord) -> None:
    for page in (
        render_patient(record, (), study_id=HOSTILE, notice=HOSTILE),
        render_cohort((), (record,), study_id=HOSTILE, notice=HOSTILE),
    ):
        found = Balanced(page)
        assert "script" not in found.tags
        assert HOSTILE in found.text


def test_nothing_measured_is_never_called_negative() -> None:
    record = record_of(calls=(), responses=(), mrd=(), not_measured=("No flow MRD result at visit C1.",))
    seen = page_of(record).text.split("How to read this")[0]
    assert "negative" not in seen
    assert "wild_type" not in seen
    assert "No flow MRD result at visit C1." in seen
    assert "not_tested" in seen


def test_a_baseline_sample_is_not_the_latest_residual_disease() -> None:
    diagnosis = measurement("flow", "baseline", date(2024, 1, 2), fraction=0.8, detected=True)
    seen = page_of(record_of(mrd=(diagnosis,))).text
    assert "not_tested no measurement after baseline" in seen


def test_a_cell_free_sample_has_no_value_per_million() -> None:
    call = ngs_call(compartment="cell_free", mrd_per_million=None, mrd_per_ml=12.5)
    assert "12.5 per mL" in page_of(record_of(calls=(call,))).text


def test_a_picture_stands_at_its_own_specimen() -> None:
    figure = replace(figure_of("gating"), caption="345 target events")
    other = replace(figure_of("gating"), specimen_id="S-9", title="Elsewhere")
    seen = page_of(record_of(calls=(flow_call(),)), figure, other).text
    assert "345 target events" in seen
    assert "Elsewhere" not in seen


@pytest.mark.parametrize("subject", ["../../etc/passwd", "a/b", "A B", "a%2Fb", "..", ""])
def test_a_report_stays_in_its_folder(subject: str) -> None:
    name = report_file_name(subject)
    assert "/" not in name
    assert "\\" not in name
    assert name.startswith("patient_")


def test_different_subjects_have_different_files() -> None:
    subjects = ["a/b", "a%2Fb", "a b", "a_b"]
    assert len({report_file_name(subject) for subject in subjects}) == len(subjects)


def test_the_cohort_links_every_patient_and_lists_what_needs_review() -> None:
    query = QueryRow(
        kind="review",
        file=None,
        row=None,
        code="NEEDS_REVIEW",
        subject_id="P-01",
        visit="course 1",
        assay="flow_mrd",
        message="The lineage gate is empty.",
    )
    page = render_cohort((), (RECORD,), (query,), study_id="study-1")
    assert f'href="{report_file_name(SUBJECT.subject_id)}"' in page
    assert "P-01 course 1 flow MRD NEEDS_REVIEW The lineage gate is empty." in Balanced(page).text
