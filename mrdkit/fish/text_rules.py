"""The words by which free text is read: `reference/fish/free_text.toml`."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["TextRule", "read_text_rule"]

_Percent = Annotated[float, Field(ge=0.0, le=100.0)]
_Phrases = Annotated[tuple[str, ...], Field(min_length=1)]


@checked_dataclass(frozen=True, kw_only=True, config=STRICT)
class TextRule(Rule):
    """How free text is read.

    Attributes:
        needs_judgement_below_percent: a pattern in fewer nuclei is no finding by itself.
        normal_nuclei_above_percent: from here on the nuclei of a negative sentence are the normal ones.
        fewest_scored: a smaller denominator is no number of nuclei.
        words: kind of remark -> phrases.
        findings: kind of finding -> phrases, in the order in which they are looked for.
        genes: `other`: genes that are not CRLF2.
    """

    needs_judgement_below_percent: _Percent
    normal_nuclei_above_percent: _Percent
    fewest_scored: int
    words: Mapping[str, _Phrases]
    findings: Mapping[str, _Phrases]
    genes: Mapping[str, _Phrases]

    @cached_property
    def word_patterns(self) -> Mapping[str, re.Pattern[str]]:
        """Kind of remark -> its pattern."""
        return {name: _compiled(phrases) for name, phrases in self.words.items()}

    @cached_property
    def finding_patterns(self) -> Mapping[str, re.Pattern[str]]:
        """Kind of finding -> its pattern."""
        return {name: _compiled(phrases) for name, phrases in self.findings.items()}

    @cached_property
    def other_gene(self) -> re.Pattern[str]:
        """The pattern of a gene that is not CRLF2."""
        return _compiled(self.genes["other"])


def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of whole words; a phrase that begins with a sign may follow a word."""
    whole = "|".join(phrase if phrase.startswith("[") else rf"(?<![^\W_])(?:{phrase})" for phrase in phrases)
    return re.compile(rf"(?:{whole})(?![^\W_])")


@lru_cache(maxsize=1)
def read_text_rule() -> TextRule:
    """Read the shipped rule.

    Raises:
        RuleError: a value that is missing or wrong.
    """
    return read_rule("fish", "free_text", TextRule)
