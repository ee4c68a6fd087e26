"""A finding: a stable code for scripts and a sentence for people, always together."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["REVIEW", "Finding", "flags_of", "reasons_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a person should know about a result.

    Attributes:
        flag: stable UPPER_SNAKE code.
        reason: short sentence; empty where the flag says it all.
    """

    flag: str
    reason: str = ""


#: A person must look at the result before it is used.
REVIEW = Finding(flag="REVIEW")


def flags_of(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the codes, each once, in order of first appearance."""
    return tuple(dict.fromkeys([finding.flag for finding in findings])) if findings else ()


def reasons_of(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the sentences, each once, in order of first appearance."""
    if not findings:
        return ()
    return tuple(dict.fromkeys([finding.reason for finding in findings if finding.reason]))
