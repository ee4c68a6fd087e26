"""What must hold for every input: one category, no exception, no better answer for worse numbers."""

from dataclasses import fields, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.history import History
from mrdkit.patient.quantities import COUNT_UNITS, PERCENT_UNITS, measure
from mrdkit.patient.reading import Answer
from mrdkit.patient.records import Assessment
from mrdkit.patient.response import classify_response, response_rank

CRITERIA = read_criteria("jabbour2023")
ANSWERS = {
    *("CR", "CRp", "CRi", "CR_OR_CRp", "CR_OR_CRi", "CRp_OR_CRi"),
    *("INDETERMINATE_REMISSION", "NR", "NE", "ERROR"),
}
HISTORY = History(extramedullary=Answer.NO)

cells = st.one_of(
    st.text(max_size=12),
    st.from_regex(
        r"(<=|>=|<|>|)[0-9]{1,4}(\.[0-9]{1,3})?(-[0-9]{1,3})?( ?(/uL|K/uL|%|fraction|10\^9/L))?",
        fullmatch=True,
    ),
    st.sampled_from(["", "Y", "N", "U", "nan", "inf", "-1", "2020-01-22", "2020-02-30", "CNS3", "5", "100"]),
)
assessments = st.builds(Assessment, **{field.name: cells for field in fields(Assessment)})
blasts = st.decimals(0, 100, places=2)
neutrophils = st.decimals(0, 100, places=3)
platelets = st.decimals(0, 5000, places=1)


def row(blast: object, anc: object, plt: object, **other: str) -> Assessment:
    return Assessment(
        subject_id="S1",
        visit="C1",
        blasts_percent=str(blast),
        anc=str(anc),
        platelets=str(plt),
        extramedullary="N",
        **other,
    )


def rank(assessment: Assessment) -> int:
    return response_rank(classify_response(assessment, criteria=CRITERIA, history=HISTORY).response, CRITERIA)


@given(assessment=assessments, baseline=st.booleans(), ended=st.booleans())
def test_any_text_gives_exactly_one_answer(*, assessment: Assessment, baseline: bool, ended: bool) -> None:
    history = History(baseline=baseline, ended=ended, marrow_known=not ended, extramedullary=Answer.NO)
    found = classify_response(assessment, criteria=CRITERIA, history=history)
    assert found.response in ANSWERS
    assert found.responder == {"NR": "N", "NE": found.responder, "ERROR": "NE"}.get(found.response, "Y")
    assert (found.response == "NE") <= (found.responder in ("N", "NE"))


@given(blasts, neutrophils, platelets, neutrophils, platelets)
def test_more_cells_never_worsen(
    blast: Decimal, anc: Decimal, plt: Decimal, more_anc: Decimal, more_plt: Decimal
) -> None:
    higher = row(blast, max(anc, more_anc), max(plt, more_plt))
    assert rank(higher) <= rank(row(blast, anc, plt))


@given(blasts, blasts, neutrophils, platelets)
def test_more_blasts_never_improve(blast: Decimal, more: Decimal, anc: Decimal, plt: Decimal) -> None:
    assert rank(row(max(blast, more), anc, plt)) >= rank(row(blast, anc, plt))


@given(blasts, neutrophils, platelets)
def test_the_unit_does_not_matter(blast: Decimal, anc: Decimal, plt: Decimal) -> None:
    plain = row(blast, anc, plt)
    same = replace(plain, anc_unit="K/uL", platelets_unit="10^3/mm3")
    cells = row(blast, 1000 * anc, 1000 * plt, anc_unit="/uL", platelets_unit="10^6/L")
    answers = [
        classify_response(each, criteria=CRITERIA, history=HISTORY).response for each in (plain, same, cells)
    ]
    assert len(set(answers)) == 1


@given(neutrophils, neutrophils)
def test_a_range_never_says_more_than_its_ends(low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))
    ends = {
        classify_response(row(2, anc, 150), criteria=CRITERIA, history=HISTORY).response
        for anc in (low, high)
    }
    ranged = classify_response(row(2, f"{low}-{high}", 150), criteria=CRITERIA, history=HISTORY).response
    assert ranged == (ends.pop() if len(ends) == 1 else "CR_OR_CRi")


@given(st.decimals(0, 100, allow_nan=False, places=20))
def test_decimals_are_made_from_the_text(value: Decimal) -> None:
    span = measure(f"{value:f}", units=PERCENT_UNITS).span
    assert span is not None
    assert span.exact == value


@given(st.text(max_size=80), st.text(max_size=12))
def test_no_cell_breaks_the_reader(text: str, unit: str) -> None:
    found = measure(text, units=COUNT_UNITS, unit=unit)
    assert (found.span is None) == (found.problem is not None)
