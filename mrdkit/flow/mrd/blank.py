"""One leukemia-free marrow, measured: what a background keeps of its tube.

A blank that cannot be evaluated is refused by name: nothing is known of what its gates hold.
"""

from dataclasses import dataclass, field

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.evaluable_tube import EvaluableTube, evaluable_tube
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.tube import Tube, tube_of

__all__ = ["Blank", "MeasuredBlank", "measure_blank", "usable_tube"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One leukemia-free tube: its file, cytometer and cells."""

    path: str
    sha256: str
    cytometer: str | None
    n_denominator: int
    n_hematogones: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredBlank:
    """A blank with its cells.

    Attributes:
        blank: the file.
        tube: cells of the lineage gate, for a panel that detects by phenotype; else None.
        n_target: events of the target gate, for a panel that has one; else None.
    """

    blank: Blank
    tube: Tube | None = field(repr=False)
    n_target: int | None


def measure_blank(path: str, dataset: FcsDataset, panel: Panel) -> MeasuredBlank:
    """Measure one leukemia-free tube.

    Args:
        path: as given.
        dataset: the tube.
        panel: that it was measured with.

    Raises:
        InputError: it is not evaluable.
    """
    target = panel.rule.target_gate
    try:
        usable = usable_tube(dataset, panel)
        tube = tube_of(dataset, panel, usable.gating) if panel.rule.detection is not None else None
    except InputError as error:
        raise error.in_file(path) from None
    return MeasuredBlank(
        blank=_row(path, dataset, usable, panel),
        tube=tube,
        n_target=None if target is None else usable.gating.counts[target],
    )


def usable_tube(dataset: FcsDataset, panel: Panel) -> EvaluableTube:
    """Return a tube of a blank or a diagnosis, gated.

    Raises:
        InputError: it is not evaluable.
    """
    tube = evaluable_tube(dataset, panel, frozenset())
    grave = tube.grave
    if grave:
        raise InputError(
            "the tube is not evaluable",
            code=grave[0].code,
            found=" ".join(problem.reason for problem in grave),
            remedy="leave the tube out",
        )
    return tube


def _row(path: str, dataset: FcsDataset, tube: EvaluableTube, panel: Panel) -> Blank:
    return Blank(
        path=path,
        sha256=dataset.sha256,
        cytometer=dataset.cytometer,
        n_denominator=tube.gating.counts[panel.rule.denominator_gate],
        n_hematogones=tube.gating.counts[panel.rule.hematogone_gate],
    )
