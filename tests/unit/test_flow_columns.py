"""Which column a marker means, in the spellings of different laboratories."""

import pytest
from flow_data import dataset
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow.columns import column_of, denotes
from mrdkit.flow.strategy import Dimension

SPELLINGS = """
    label                   | marker       | same
    ------------------------+--------------+------
    CD19                    | CD19         | yes
    CD19 PE-Cy7             | CD19         | yes
    CD19-PECy7              | CD19         | yes
    CD19_PE-Cy7             | CD19         | yes
    CD19PECy7               | CD19         | yes
    cd19:pe-cy7             | CD19         | yes
    anti-CD19               | CD19         | yes
    Anti CD19 BV421-A       | CD19         | yes
    PE-Cy7 CD19             | CD19         | yes
    PE-Cy7-A CD19           | CD19         | yes
    CD19/PE-Cy7             | CD19         | yes
    CD19 (PE-Cy7)           | CD19         | yes
    CD45 KrO                | CD45         | yes
    CD34 PerCP-Cy5.5        | CD34         | yes
    CD34 PerCP-Cy5-5-A      | CD34         | yes
    CD38 APC-R700           | CD38         | yes
    CD10 APC-A              | CD10         | yes
    CD20 Pacific Blue       | CD20         | yes
    CD3 BUV395              | CD3          | yes
    Viability eFluor780     | Viability    | yes
    7-AAD                   | 7-AAD        | yes
    CD66c+CD123 PE          | CD66c+CD123  | yes
    CD123+CD66c PE          | CD66c+CD123  | yes
    CD66c/CD123             | CD66c+CD123  | yes
    HLA-DR V500             | HLA-DR       | yes
    HLA-DR BV510            | HLADR        | yes
    HLA-DR clone L243       | HLA-DR       | no
    CD66c+CD123 PE          | CD66c        | no
    CD66c PE                | CD66c+CD123  | no
    CD34 APC                | CD3          | no
    CD45RA FITC             | CD45         | no
    CD45-RA FITC            | CD45         | no
    CD1a-PC7                | CD1          | no
    CD1a-PC7                | CD1a         | yes
    CD79a PE                | cCD79a       | no
    PE-Cy7                  | CD19         | no
"""


@pytest.mark.parametrize(("label", "marker", "same"), rows(SPELLINGS))
def test_spelling(label: str, marker: str, same: str) -> None:
    assert denotes(label, marker) == (same == "yes")


def axis(name: str, by: str = "marker", *further: str) -> Dimension:
    assert by in {"marker", "channel"}
    return Dimension(
        name=name,
        by="marker" if by == "marker" else "channel",
        spellings=(name, *further),
        compensation="FCS",
        transform=None,
    )


def test_the_label_decides_even_where_the_channel_name_says_something_else() -> None:
    tube = dataset([[0.0, 0.0]], ("CD19-A", "PE-A"), labels=("CD3 FITC", "CD19 PE"))
    assert column_of(tube, axis("CD19")) == 1


def test_a_channel_without_label_may_carry_the_marker_in_its_name() -> None:
    assert column_of(dataset([[0.0, 0.0]], ("CD19 PE-A", "CD3 FITC-A")), axis("CD3")) == 1


def test_a_further_spelling_of_the_laboratory_is_accepted() -> None:
    tube = dataset([[0.0]], ("APC-H7-A",), labels=("Live Dead stain",))
    assert column_of(tube, axis("Viability", "marker", "Live Dead stain")) == 0


@pytest.mark.parametrize(
    ("labels", "code"),
    [(("CD19 PE", "CD19 APC"), "MARKER_AMBIGUOUS"), (("CD20 PE", "CD3 APC"), "MARKER_MISSING")],
)
def test_two_answers_and_no_answer_are_errors(labels: tuple[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        column_of(dataset([[0.0, 0.0]], ("A", "B"), labels=labels), axis("CD19"))
    assert caught.value.code == code
    assert "CD19" in str(caught.value)


def test_a_repeated_channel_name_is_ambiguous() -> None:
    tube = dataset([[0.0, 0.0]], ("FL1", "FL1_2"), text={"$P1N": "FL1", "$P2N": "FL1"})
    with pytest.raises(InputError) as caught:
        column_of(tube, axis("FL1", "channel"))
    assert caught.value.code == "CHANNEL_AMBIGUOUS"
