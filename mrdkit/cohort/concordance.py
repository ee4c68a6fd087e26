"""Flow beside sequencing over the visits of a cohort: how often they agree, and which way they differ.

Visits before treatment are left out, and what cannot be compared is counted apart. Several visits of one
patient are not independent, so no interval is given. Source of the expected shares:
`reference/mrd/concordance.toml`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from mrdkit.patient.before_treatment import before_treatment_of
from mrdkit.patient.mrd_concordance_findings import ConcordanceRule, concordance_rule
from mrdkit.patient.mrd_records import Agreement, MrdComparison
from mrdkit.patient.records import PatientRecord

__all__ = ["AgreementRow", "agreement_rows"]

_COMPARED: tuple[Agreement, ...] = get_args(Agreement)[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """One way to agree or differ.

    Attributes:
        question: whether both found disease, or the status at the threshold of flow.
        n: visits.
        denominator: visits at which the question can be answered for both; None of those at which not.
        percent: 100 n / denominator, None without a denominator.
        expected: shares of the literature, in percent; empty where there is none.
    """

    question: Literal["disease found", "at the threshold"]
    agreement: Agreement
    n: int
    denominator: int | None
    percent: float | None
    expected: str


def agreement_rows(records: Iterable[PatientRecord]) -> tuple[AgreementRow, ...]:
    """Return both questions, each with every answer; nothing where no visit has both methods."""
    compared = [one for record in records for one in _under_treatment(record)]
    if not compared:
        return ()
    found = _expected(concordance_rule())
    return (
        *_rows("disease found", [one.detection for one in compared], found),
        *_rows("at the threshold", [one.at_threshold for one in compared], {}),
    )


def _under_treatment(record: PatientRecord) -> Iterator[MrdComparison]:
    if not record.mrd_comparisons:
        return
    before = before_treatment_of(record)
    for one in record.mrd_comparisons:
        if not before.holds(one.visit, one.ngs_on or one.flow_on):
            yield one


def _rows(
    question: Literal["disease found", "at the threshold"],
    answers: Iterable[Agreement],
    expected: dict[Agreement, str],
) -> tuple[AgreementRow, ...]:
    counts = Counter(answers)
    total = sum(counts[answer] for answer in _COMPARED)
    compared = (
        AgreementRow(
            question=question,
            agreement=answer,
            n=counts[answer],
            denominator=total,
            percent=100.0 * counts[answer] / total if total else None,
            expected=expected.get(answer, ""),
        )
        for answer in _COMPARED
    )
    left_out = AgreementRow(
        question=question,
        agreement="not_comparable",
        n=counts["not_comparable"],
        denominator=None,
        percent=None,
        expected="",
    )
    return (*compared, left_out)


def _expected(rule: ConcordanceRule) -> dict[Agreement, str]:
    both = "{:g} to {:g} together".format(*rule.concordant_percent)
    return {
        "concordant_positive": both,
        "concordant_negative": both,
        "ngs_only": "{:g} to {:g}".format(*rule.ngs_only_percent),
        "flow_only": f"about {rule.flow_only_percent:g}",
    }
