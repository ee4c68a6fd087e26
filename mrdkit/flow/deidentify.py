"""An FCS file without its patient: kept keywords, DATA byte for byte, and a scan of what is to be written.

What was removed is looked for in everything that is to be written. A file in which some of it is left is
refused, and so is one that does not read back as the same events. Nothing stands in the folder before that,
and no value of the input is ever part of an answer or a message.
Source: reference/flow/deidentification.toml.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError, UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.deidentify_keywords import DATE, SUBJECT, rewritten
from mrdkit.flow.deidentify_map import Assignment
from mrdkit.flow.deidentify_output import check_free, write_verified
from mrdkit.flow.deidentify_policy import Policy, family_of
from mrdkit.flow.deidentify_removed import removed_keywords, removed_segments
from mrdkit.flow.deidentify_rewrite import Rewritten, joined, offsets_of
from mrdkit.flow.deidentify_scan import Finding, Place, PlaceKind, Removed, find, needles_of
from mrdkit.flow.fcs import read_fcs_datasets
from mrdkit.flow.fcs_chain import read_chain
from mrdkit.flow.fcs_file import FcsFile

__all__ = ["Deidentified", "ScanCounts", "deidentify_file", "removed_from"]

_REASONS = {
    "CHANCE_MATCH_IN_DATA": "Short removed values occur among the bytes of DATA, as in any measurement.",
    "CHANCE_MATCH_IN_NUMBERS": "Short removed numbers occur among the numbers of TEXT or in the pseudonym.",
    "DATE_NOT_SHIFTED": "A $DATE cannot be read without doubt, as dd-mmm-yyyy can, and was dropped.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCounts:
    """How many removed values were looked for, and how often one was found where it may be chance."""

    n_values: int
    n_hits_text: int
    n_hits_data: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deidentified:
    """What was written for one file; keywords are families ($PnN), and names only.

    Attributes:
        output: the file written.
        pseudonym: its subject.
        n_datasets: data sets in it.
        data_sha256: digest of the DATA bytes of each data set, the same as in the input.
        keywords_kept: written with their value, or anew from what was read.
        keywords_dropped: those whose name is known; others are counted in `n_keywords_unnamed`.
        keywords_replaced: written with another value.
        n_keywords_unnamed: dropped keywords whose name itself could identify.
        scan: what was looked for.
        flags: repairs of reading, and doubts.
        reasons: a sentence for each.
    """

    output: str
    pseudonym: str
    n_datasets: int
    data_sha256: tuple[str, ...]
    keywords_kept: tuple[str, ...]
    keywords_dropped: tuple[str, ...]
    keywords_replaced: tuple[str, ...]
    n_keywords_unnamed: int
    scan: ScanCounts
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def deidentify_file(
    path: Path, assignment: Assignment, folder: Path, policy: Policy, *, also: Sequence[Removed] = ()
) -> Deidentified:
    """Write one file without identity into a folder, under its pseudonym.

    Args:
        path: the file.
        assignment: what it becomes.
        folder: where it is written.
        policy: what is kept, and what is looked for.
        also: values removed from other files of the study, which are looked for as well.

    Raises:
        InputError: the file cannot be read or rewritten, identity would be left, or the output exists; the
            error names the pseudonym in place of the file, and no value of it.
    """
    output = folder / assignment.output_name
    try:
        check_free(output)
        return _deidentified(path, assignment, output, policy, also)
    except InputError as error:
        raise _without_values(error, assignment.pseudonym) from None
    except (OSError, UsageError) as error:
        raise InputError(
            "the output cannot be written",
            code="OUTPUT_UNWRITABLE",
            file=assignment.pseudonym,
            found=error.found if isinstance(error, UsageError) else type(error).__name__,
            remedy="check the folder, its permissions and the space on the disk",
        ) from None


def removed_from(path: Path, assignment: Assignment, policy: Policy) -> tuple[Removed, ...]:
    """Return what de-identifying a file removes from it; never to be printed.

    Raises:
        InputError: it cannot be read or rewritten.
    """
    datasets = read_fcs_datasets(path)
    parts = [rewritten(dataset, assignment, policy) for dataset in datasets]
    return tuple(dict.fromkeys(_removed(path, datasets, parts, assignment, policy)))


def _deidentified(
    path: Path, assignment: Assignment, output: Path, policy: Policy, also: Sequence[Removed]
) -> Deidentified:
    datasets = read_fcs_datasets(path)
    parts = [rewritten(dataset, assignment, policy) for dataset in datasets]
    content = joined(parts)
    removed = list(dict.fromkeys((*_removed(path, datasets, parts, assignment, policy), *also)))
    places = list(_places(parts, output.stem, policy))
    findings = list(find(needles_of(removed, policy), places, policy, assignment.pseudonym))
    _refuse_left(findings)
    write_verified(output, content, datasets)
    kept, dropped, replaced = _families(datasets, parts)
    public = {family: policy.public_name(family) for family in dropped}
    flags = _flags(datasets, parts, assignment, findings)
    return Deidentified(
        output=str(output),
        pseudonym=assignment.pseudonym,
        n_datasets=len(datasets),
        data_sha256=tuple(hashlib.sha256(part.data.tobytes()).hexdigest() for part in parts),
        keywords_kept=tuple(sorted(kept)),
        keywords_dropped=tuple(sorted(name for name in public.values() if name is not None)),
        keywords_replaced=tuple(sorted(replaced)),
        n_keywords_unnamed=sum(name is None for name in public.values()),
        scan=ScanCounts(
            n_values=len(removed),
            n_hits_text=sum(f.count for f in findings if f.place.kind != "data"),
            n_hits_data=sum(f.count for f in findings if f.place.kind == "data"),
        ),
        flags=flags,
        reasons=tuple(_REASONS.get(flag, _read_with(flag)) for flag in flags),
    )


# --- what is looked for -----------------------------------------------------------------------------------


def _removed(
    path: Path,
    datasets: Sequence[FcsDataset],
    parts: Sequence[Rewritten],
    assignment: Assignment,
    policy: Policy,
) -> Iterator[Removed]:
    yield Removed(origin="subject_id", value=assignment.subject_id, strict=True)
    yield Removed(origin="file name", value=path.stem, strict=True, specimen_label=True)
    for dataset, part in zip(datasets, parts, strict=True):
        yield from removed_keywords(dataset.text, part.keywords, policy, pseudonym=assignment.pseudonym)
    content = FcsFile(path).content
    for stored in read_chain(content):
        yield from removed_segments(content[stored.start :], stored, policy)


def _places(parts: Sequence[Rewritten], stem: str, policy: Policy) -> Iterator[Place]:
    yield Place(name="file name", kind="pseudonym", content=stem.encode().lower())
    for part in parts:
        for keyword, value in part.keywords.items():
            content = value.encode("utf-8").lower()
            yield Place(name=family_of(keyword), kind=_place_kind(keyword, policy), content=content)
        yield Place(name="DATA", kind="data", content=part.data.tobytes().lower())


def _place_kind(keyword: str, policy: Policy) -> PlaceKind:
    if keyword in {SUBJECT, DATE}:
        return "pseudonym" if keyword == SUBJECT else "date"
    return "text" if policy.kinds.get(family_of(keyword)) == "text" else "numbers"


def _refuse_left(findings: Sequence[Finding]) -> None:
    left = [finding for finding in findings if not finding.chance]
    if left:
        origins = dict.fromkeys(finding.needle.removed.origin for finding in left)
        where = dict.fromkeys(finding.place.name for finding in left)
        raise InputError(
            "a removed value is left in what would be written",
            code="IDENTITY_LEFT",
            place=", ".join(where),
            found="a value of " + ", ".join(origins),
            remedy="correct labels or pseudonym, or add words that identify nobody to a policy (--policy)",
        )


# --- what is said -----------------------------------------------------------------------------------------


def _families(
    datasets: Sequence[FcsDataset], parts: Sequence[Rewritten]
) -> tuple[set[str], set[str], set[str]]:
    """Return the families of the keywords kept, dropped and replaced, over all data sets."""
    kept: set[str] = set()
    dropped: set[str] = set()
    for dataset, part in zip(datasets, parts, strict=True):
        written = {**part.keywords, **offsets_of(part, begin=0, end=0, next_data=0)}
        kept |= {family_of(key) for key in written}
        dropped |= {family_of(key) for key in dataset.text if key not in written}
    replaced = kept & {SUBJECT, DATE}
    return kept - replaced, dropped - kept, replaced


def _flags(
    datasets: Sequence[FcsDataset],
    parts: Sequence[Rewritten],
    assignment: Assignment,
    findings: Sequence[Finding],
) -> tuple[str, ...]:
    repairs = [warning.code for dataset in datasets for warning in dataset.warnings]
    dated = [
        DATE not in part.keywords and bool(dataset.text.get(DATE, "").strip())
        for dataset, part in zip(datasets, parts, strict=True)
    ]
    own = {
        "DATE_NOT_SHIFTED": assignment.date_shift_days is not None and any(dated),
        "CHANCE_MATCH_IN_DATA": any(finding.place.kind == "data" for finding in findings),
        "CHANCE_MATCH_IN_NUMBERS": any(finding.place.kind != "data" for finding in findings),
    }
    return tuple(dict.fromkeys((*repairs, *(flag for flag, applies in own.items() if applies))))


def _read_with(flag: str) -> str:
    return f"The input was read with {flag}; what was read is what was written."


def _without_values(error: InputError, pseudonym: str) -> InputError:
    """Return the same error without what it quotes of the file, and without the file's name."""
    own = error.code in {"IDENTITY_LEFT", "OUTPUT_EXISTS"}
    return InputError(
        error.what,
        code=error.code,
        file=pseudonym,
        place=error.place,
        found=error.found if own else None,
        remedy=error.remedy,
    )
