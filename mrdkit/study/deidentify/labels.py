"""Labels of a tube in which a person may be named: free text that the FCS policy keeps.

A label that looks like a name, a number of a person, a date or a path leaves the tube out, wherever else it
stands. A word that names no known marker, dye or detector may be a marker of the laboratory's own: it stays
and is flagged, for a person to look at.
"""

import re
from collections.abc import Iterable, Iterator

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset
from mrdkit.flow.deidentify_policy import Policy, family_of
from mrdkit.flow.deidentify_scan import is_generic_word

__all__ = ["LABEL_UNKNOWN", "has_unknown_labels", "refuse_identifying_labels"]

LABEL_UNKNOWN = "LABEL_UNKNOWN"

_WORD = re.compile(r"[^\W\d_]{4,}")
_IDENTIFIES = re.compile(
    r"[@^\\]|\d{5}|\d{4,}-\d{3}|\d{3}-\d{4}|\d{1,4}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}-[A-Za-z]{3}-\d{2,4}"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|\b(MRN|DOB|SSN|UPN|PID)"
)
_NAMES = 2  # unknown words with a capital, which together look like a name


def refuse_identifying_labels(datasets: Iterable[FcsDataset], policy: Policy) -> None:
    """Refuse a tube with a label that looks like a person's.

    Raises:
        InputError: there is one; the error does not repeat it.
    """
    for family, text in _labels(datasets, policy):
        names = [word for word in _unknown(text, policy) if word.istitle()]
        if _IDENTIFIES.search(text) or len(names) >= _NAMES:
            raise InputError(
                "a label looks like a name, a number or a date of a person",
                code="LABEL_IDENTIFIES",
                place=family,
                remedy="correct the label, or add words that identify nobody to a policy (--policy)",
            )


def has_unknown_labels(datasets: Iterable[FcsDataset], policy: Policy) -> bool:
    """Tell whether a word of a label names no known marker, dye or detector."""
    return any(_unknown(text, policy) for _, text in _labels(datasets, policy))


def _labels(datasets: Iterable[FcsDataset], policy: Policy) -> Iterator[tuple[str, str]]:
    for dataset in datasets:
        for keyword, value in dataset.text.items():
            if policy.kind_of(keyword, value, n_channels=len(dataset.channels)) == "text":
                yield family_of(keyword), value


def _unknown(text: str, policy: Policy) -> list[str]:
    return [word for word in _WORD.findall(text) if not is_generic_word(word, policy)]
