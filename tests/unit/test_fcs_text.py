"""TEXT: what was written comes back, whatever delimiter stands in it, and empty values swallow nothing."""

import string
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.flow.fcs_text import parse_text

DELIMITERS = "/|\\;!+?^.[\x0c\x1e*"
names = st.text(string.ascii_uppercase + string.digits + "$@ _", min_size=1, max_size=8).filter(
    lambda name: name == name.strip()
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    delimiter = draw(st.sampled_from(DELIMITERS))
    characters = st.sampled_from(delimiter + "ab µ$,\n\0") | st.characters(codec="utf-8")
    values = st.text(characters, min_size=1, max_size=12).filter(
        lambda value: not value.startswith(delimiter)
    )
    return delimiter, draw(st.dictionaries(names, values, min_size=1, max_size=6))


def encoded(delimiter: str, keywords: Mapping[str, str]) -> bytes:
    pairs = (
        f"{key}{delimiter}{value.replace(delimiter, delimiter * 2)}{delimiter}"
        for key, value in keywords.items()
    )
    return (delimiter + "".join(pairs)).encode("utf-8")


@given(written())
def test_escaped_delimiters_come_back(text: tuple[str, dict[str, str]]) -> None:
    delimiter, keywords = text
    segment = parse_text(encoded(delimiter, keywords))
    assert segment.keywords == keywords
    assert not segment.warnings


@given(written(), st.data())
def test_empty_values_beside_escaped_ones_come_back(
    text: tuple[str, dict[str, str]], data: st.DataObject
) -> None:
    delimiter, keywords = text
    emptied = data.draw(st.sampled_from(sorted(keywords)))
    keywords[emptied] = ""
    segment = parse_text(encoded(delimiter, keywords))
    assert segment.keywords == keywords
    assert [warning.code for warning in segment.warnings] == ["TEXT_EMPTY_VALUE"]


READINGS = """
    TEXT                     | keywords                | flags                 | why
    -------------------------+-------------------------+-----------------------+---------------------------------
    /K1/v1/K2/v2/            | K1=v1 K2=v2             |                       | plain
    /K1//K2/v2/              | K1= K2=v2               | TEXT_EMPTY_VALUE      | a keyword has no delimiter
    /K1//K2//K3/v3/          | K1= K2= K3=v3           | TEXT_EMPTY_VALUE      | two in a row
    /K1/a//b/K2/v2/          | K1=a/b K2=v2            |                       | an escaped delimiter
    /K1/a///K2/v2/           | K1=a/ K2=v2             |                       | escaped at the end of a value
    /K1/a//                  | K1=a/                   | TEXT_NOT_TERMINATED   | nothing ends the value
    /K1//                    | K1=                     | TEXT_EMPTY_VALUE      | empty at the very end
    /K1/v1/K2                | K1=v1                   | TEXT_NOT_TERMINATED TEXT_UNPAIRED_KEYWORD | cut
    /k1/V1/ K2 / v2 /        | K1=V1 K2=.v2.           |                       | only keywords change
    /K1/v1/K1/v2/            | K1=v1                   | KEYWORD_REPEATED      | the first value counts
    /K1/v1/K1/v1/            | K1=v1                   |                       | said twice
"""


@pytest.mark.parametrize("row", rows(READINGS), ids=lambda row: row[0])
def test_readings(row: list[str]) -> None:
    text, expected, flags, why = row
    segment = parse_text(text.encode())
    pairs = [pair.split("=") for pair in expected.split()]
    assert segment.keywords == {key: value.replace(".", " ") for key, value in pairs}, why
    assert [warning.code for warning in segment.warnings] == flags.split(), why


def test_padding_behind_the_last_delimiter_is_no_keyword() -> None:
    segment = parse_text(b"/K1/v1/K2/v2/   \0\0  ")
    assert segment.keywords == {"K1": "v1", "K2": "v2"}
    assert not segment.warnings
