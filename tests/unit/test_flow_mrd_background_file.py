"""Background files: read back exactly; what is damaged, hostile or another's is refused with a name."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blank_tubes import DIAGNOSIS, PANEL, background, blanks, patient, tube
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrdkit.errors import InputError, UsageError
from mrdkit.flow import read_panel
from mrdkit.flow.mrd.background import Background, require_panel
from mrdkit.flow.mrd.background_building import build_background
from mrdkit.flow.mrd.background_file import background_summary, background_text, read_background
from mrdkit.flow.mrd.background_patient import for_patient

pytestmark = pytest.mark.simulated

Document = dict[str, Any]  # a JSON document


@cache
def text() -> str:
    return background_text(patient())


def read(folder: Path, content: str | bytes) -> Background:
    path = folder / "background.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_background(path)


def refusal(folder: Path, content: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder, content)
    assert "background.json" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("made", [background, patient], ids=["screening", "diagnosis"])
def test_a_file_read_and_written_again_is_the_same(made: Callable[[], Background], tmp_path: Path) -> None:
    written = background_text(made())
    again = read(tmp_path, written)
    assert background_text(again) == written
    assert again.blanks == made().blanks
    assert background_summary(again) == background_summary(made())


def test_cells_and_models_have_the_same_bits(tmp_path: Path) -> None:
    made, again = patient(), read(tmp_path, text())
    assert made.reference is not None
    assert again.reference is not None
    assert again.reference.features == made.reference.features
    assert again.reference.landmarks == made.reference.landmarks
    for one, other in zip(made.reference.steps, again.reference.steps, strict=True):
        assert one.dtype == other.dtype == np.int16
        np.testing.assert_array_equal(one, other)
    assert made.patient is not None
    assert again.patient is not None
    assert again.patient.counts == made.patient.counts
    assert again.patient.limit == made.patient.limit
    assert again.patient.phenotype.reach == made.patient.phenotype.reach
    cells = np.random.default_rng(1).normal(1.0, 1.0, (50, 13))
    np.testing.assert_array_equal(
        again.patient.phenotype.blasts.log_density(cells), made.patient.phenotype.blasts.log_density(cells)
    )
    np.testing.assert_array_equal(
        again.patient.opinion.trees.log_odds(cells), made.patient.opinion.trees.log_odds(cells)
    )


def test_the_same_tubes_give_the_same_text() -> None:
    again = for_patient(build_background(blanks(), PANEL), PANEL, tube(DIAGNOSIS, 1))
    assert background_text(again) == text()


def test_the_text_has_no_clock_and_says_what_it_was_made_from() -> None:
    document = json.loads(text())
    assert document["format"] == "mrdkit flow background 1"
    assert document["settings"].startswith("flow_detection 2 ")
    assert [origin["path"] for origin in document["created_from"]] == [f"blank-{n}.fcs" for n in range(20)]
    assert (document["n_blanks"], document["provisional"], document["method"]) == (20, True, "diagnosis")
    assert document["flags"] == ["BACKGROUND_PROVISIONAL"]


# --- damage ------------------------------------------------------------------------------------------------


def packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


def put(value: object, *path: str | int) -> Callable[[Document], None]:
    """Return a change that sets one place of a document."""

    def change(document: Document) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def shortened(*path: str | int) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place: Any = document
        for key in path:
            place = place[key]
        place.pop()

    return change


def truncated(document: Document) -> None:
    cells = document["reference"]["cells"][0]
    whole = base64.b64decode(cells["steps"])
    cells["steps"] = base64.b64encode(whole[: len(whole) // 2]).decode()


REFUSALS = {"BACKGROUND_INVALID", "MIXTURE_INVALID", "TREES_INVALID"}
CELLS = ("reference", "cells", 0)
DAMAGE: Mapping[str, Callable[[Document], None]] = {
    "another format": put("mrdkit flow background 2", "format"),
    "a key too many": put(1, "comment"),
    "other settings": put("flow_detection 0", "settings"),
    "fewer blanks than counted": shortened("blanks"),
    "fewer origins": shortened("created_from"),
    "fewer cells": shortened(*CELLS[:2]),
    "fewer screening counts": shortened("screening", "counts"),
    "fewer counts": shortened("patient", "counts"),
    "fewer tree counts": shortened("patient", "trees_counts"),
    "fewer drifts": shortened("patient", "drift"),
    "fewer means": shortened("reference", "pooled", "means"),
    "a shorter mean": shortened("reference", "pooled", "means", 0),
    "one feature less": shortened("reference", "features"),
    "one fold": put([], "reference", "folds"),
    "no reference": put(None, "reference"),
    "no screening": put(None, "screening"),
    "neither": lambda document: document.update(reference=None, screening=None),
    "an infinite rate": put(float("inf"), "patient", "limit", "alpha"),
    "an unheard-of rate": put(1e300, "patient", "limit", "alpha"),
    "a negative dispersion": put(-0.1, "patient", "limit", "dispersion"),
    "no number": put(float("nan"), "screening", "below"),
    "a landmark that is none": put(float("nan"), "reference", "landmarks", "t_cells", "CD45"),
    "an endless reach": put(float("inf"), "patient", "reach"),
    "a drift of nothing": put(0.0, "patient", "drift", 3),
    "a probability of 1": put(1.0, "patient", "limit", "probability"),
    "a huge number of cells": put(2**31 - 1, *CELLS, "n"),
    "more cells than can be": put(2**40, *CELLS, "n"),
    "no cells": put(0, *CELLS, "n"),
    "one cell too many": lambda document: document["reference"]["cells"][0].update(
        n=document["reference"]["cells"][0]["n"] + 1
    ),
    "a bomb": put({"n": 10, "steps": packed(bytes(50_000_000))}, *CELLS),
    "a bomb that is announced": put({"n": 2_000_000, "steps": packed(bytes(2_000_000 * 26))}, *CELLS),
    "truncated cells": truncated,
    "no base64": put("!!!", *CELLS, "steps"),
    "no zlib": put("QUJD", *CELLS, "steps"),
    "a denominator of 0": put(0, "blanks", 0, "n_denominator"),
    "no digest": put("x", "blanks", 0, "sha256"),
    "another rate in the summary": put(0.5, "alpha"),
    "another count in the summary": put(9, "blanks", 0, "n_target"),
    "another method in the summary": put("screening", "method"),
    "claimed though provisional": lambda document: document.update(provisional=False),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_document_is_refused(damage: str, tmp_path: Path) -> None:
    document = json.loads(text())
    DAMAGE[damage](document)
    error = refusal(tmp_path, json.dumps(document))
    assert error.code in REFUSALS
    assert error.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
        b'{"format": 1}',
    ],
    ids=["empty", "cut", "a list", "null", "no UTF-8", "deep", "a long number", "a number"],
)
def test_what_is_no_document_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path, content).code == "BACKGROUND_INVALID"


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    for length in range(0, len(text()) - 2, len(text()) // 20):
        assert refusal(tmp_path, text()[:length]).code == "BACKGROUND_INVALID"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_background(tmp_path / "missing.json")
    assert caught.value.code == "FILE_MISSING"


def leaves(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the places of a document, long lists by their first and last entries."""
    if isinstance(node, dict):
        items: list[tuple[str | int, Any]] = list(node.items())
    elif isinstance(node, list):
        items = list(enumerate(node))
        items = items if len(items) < 4 else [items[0], items[-1]]
    else:
        return [path]
    return [path, *(leaf for key, child in items for leaf in leaves(child, (*path, key)))]


@cache
def places() -> list[tuple[str | int, ...]]:
    return [path for path in leaves(json.loads(text())) if path]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
    st.lists(st.floats(), max_size=3),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_place_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    document = json.loads(text())
    put(data.draw(VALUES), *data.draw(st.sampled_from(places())))(document)
    assert outcome(tmp_path, json.dumps(document)) in {20, *REFUSALS}


def outcome(folder: Path, content: str) -> int | str:
    """Return the number of blanks, or the code of the refusal."""
    try:
        return len(read(folder, content).blanks)
    except InputError as error:
        return error.code


# --- whose background it is --------------------------------------------------------------------------------


def test_a_background_serves_its_own_panel_only() -> None:
    require_panel(background(), PANEL)
    with pytest.raises(UsageError) as caught:
        require_panel(background(), read_panel("b_all_fixed"))
    assert caught.value.code == "BACKGROUND_OF_OTHER_PANEL"


@pytest.mark.parametrize("change", ["version", "features"])
def test_a_panel_that_changed_since_is_another_one(change: str) -> None:
    made = background()
    assert made.reference is not None
    backwards = replace(made.reference, features=tuple(reversed(made.reference.features)))
    changed = {"version": replace(made, panel_version="0"), "features": replace(made, reference=backwards)}
    with pytest.raises(UsageError, match="another panel"):
        require_panel(changed[change], PANEL)
