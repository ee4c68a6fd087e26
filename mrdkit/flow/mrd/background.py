"""What leukemia-free marrows say about a panel: normal cells, landmarks, limits of blank.

Blanks are patients without leukemia, regenerating and treated marrows included, not replicate tubes. With a
diagnosis tube the background becomes one patient's: the phenotype, the cells of each blank that are taken
for it, and the limit of blank from them. The blanks' cells are kept, so that it can be made for any patient.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mrdkit.errors import InputError, UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.alignment import Alignment, LandmarkReference, align, landmark_reference
from mrdkit.flow.mrd.blank import Blank, MeasuredBlank, measure_blank, usable_tube
from mrdkit.flow.mrd.blank_limit import BlankCount, BlankLimit, fit_blank_limit
from mrdkit.flow.mrd.blasts import leukemic
from mrdkit.flow.mrd.cluster import find_cluster
from mrdkit.flow.mrd.detection_rules import DetectionRules, DetectorSettings, read_detector_settings
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.normal import NormalReference, fit_normal
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.phenotype import Phenotype, fit_phenotype
from mrdkit.flow.mrd.screening import atypical_below, largest_group
from mrdkit.flow.mrd.second_opinion import SecondOpinion, fit_second_opinion
from mrdkit.flow.mrd.tube import Tube, tube_of

__all__ = [
    "Background",
    "Patient",
    "Reference",
    "Screening",
    "background_of",
    "build_background",
    "for_patient",
    "require_blanks",
    "require_panel",
]

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
        return [_decades(steps, settings) for steps in self.steps]


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
        return _limit(self.counts, self.blanks, settings)

    def lob(self, settings: DetectorSettings) -> float:
        """Return the limit of blank of a median blank, as a fraction of its denominator."""
        hematogones = round(median(blank.n_hematogones for blank in self.blanks))
        return self.limit(settings).events(hematogones) / median(blank.n_denominator for blank in self.blanks)


def require_blanks(n_blanks: int) -> None:
    """Refuse too few blanks.

    Raises:
        InputError: fewer than a limit of blank can be made from.
    """
    settings = read_detector_settings()
    if n_blanks < settings.blanks_at_least:
        raise InputError(
            "too few blanks for a limit of blank",
            code="BLANKS_TOO_FEW",
            expected=f"at least {settings.blanks_at_least}; {settings.blanks_claimable} to claim it",
            found=str(n_blanks),
            remedy="add leukemia-free marrows, regenerating ones included",
        )


def build_background(blanks: Iterable[tuple[str, FcsDataset]], panel: Panel) -> Background:
    """Build the background of a panel.

    Args:
        blanks: path as given and tube, of leukemia-free patients; each is let go before the next is taken.
        panel: that they were measured with.

    Raises:
        InputError: fewer blanks than asked for, one twice, one not evaluable or not like the others.
    """
    return background_of([measure_blank(path, dataset, panel) for path, dataset in blanks], panel)


def background_of(measured: Sequence[MeasuredBlank], panel: Panel) -> Background:
    """Build the background of a panel from its measured blanks.

    Raises:
        InputError: fewer blanks than asked for, one twice, or one not like the others.
    """
    settings = read_detector_settings()
    rows = tuple(each.blank for each in measured)
    _require_different(rows)
    require_blanks(len(rows))
    counts = tuple(each.n_target for each in measured if each.n_target is not None)
    background = Background(
        panel=panel.rule.id,
        panel_version=panel.rule.version,
        blanks=rows,
        gate_counts=None if panel.rule.detection is not None else counts,
        reference=None,
        screening=None,
        patient=None,
        provisional=len(rows) < settings.blanks_claimable,
    )
    if panel.rule.detection is None:
        return background
    tubes = [each.tube for each in measured if each.tube is not None]
    reference = _reference(tubes, rows, panel.rule.detection, panel)
    screening = _screening(reference, rows, settings)
    return replace(background, reference=reference, screening=screening)


def for_patient(background: Background, panel: Panel, diagnosis: FcsDataset) -> Background:
    """Return the background made for the patient of a diagnosis tube.

    Raises:
        InputError: the tube is not evaluable, holds too few leukemic cells, or is one of the blanks.
        UsageError: the background was made for another panel.
        ValueError: the panel does not detect by phenotype.
    """
    require_panel(background, panel)
    rules, reference = panel.rule.detection, background.reference
    if rules is None or reference is None:
        raise ValueError(f"panel {panel.rule.id} does not detect by phenotype")
    if background.patient is not None and background.patient.diagnosis_sha256 == diagnosis.sha256:
        return background
    if diagnosis.sha256 in {blank.sha256 for blank in background.blanks}:
        raise InputError("the diagnosis tube is one of the blanks", code="DIAGNOSIS_IS_BLANK")
    settings = read_detector_settings()
    tube = tube_of(diagnosis, panel, usable_tube(diagnosis, panel).gating)
    aligned = align(tube, features_of(panel), reference.landmarks, rules.alignment, settings)
    _require_aligned(aligned, "the diagnosis tube does not fit the blanks")
    phenotype = fit_phenotype(aligned.events, reference.normal.pooled, rules, settings)
    blasts = aligned.events[leukemic(aligned.events, reference.normal.pooled, phenotype)]
    return replace(
        background,
        patient=_patient(diagnosis.sha256, phenotype, blasts, background, panel),
    )


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


def _require_aligned(aligned: Alignment, what: str) -> None:
    if aligned.problems:
        raise InputError(
            what,
            code=aligned.problems[0].code,
            found=" ".join(problem.reason for problem in aligned.problems),
        )


def _patient(
    sha256: str,
    phenotype: Phenotype,
    blasts: F64,
    background: Background,
    panel: Panel,
) -> Patient:
    settings, blanks, reference = read_detector_settings(), background.blanks, background.reference
    assert reference is not None  # noqa: S101  # checked by the caller
    events = reference.events(settings)
    threshold = panel.rule.events.threshold_at_least_fraction

    def counted(number: int) -> int:
        smallest = threshold * blanks[number].n_denominator
        normal = reference.normal.without(number)
        return len(find_cluster(events[number], normal, phenotype, smallest, settings).counted)

    with threadpool_limits(1), ThreadPoolExecutor() as pool:
        counts = list(pool.map(counted, range(len(blanks))))
    opinion = fit_second_opinion(blasts, phenotype.drift, events, settings)
    seen = [opinion.count(cells) for cells in events]
    return Patient(
        diagnosis_sha256=sha256,
        phenotype=phenotype,
        counts=tuple(counts),
        limit=_limit(counts, blanks, settings),
        opinion=opinion,
        opinion_counts=tuple(seen),
        opinion_limit=_limit(seen, blanks, settings),
    )


def _require_different(rows: Sequence[Blank]) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        if row.sha256 in seen:
            raise InputError(
                "two blanks are the same tube",
                code="BLANK_REPEATED",
                file=row.path,
                found=f"the content of {seen[row.sha256]}",
            )
        seen[row.sha256] = row.path


def _reference(
    tubes: Sequence[Tube], rows: Sequence[Blank], rules: DetectionRules, panel: Panel
) -> Reference:
    settings, features = read_detector_settings(), features_of(panel)
    landmarks = landmark_reference([tube.landmarks for tube in tubes])
    largest = np.iinfo(np.int16).max
    steps = []
    for tube, row in zip(tubes, rows, strict=True):
        aligned = align(tube, features, landmarks, rules.alignment, settings)
        try:
            _require_aligned(aligned, "the tube does not fit the other blanks")
        except InputError as error:
            raise error.in_file(row.path) from None
        whole = np.rint(aligned.events / settings.reference_step_decades)
        steps.append(whole.clip(-largest, largest).astype(np.int16))
    cells = [_decades(table, settings) for table in steps]
    return Reference(
        features=rules.features,
        landmarks=landmarks,
        normal=fit_normal(cells, settings),
        steps=tuple(steps),
    )


def _decades(steps: NDArray[np.int16], settings: DetectorSettings) -> F64:
    return np.asarray(steps * settings.reference_step_decades, dtype=np.float64)


def _screening(reference: Reference, blanks: Sequence[Blank], settings: DetectorSettings) -> Screening:
    events = reference.events(settings)
    without = [reference.normal.without(number) for number in range(len(events))]
    below = atypical_below(
        [normal.log_density(cells) for normal, cells in zip(without, events, strict=True)], settings
    )
    counts = tuple(
        len(largest_group(cells, normal, below, settings))
        for normal, cells in zip(without, events, strict=True)
    )
    return Screening(below=below, counts=counts, limit=_limit(counts, blanks, settings))


def _limit(counts: Sequence[int], blanks: Sequence[Blank], settings: DetectorSettings) -> BlankLimit:
    return fit_blank_limit(
        [
            BlankCount(n_target=count, n_hematogones=blank.n_hematogones)
            for count, blank in zip(counts, blanks, strict=True)
        ],
        settings,
    )
