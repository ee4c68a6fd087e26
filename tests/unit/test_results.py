"""The records are values: frozen, slotted, keyword-only, and their JSON is the contract's."""

import dataclasses
import math
from datetime import date

import pytest

from mrdkit import results
from mrdkit.results import Evidence, FishCall, FishClass, InputDigest, RuleUsed, Specimen, as_json

RECORDS = [
    record
    for name in results.__all__
    if isinstance(record := getattr(results, name), type) and dataclasses.is_dataclass(record)
]


def fish_call() -> FishCall:
    split = FishClass(
        class_="split", n=85, percent=42.5, ci_low=35.5, ci_high=49.7, cutoff=2.35, abnormal=True
    )
    return FishCall(
        specimen=Specimen(subject_id="P1", visit="baseline", specimen_id="S1", collected_on=date(2024, 3, 1)),
        probe_id="CRLF2_BA",
        call="rearranged_split",
        classes=(split,),
        patterns=(),
        n_scored=200,
        n_dropped=0,
        percent=42.5,
        ci_low=35.5,
        ci_high=49.7,
        iscn_2024=None,
        iscn_2020=None,
        flags=(),
        reasons=(),
        evidence=Evidence(
            inputs=(InputDigest(role="counts", sha256="0" * 64),),
            rules=(RuleUsed(id="cutoffs", version="1", source="laboratory"),),
            software_version="0",
        ),
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_is_frozen_slotted_and_keyword_only(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]  # set by dataclass
    assert hasattr(record, "__slots__")
    assert all(field.kw_only for field in dataclasses.fields(record))


def test_a_call_is_flat_json_with_the_contracts_names() -> None:
    document = as_json(fish_call())
    assert isinstance(document, dict)
    assert document["specimen_id"] == "S1"
    assert document["collected_on"] == "2024-03-01"
    assert document["iscn_2024"] is None
    assert document["classes"] == [
        {
            "class": "split",
            "n": 85,
            "percent": 42.5,
            "ci_low": 35.5,
            "ci_high": 49.7,
            "cutoff": 2.35,
            "abnormal": True,
        }
    ]
    assert "specimen" not in document


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), 1j])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        as_json(value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no JSON form"):
        as_json({"fraction": value})
