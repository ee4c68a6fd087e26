"""CUTOFFS.toml as `fish cutoff` writes it: what `cutoffs` reads, with all that the numbers were made from."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator

from mrdkit.fish.controls import CutoffRecord

__all__ = ["cutoffs_toml"]


def cutoffs_toml(
    records: Iterable[tuple[str, str, CutoffRecord]],
    *,
    lots: dict[str, str | None],
    laboratory: str | None,
    date: dt.date | None,
) -> str:
    """Return a cut-off file.

    Args:
        records: probe, class and record, in the order of the file.
        lots: probe -> lot that the controls were made with.
        laboratory: who counted the controls.
        date: when the cut-offs were set.
    """
    about = []
    if laboratory:
        about.append(f"laboratory = {_quoted(laboratory)}")
    if date:
        about.append(f"date = {date.isoformat()}")
    entries = []
    for probe, class_, record in records:
        lot = lots.get(probe)
        lines = [
            "[[cutoff]]",
            f"probe = {_quoted(probe)}",
            f"class = {_quoted(class_)}",
            *([f"lot = {_quoted(lot)}"] if lot else []),
            *_method(record),
            f"controls = {record.controls}",
            *about,
        ]
        entries.append("\n".join(lines) + "\n")
    return "\n".join(entries)


def _method(record: CutoffRecord) -> Iterator[str]:
    yield f"method = {_quoted(record.method)}"
    yield f"alpha = {record.alpha!r}"
    if record.method == "betainv":
        yield f"max_false = {record.max_false}"
    else:
        yield f"false_positives = {record.false_positives}"
        yield f"control_nuclei = {record.control_nuclei}"
    yield f"n = {record.n}"


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are TOML's, but for DEL, which only TOML escapes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
