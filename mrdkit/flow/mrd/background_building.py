"""Build the background of a panel from its blanks: refuse unfit ones, align them, fit what is normal."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.alignment import align, landmark_reference, require_aligned
from mrdkit.flow.mrd.background import Background, Reference, Screening, limit_of, steps_to_decades
from mrdkit.flow.mrd.blank import Blank, MeasuredBlank, measure_blank
from mrdkit.flow.mrd.detection_rules import DetectionRules, DetectorSettings, read_detector_settings
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.normal import fit_normal
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.screening import atypical_below, largest_group
from mrdkit.flow.mrd.tube import Tube

__all__ = ["background_of", "build_background", "require_blanks"]


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
            require_aligned(aligned, "the tube does not fit the other blanks")
        except InputError as error:
            raise error.in_file(row.path) from None
        whole = np.rint(aligned.events / settings.reference_step_decades)
        steps.append(whole.clip(-largest, largest).astype(np.int16))
    cells = [steps_to_decades(table, settings) for table in steps]
    return Reference(
        features=rules.features,
        landmarks=landmarks,
        normal=fit_normal(cells, settings),
        steps=tuple(steps),
    )


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
    return Screening(below=below, counts=counts, limit=limit_of(counts, blanks, settings))
