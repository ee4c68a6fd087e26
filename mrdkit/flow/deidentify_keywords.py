"""The keywords of a de-identified data set: those the policy keeps, one for the subject, one for the day.

$SRC is the pseudonym in every data set. $DATE is moved by the subject's number of days, the same in every
file of the subject, so that intervals stay true; without that number, and where day, month and year cannot be
told apart without doubt, it is dropped. Times of day always are.
Source: $DATE is dd-mmm-yyyy in FCS 3.0 and later, dd-mmm-yy in FCS 2.0; the first FCS standard is of 1984, so
that no year is before it. yyyy-mmm-dd and yyyy-mm-dd occur and leave no doubt; 06-07-2006 does.
"""

import re
from datetime import date, timedelta

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.deidentify_map import Assignment
from mrdkit.flow.deidentify_policy import Policy
from mrdkit.flow.deidentify_rewrite import Rewritten, data_bytes, layout_keywords

__all__ = ["DATE", "SUBJECT", "rewritten"]

SUBJECT = "$SRC"
DATE = "$DATE"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})-(?P<month>[A-Z]{3})-(?P<year>\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>[A-Z]{3}|\d{2})-(?P<day>\d{1,2})")
_FIRST_YEAR = 1984


def rewritten(dataset: FcsDataset, assignment: Assignment, policy: Policy) -> Rewritten:
    """Return a data set with the keywords that may leave the laboratory."""
    keywords = layout_keywords(dataset)
    for keyword, value in dataset.text.items():
        kind = policy.kind_of(keyword, value, n_channels=len(dataset.channels))
        if kind not in {None, "layout"}:
            keywords[keyword] = value
    keywords[SUBJECT] = assignment.pseudonym
    moved = _moved(dataset.text.get(DATE, ""), assignment.date_shift_days)
    if moved is not None:
        keywords[DATE] = moved
    return Rewritten(version=dataset.version, keywords=keywords, data=data_bytes(dataset))


def _moved(written: str, days: int | None) -> str | None:
    """Return a date as the standard writes it, moved by some days; None where it is in doubt."""
    day = _day(written.strip().upper())
    if day is None or days is None:
        return None
    try:
        moved = day + timedelta(days=days)
    except OverflowError:
        return None
    return f"{moved.day:02}-{_MONTHS[moved.month - 1]}-{moved.year:04}"


def _day(written: str) -> date | None:
    match = _DAY_FIRST.fullmatch(written) or _YEAR_FIRST.fullmatch(written)
    if match is None or not written.isascii():
        return None
    month, year = match["month"], int(match["year"])
    if len(match["year"]) == len("yy"):
        year += 1900 if year >= _FIRST_YEAR % 100 else 2000
    if not month.isdigit() and month not in _MONTHS:
        return None
    try:
        return date(year, int(month) if month.isdigit() else _MONTHS.index(month) + 1, int(match["day"]))
    except ValueError:
        return None
