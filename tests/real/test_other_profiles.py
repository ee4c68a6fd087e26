"""The criteria model carries the other profiles of the table: strictness, "or", further categories.

They are written out here only to show that; mrdkit ships `jabbour2023`.
"""

from typing import Any

import pytest
from pydantic import TypeAdapter
from real_data import or_skip, real_rows

from mrdkit.patient.criteria import Criteria, read_criteria
from mrdkit.patient.records import Assessment
from mrdkit.patient.response import classify_response

Limits = dict[str, Any]


def limit(operator: str, value: float) -> Limits:
    return {"operator": operator, "limit_e9_per_l": value}


def category(name: str, neutrophils: Limits | None, platelets: Limits | None, responder: str = "Y") -> Limits:
    return {"name": name, "responder": responder, "neutrophils": neutrophils, "platelets": platelets}


MORE = (limit("more_than", 1), limit("more_than", 100))
AT_LEAST = (limit("at_least", 1), limit("at_least", 100))
HALF = (limit("more_than", 0.5), limit("more_than", 50))
BELOW_5 = {"operator": "less_than", "limit_percent": 5}
UP_TO_5 = {"operator": "at_most", "limit_percent": 5}
PROFILES: dict[str, tuple[Limits, list[Limits]]] = {
    "ELN2024": (BELOW_5, [category("CR", *MORE), category("CRi", None, None)]),
    "INOVATE": (BELOW_5, [category("CR", *AT_LEAST), category("CRi", None, None)]),
    "CIBMTR": (BELOW_5, [category("CR", *AT_LEAST), category("CRi", None, None)]),
    "NCCN": (BELOW_5, [category("CR", *MORE), category("CRh", *HALF), category("CRi", None, None)]),
    "BLINA_CRh": (
        UP_TO_5,
        [category("CR", *MORE), category("CRh", *HALF), category("CRi_OR_HYPOPLASTIC", None, None, "NE")],
    ),
}


def profile(name: str) -> Criteria:
    blasts, categories = PROFILES[name]
    shipped = read_criteria("jabbour2023")
    cells = {field: getattr(shipped, field) for field in shipped.__dataclass_fields__}
    remission = {"marrow_blasts": blasts, "blood_blasts": {"operator": "at_most", "limit_percent": 0}}
    return TypeAdapter(Criteria).validate_python(
        {**cells, "id": name.lower(), "remission": remission, "category": categories}
    )


CASES = [row for row in real_rows("trial/response_cases.csv") if row["profile"] in PROFILES]


@pytest.mark.parametrize("case", or_skip(CASES), ids=lambda case: str(case["case"]))
def test_case_of_another_system(case: dict[str, str]) -> None:
    row = Assessment(
        subject_id="S1",
        visit="C1",
        blasts_percent=case["bm_blast"],
        marrow_evaluable=case["bm_evaluable"],
        anc=case["anc"],
        platelets=case["plt"],
        extramedullary=case["emd"],
        pb_blasts_percent=case["pb_blast_pct"],
    )
    found = classify_response(row, criteria=profile(case["profile"]))
    expected = "NR" if case["expected"] == "NOT_CR" else case["expected"]
    assert (found.response, found.responder) == (expected, case["responder"])


def test_a_profile_may_ask_for_platelets_without_transfusion() -> None:
    shipped = read_criteria("jabbour2023")
    cells = {field: getattr(shipped, field) for field in shipped.__dataclass_fields__}
    strict = TypeAdapter(Criteria).validate_python(
        {**cells, "platelet_transfusion": {"policy": "not_recovered"}}
    )
    row = Assessment(
        subject_id="S1",
        visit="C1",
        marrow_date="2020-01-22",
        blasts_percent="2",
        anc="2",
        platelets="150",
        extramedullary="N",
        platelet_transfusion_date="2020-01-20",
    )
    assert classify_response(row, criteria=shipped).response == "CR"
    assert classify_response(row, criteria=strict).response == "CRp"


@pytest.mark.parametrize(
    "categories",
    [
        [],
        [category("CR", *MORE)],
        [category("CR", *MORE), category("CR", None, None)],
    ],
)
def test_a_profile_must_answer_every_pair_of_counts(categories: list[Limits]) -> None:
    shipped = read_criteria("jabbour2023")
    cells = {field: getattr(shipped, field) for field in shipped.__dataclass_fields__}
    with pytest.raises(ValueError, match=r"categories|last category"):
        TypeAdapter(Criteria).validate_python({**cells, "category": categories})
