"""What leukemia-free marrows say about a panel: normal cells, landmarks, limits of blank.

Blanks are patients without leukemia, regenerating and treated marrows included, not replicate tubes. With a
diagnosis tube the background becomes one patient's: the phenotype, the cells of each blank that are taken
for it, and the limit of blank from them. The blanks' cells are kept, so that it can be made for any patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import UsageError
from mrdkit.flow.mrd.alignment import LandmarkReference
from mrdkit.flow.mrd.blank import Blank
from mrdkit.flow.mrd.blank_limit import BlankCount, BlankLimit, fit_blank_limit
from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.normal import NormalReference
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.phenotype import Phenotype
from mrdkit.flow.mrd.second_opinion import SecondOpinion

__all__ = ["Background", "Patient", "Reference", "Screening", "limit_of", "require_panel", "steps_to_decades"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Normal cells of the blanks.

    Attributes:
        features: names of the columns of the cells.
        landmarks: where their normal populations stand.
        normal: their mixture.
        steps: per blank (n, n_features) aligned events, in steps of the settings' resolution.
    """

    features: tuple[str, ...]
    landmarks: LandmarkReference
    normal: NormalReference = field(repr=False)
    steps: tuple[NDArray[np.int16], ...] = field(repr=False)

    def events(self, settings: DetectorSettings) -> list[F64]:
        """Return per blank the (n, n_features) aligned events in decades."""
        return [steps_to_decades(steps, settings) for steps in self.steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Limit of blank of the screening: below which density a cell is atypical, group sizes in blanks."""

    below: float
    counts: tuple[int, ...]
    limit: BlankLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient's phenotype and what the blanks hold of it.

    Attributes:
        diagnosis_sha256: content of the diagnosis tube.
        phenotype: of the leukemic cells.
        counts: called cells per blank, each judged without itself in the reference.
        limit: of blank.
        opinion: the boosted trees.
        opinion_counts: cells that they call, per blank.
        opinion_limit: their limit of blank.
    """

    diagnosis_sha256: str
    phenotype: Phenotype
    counts: tuple[int, ...]
    limit: BlankLimit
    opinion: SecondOpinion
    opinion_counts: tuple[int, ...]
    opinion_limit: BlankLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Limits of blank of a panel.

    Attributes:
        panel: id of the panel.
        panel_version: version of the panel.
        blanks: the leukemia-free tubes.
        gate_counts: target events per blank, for a panel with a target gate; else None.
        reference: for a panel that detects by phenotype; else None.
        screening: as reference.
        patient: None where no diagnosis tube was given.
        provisional: too few blanks to claim the limits.
    """

    panel: str
    panel_version: str
    blanks: tuple[Blank, ...]
    gate_counts: tuple[int, ...] | None
    reference: Reference | None
    screening: Screening | None
    patient: Patient | None
    provisional: bool

    @property
    def counts(self) -> tuple[int, ...]:
        """Called cells per blank, by the most specific method there is."""
        if self.patient is not None:
            return self.patient.counts
        if self.screening is not None:
            return self.screening.counts
        return self.gate_counts or ()

    def limit(self, settings: DetectorSettings) -> BlankLimit:
        """Return the limit of blank of the most specific method there is."""
        if self.patient is not None:
            return self.patient.limit
        if self.screening is not None:
            return self.screening.limit
        return limit_of(self.counts, self.blanks, settings)

    def lob(self, settings: DetectorSettings) -> float:
        """Return the limit of blank of a median blank, as a fraction of its denominator."""
        hematogones = round(median(blank.n_hematogones for blank in self.blanks))
        return self.limit(settings).events(hematogones) / median(blank.n_denominator for blank in self.blanks)


def require_panel(background: Background, panel: Panel) -> None:
    """Refuse a background that was made for another panel, or for other features of it.

    Raises:
        UsageError: it was.
    """
    rules, reference = panel.rule.detection, background.reference
    made = (background.panel, background.panel_version, () if reference is None else reference.features)
    asked = (panel.rule.id, panel.rule.version, () if rules is None else rules.features)
    if made != asked:
        raise UsageError(
            "the background was made for another panel",
            code="BACKGROUND_OF_OTHER_PANEL",
            place="--background",
            expected=_panel_words(*asked),
            found=_panel_words(*made),
        )


def _panel_words(panel: str, version: str, features: Sequence[str]) -> str:
    return f"panel {panel}, version {version}, features {', '.join(features) or 'none'}"


def steps_to_decades(steps: NDArray[np.int16], settings: DetectorSettings) -> F64:
    """Return kept cells in decades."""
    return np.asarray(steps * settings.reference_step_decades, dtype=np.float64)


def limit_of(counts: Sequence[int], blanks: Sequence[Blank], settings: DetectorSettings) -> BlankLimit:
    """Return the limit of blank from the called cells of each blank."""
    return fit_blank_limit(
        [
            BlankCount(n_target=count, n_hematogones=blank.n_hematogones)
            for count, blank in zip(counts, blanks, strict=True)
        ],
        settings,
    )
