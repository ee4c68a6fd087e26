"""A sequencing sample's report: cells that a negative needs, limits with their source, sub-clones apart."""

from dataclasses import replace

import pytest
from html_pages import Balanced
from report_examples import EVIDENCE, NGS_EVOLVED, NGS_NO_CELLS, NGS_PLASMA, NGS_TOO_FEW, ngs_call, record_of
from tables import rows

from mrdkit.report import render_patient
from mrdkit.report.ngs_wording import (
    cells_needed,
    lod_with_source,
    ngs_level,
    specimen_note,
    trackable,
)
from mrdkit.results import NgsMrdCall, RuleUsed, Specimen


def text_of(call: NgsMrdCall) -> str:
    record = record_of(calls=(call,), mrd=(), responses=())
    return Balanced(render_patient(record, (), study_id="study-1")).text


CELLS = """
    cells     | sentence
    ----------+-----------------------------------------------------------------
    1045767.1 | this sample has 1,045,767: too few.
    2995732   | this sample has 2,995,732: too few.
    2995733   | this sample has 2,995,733: enough.
    3500000   | this sample has 3,500,000: enough.
              | the cells of this sample are not known.
    0         | the cells of this sample are not known.
"""


@pytest.mark.parametrize(("cells", "sentence"), rows(CELLS))
def test_the_cells_that_a_negative_at_1e_6_needs(cells: str, sentence: str) -> None:
    said = cells_needed(ngs_call(cells=float(cells) if cells else None))
    assert said == f"Negative at 1e-6 needs 2,995,732 cells without a template; {sentence}"


def test_plasma_and_calls_of_another_rule_need_no_number_of_cells() -> None:
    assert cells_needed(NGS_PLASMA) == ""
    own = replace(EVIDENCE, rules=(RuleUsed(id="clonoseq-tracking", version="own", source="laboratory"),))
    assert cells_needed(ngs_call(evidence=own)) == ""


SPECIMENS = """
    specimen         | note
    -----------------+---------------------------
    BM               |
                     |
    PB               | this specimen is blood.
    peripheral blood | this specimen is blood.
    CSF              | this specimen is cerebrospinal fluid.
    swab             | this specimen is swab.
"""


@pytest.mark.parametrize(("specimen", "note"), rows(SPECIMENS))
def test_material_for_which_the_assay_is_not_cleared_in_all(specimen: str, note: str) -> None:
    found = specimen_note(ngs_call(specimen=Specimen(specimen_type=specimen or None)))
    assert found == (f"In ALL the assay is cleared for marrow (FDA K200009, 2020); {note}" if note else "")
    assert specimen_note(NGS_PLASMA).endswith("this specimen is plasma.")


def test_limits_name_their_source_and_bins_their_meaning() -> None:
    target = ngs_call().tracking[0]
    assert lod_with_source(target) == "2.86 (poisson)"
    assert lod_with_source(replace(target, lod=None)) == "\u2013"
    assert lod_with_source(replace(target, lod_source=None)) == "2.86 (source not stated)"
    assert [trackable(replace(target, sensitivity_bin=each)) for each in (1e-6, 1e-4, -1.0, None)] == [
        "1.0e-6",
        "1.0e-4",
        "not trackable",
        "not stated",
    ]


def test_the_headline() -> None:
    assert ngs_level(NGS_TOO_FEW) == "Not detected; the disease is below 2.9e-6 with 95 % confidence"
    assert ngs_level(replace(NGS_TOO_FEW, upper_limit=None)) == "Not detected"
    assert ngs_level(NGS_NO_CELLS) == "Not evaluable"
    assert ngs_level(NGS_PLASMA) == "45.5 per mL"


def test_a_sub_clone_has_its_own_exact_interval() -> None:
    """Garwood at 12: 6.2006 to 20.9616 templates, in 1,045,767 cells."""
    assert "IGHV03-23 12 11.47 [5.93, 20.04]" in text_of(NGS_EVOLVED)
    (clone,) = NGS_EVOLVED.evolved
    bare = replace(clone, ci_low=None, ci_high=None, per_million=None)
    assert "IGHV03-23 12 \u2013 \u2013" in text_of(replace(NGS_EVOLVED, evolved=(bare,)))


def test_the_page_of_a_blood_sample_with_a_sub_clone() -> None:
    seen = text_of(NGS_EVOLVED)
    for words in (
        "They are never part of the MRD value.",
        "Far below the highest target, or lost: 0c1fa3e7b0d4592a",
        "IGLV02-14 61 27.7 % 5.8e-5 no CELLS_0_2PCT",
        "182 190 174.03",
        "not trackable",
        "this specimen is blood.",
        "it does not replace the vendor's report",
    ):
        assert words in seen, words


def test_a_sample_without_sub_clones_has_no_empty_tables() -> None:
    seen = text_of(ngs_call())
    assert "Evolved" not in seen
    assert "Sequences that are no target" not in seen
