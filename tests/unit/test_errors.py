"""A message answers file, place, expected, found, remedy; a class answers the exit code."""

import pickle

import pytest

from mrdkit.errors import InputError, MrdkitError, RuleError, StoreError, UsageError


def full() -> InputError:
    return InputError(
        "the cell is not a date",
        code="DATE_INVALID",
        file="events.csv",
        place="row 3, column date",
        expected="an ISO 8601 date",
        found="'31/3/24'",
        remedy="write 2024-03-31",
    )


def test_the_message_names_everything_in_the_order_a_reader_asks() -> None:
    assert str(full()) == (
        "events.csv, row 3, column date: the cell is not a date; expected an ISO 8601 date; "
        "found '31/3/24'; write 2024-03-31"
    )


def test_a_short_message_has_no_empty_parts() -> None:
    assert str(UsageError("two samples", code="SAMPLE_AMBIGUOUS")) == "two samples"


def test_an_error_survives_the_way_out_of_a_worker() -> None:
    error = full()
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(copy) is InputError
    assert str(copy) == str(error)
    assert copy.code == "DATE_INVALID"


def test_a_file_is_named_once() -> None:
    nameless = UsageError("two samples", code="SAMPLE_AMBIGUOUS").in_file("a.vcf")
    assert str(nameless.in_file("b.vcf")) == "a.vcf: two samples"
    assert type(nameless) is UsageError


@pytest.mark.parametrize(
    ("kind", "code"), [(MrdkitError, 1), (UsageError, 2), (InputError, 3), (RuleError, 3), (StoreError, 5)]
)
def test_one_exit_code_per_class(kind: type[MrdkitError], code: int) -> None:
    assert kind.exit_code == code
