"""The report of one flow tube: the conclusion says all it must in one sentence, the rest stands behind it."""

from dataclasses import replace
from typing import Any

import pytest
from html_pages import Balanced
from report_examples import (
    DETECTION,
    EVIDENCE,
    INSUFFICIENT,
    NEGATIVE,
    NOT_EVALUABLE,
    NOTHING_CALLED,
    figure_of,
    flow_call,
    phenotype_call,
    record_of,
)

from mrdkit.report import Figure, render_patient
from mrdkit.report.flow_wording import flow_conclusion, flow_phenotype, second_opinion, visible_agreement
from mrdkit.report.wording import as_percent
from mrdkit.results import FlowMrdCall, InputDigest


def section_of(call: FlowMrdCall, *figures: Figure) -> str:
    """Return what a reader sees of one tube."""
    page = Balanced(render_patient(record_of(calls=(call,)), figures, study_id="s"))
    return page.text.split("Flow cytometry MRD")[1].split("How to read this")[0]


@pytest.mark.parametrize(
    "call",
    [flow_call(), phenotype_call(), NEGATIVE, INSUFFICIENT, NOT_EVALUABLE],
    ids=["fixed gates", "positive", "negative", "insufficient", "not evaluable"],
)
def test_the_conclusion_stands_first(call: FlowMrdCall) -> None:
    assert section_of(call).strip().startswith(flow_conclusion(call))


@pytest.mark.parametrize("state", ["positive", "detected_below", "insufficient", "negative"])
def test_no_state_but_negative_begins_with_that_word(state: Any) -> None:
    said = flow_conclusion(phenotype_call(state=state))
    assert said.startswith("Negative") == (state == "negative")
    assert said.count(". ") == 0


@pytest.mark.parametrize(
    "row",
    [
        "nucleated cells (N) 443,953",
        "MRD events (k) 102",
        "MRD, % of nucleated cells 0.024",
        "aberrant phenotype like the diagnosis on CD10, CD38, CD58; visible on CD38 / CD58, CD10 / CD58",
        "limit of detection (LOD) 3.6e-5",
        "limit of quantitation (LOQ) 9.9e-5 the smallest fraction that is a reliable number; reached",
    ],
)
def test_the_fields_of_the_euroflow_quality_rounds_are_there(row: str) -> None:
    assert row in section_of(phenotype_call())


@pytest.mark.parametrize(
    "words",
    [
        "limit of blank (LOB) 2.1e-5",
        "blank marrows behind it 84",
        "hematogones 6,419",
        "expected background 3.4",
        "recall, % 91.0",
        "CD19 14,450 yes CD22 12,736 no",
        "CD10 +0.04 -0.35 CD38 -0.12 +0.05 CD58 +0.00 +0.11",
        "their limit of blank in this tube is 11.5 events. Both models agree.",
        (
            "hold 96.1 % of the called events (recall); 87.4 % of the events inside are called (precision). "
            "The gates show what the model called; they decide nothing."
        ),
        "No labelled B-ALL flow MRD file is public",
        "validate its own panel with its own tubes",
        "A cluster of 102 events stands above the limit of blank of 9.3 events. GATES_FOUND_IN_DATA",
        "Reviewed by Date",
    ],
)
def test_what_the_call_rests_on_is_there(words: str) -> None:
    assert words in section_of(phenotype_call())


def test_provisional_limits_are_named_in_words() -> None:
    seen = section_of(NEGATIVE)
    assert "provisional limits" in seen
    assert "PROVISIONAL: 35 blank marrows are too few to claim it" in seen
    assert "rovisional" not in section_of(phenotype_call())
    assert "PROVISIONAL" not in section_of(phenotype_call())


def test_a_tube_that_cannot_be_judged_gives_its_reasons_and_no_quantity() -> None:
    call = replace(NOT_EVALUABLE, provisional=True, detection=DETECTION)
    seen = section_of(call, *(figure_of(section) for section in ("quality", "gating", "visible")))
    assert "CD38 stands 0.61 decades above the reference" in seen
    for absent in ("Counts and limits", "provisional", "section visible", "Boosted trees"):
        assert absent not in seen
    assert "no count in them is a result" in seen
    assert seen.index("CD38 stands") < seen.index("A picture of the section quality")


def test_a_fixed_gate_says_that_no_background_was_measured() -> None:
    seen = section_of(flow_call())
    assert "limit of blank (LOB) \u2013 no background was measured" in seen
    assert "aberrant phenotype the target gate of panel b_all_fixed" in seen
    assert "CD19 6,450 not asked" in seen
    for absent in ("recall", "Boosted trees", "Shifts", "made visible"):
        assert absent not in seen


@pytest.mark.parametrize(
    ("n", "flags", "words"),
    [
        (97, (), "call 97 events; their limit of blank in this tube is 11.5 events. Both models agree."),
        (4, ("SECOND_OPINION_DISAGREES",), "The two models DISAGREE, and a person must look at the tube."),
        (None, (), "There is no second opinion on this tube."),
    ],
)
def test_two_models_that_disagree_ask_for_a_person(n: int | None, flags: tuple[str, ...], words: str) -> None:
    call = phenotype_call(flags=flags, detection=replace(DETECTION, second_opinion_n=n))
    assert second_opinion(call).endswith(words)


def test_a_screening_knows_neither_background_nor_recall() -> None:
    seen = section_of(phenotype_call(detection=replace(DETECTION, method="screening")))
    assert "expected background, recall not known" in seen
    assert "91.0" not in seen
    assert "aberrant phenotype unlike normal marrow on CD10" in seen


def test_without_visible_gates_that_is_said() -> None:
    assert visible_agreement(NOTHING_CALLED) == "Too few events were called to draw gates around them."
    assert flow_phenotype(NEGATIVE) == "like the diagnosis on CD10, CD38, CD58"


def test_pictures_stand_in_their_sections_in_order() -> None:
    figures = [figure_of(section) for section in ("visible", "gating", "quality")]
    seen = section_of(phenotype_call(), *figures)
    places = [seen.index(f"A picture of the section {name}") for name in ("quality", "gating", "visible")]
    assert places == sorted(places)


def test_a_tube_never_shows_the_pictures_of_another_tube_of_its_specimen() -> None:
    other = replace(EVIDENCE, inputs=(InputDigest(role="followup", sha256="ff" * 32),))
    first, second = phenotype_call(), phenotype_call(evidence=other)
    figures = (figure_of("gating"), replace(figure_of("gating", tube="ff" * 32), title="The second tube"))
    page = Balanced(render_patient(record_of(calls=(first, second)), figures, study_id="s"))
    one, two = page.text.split("Flow cytometry MRD")[1:]
    assert "A picture of the section gating" in one
    assert "The second tube" not in one
    assert "The second tube" in two
    assert "A picture of the section gating" not in two


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.44e-4, "0.024"),
        (6.2e-7, "0.000062"),
        (9.96e-4, "0.100"),
        (0.0, "0.0"),
        (0.5, "50.0"),
        (1e-9, "1e-07"),
        (None, "\u2013"),
    ],
)
def test_a_small_percentage_is_written_out(value: float | None, text: str) -> None:
    assert as_percent(value) == text
