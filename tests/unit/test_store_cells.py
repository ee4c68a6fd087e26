"""The text of a row is the canonical JSON of its cells, by whatever way it was put together."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table

from mrdkit.store.canonical import canonical
from mrdkit.store.cells import Row, columns_of, object_text, objects_of, present_of, texts_of
from mrdkit.store.column_types import Bytes, Day, Document, Number, Truth, Whole, Words

KINDS = {
    "word": Words,
    "whole": Whole,
    "number": Number,
    "truth": Truth,
    "day": Day,
    "document": Document,
    "bytes": Bytes,
}
TABLE = Table("t", MetaData(), *(Column(name, kind) for name, kind in KINDS.items()))
DOCUMENTS = st.recursive(
    st.text(max_size=5) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "word": st.none() | st.text(max_size=9),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "number": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "truth": st.none() | st.booleans(),
        "day": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "document": st.none() | DOCUMENTS.map(canonical),
        "bytes": st.none() | st.binary(max_size=9),
    },
)


def taken_apart(row: Row) -> Row:
    """Return a row with its document as a value, every column named."""
    document = row.get("document")
    every = {name: row.get(name) for name in KINDS}
    return {**every, "document": None if document is None else json.loads(document)}


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_the_text_of_a_row_is_its_canonical_json(rows: list[Row]) -> None:
    texts = texts_of(TABLE, columns_of(rows, KINDS))
    whole = [taken_apart(row) for row in rows]
    assert objects_of(texts, texts) == [canonical(row) for row in whole]
    assert [object_text(TABLE, {name: row.get(name) for name in KINDS}) for row in rows] == objects_of(
        texts, texts
    )
    present = [{name: cell for name, cell in row.items() if cell is not None} for row in whole]
    assert present_of(texts, KINDS) == [canonical(row) for row in present]


def test_no_rows_have_no_texts() -> None:
    texts = texts_of(TABLE, columns_of([], KINDS))
    assert objects_of(texts, texts) == present_of(texts, KINDS) == []
