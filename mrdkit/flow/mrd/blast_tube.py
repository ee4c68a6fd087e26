"""The blasts of a tube whose antigens are asked for, or every reason why they cannot be told.

A panel with a target gate names them; else they are found by phenotype, in a tube of diagnosis or overt
relapse only. Without a reference of normal cells a marrow in remission yields normal B cells, hence the
smallest share of the denominator (reference/flow/expression.toml).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.blasts import blasts_among
from mrdkit.flow.mrd.evaluability import (
    Problem,
    compensation_problems,
    require_markers,
    tube_problems,
)
from mrdkit.flow.mrd.expression_rules import BlastRules
from mrdkit.flow.mrd.lineage import lineage_of
from mrdkit.flow.mrd.panel import Panel

__all__ = ["BlastTube", "blast_tube", "sentence_of"]

Numbers: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlastTube:
    """A tube and its blasts.

    Attributes:
        dataset: its events.
        gating: the panel's gates in it; None where they could not be applied.
        numbers: (n,) numbers of the blasts in the file, rising; None where they were not told.
        flags: doubts.
        problems: why no antigen can be told; empty where one can.
    """

    dataset: FcsDataset = field(repr=False)
    gating: GatingResult | None = field(repr=False)
    numbers: Numbers | None = field(repr=False)
    flags: tuple[str, ...]
    problems: tuple[Problem, ...]


def blast_tube(dataset: FcsDataset, panel: Panel, rules: BlastRules) -> BlastTube:
    """Find the blasts of one tube.

    Returns:
        The blasts. What the tube lacks is a problem in it, never an exception.

    Raises:
        RuleError: the panel cannot be applied to any tube.
    """
    gating: GatingResult | None = None
    numbers: Numbers | None = None
    flags: tuple[str, ...] = ()
    try:
        require_markers(dataset, panel)
        gating = apply_gating(dataset, panel.strategy)
        problems = tuple(_problems(dataset, panel, gating))
        if not problems:
            numbers, flags = _blasts(dataset, panel, gating, rules)
    except RuleError:
        raise
    except InputError as error:
        problems = (Problem(code=error.code, consequence="not_evaluable", reason=sentence_of(error)),)
    doubts = (warning.code for warning in dataset.warnings)
    return BlastTube(
        dataset=dataset,
        gating=gating,
        numbers=numbers,
        flags=(*doubts, *(() if gating is None else gating.flags), *flags),
        problems=problems,
    )


def _problems(dataset: FcsDataset, panel: Panel, gating: GatingResult) -> Iterator[Problem]:
    """Yield what makes the tube not evaluable; a diluted denominator does not, for a share of blasts."""
    yield from compensation_problems(gating)
    lineage = lineage_of(panel, gating.counts, frozenset())
    for problem in tube_problems(dataset, panel, gating, lineage):
        if problem.consequence == "not_evaluable":
            yield problem


def _blasts(
    dataset: FcsDataset, panel: Panel, gating: GatingResult, rules: BlastRules
) -> tuple[Numbers, tuple[str, ...]]:
    flags: tuple[str, ...] = ("BLASTS_BY_GATE",)
    if panel.rule.target_gate is not None:
        numbers = np.flatnonzero(gating.membership(panel.rule.target_gate))
    else:
        blasts = blasts_among(dataset, panel, gating)
        numbers, flags = blasts.numbers, ("BLASTS_BY_PHENOTYPE", *blasts.flags)
        _require_share(len(numbers), gating.counts[panel.rule.denominator_gate], rules)
    if len(numbers) < rules.at_least_events:
        raise InputError(
            "the tube holds too few blasts for a percentage",
            code="BLASTS_TOO_FEW",
            expected=f"at least {rules.at_least_events}",
            found=str(len(numbers)),
        )
    return numbers, flags


def _require_share(n: int, n_denominator: int, rules: BlastRules) -> None:
    percent = 100.0 * n / n_denominator
    if percent < rules.by_phenotype_at_least_percent:
        raise InputError(
            "too few cells differ from this tube's normal B cells to tell blasts from normal cells",
            code="BLASTS_NOT_DISTINCT",
            expected=f"at least {rules.by_phenotype_at_least_percent:g} % of the denominator",
            found=f"{percent:.1f} %",
            remedy="give a tube from diagnosis or overt relapse, or a panel with a target_gate",
        )


def sentence_of(error: InputError) -> str:
    """Return an error as a sentence of its own."""
    text = str(error)
    return f"{text[0].upper()}{text[1:]}."
