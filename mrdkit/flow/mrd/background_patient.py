"""Make a panel's background one patient's: the phenotype, and what the blanks hold of it."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.alignment import align, require_aligned
from mrdkit.flow.mrd.background import Background, Patient, limit_of, require_panel
from mrdkit.flow.mrd.blank import usable_tube
from mrdkit.flow.mrd.blasts import leukemic
from mrdkit.flow.mrd.cluster import find_cluster
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.phenotype import Phenotype, fit_phenotype
from mrdkit.flow.mrd.second_opinion import fit_second_opinion
from mrdkit.flow.mrd.tube import tube_of

__all__ = ["for_patient"]

F64 = NDArray[np.float64]


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
    require_aligned(aligned, "the diagnosis tube does not fit the blanks")
    phenotype = fit_phenotype(aligned.events, reference.normal.pooled, rules, settings)
    blasts = aligned.events[leukemic(aligned.events, reference.normal.pooled, phenotype)]
    return replace(
        background,
        patient=_patient(diagnosis.sha256, phenotype, blasts, background, panel),
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

    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(counted, range(len(blanks))))
    opinion = fit_second_opinion(blasts, phenotype.drift, events, settings)
    seen = [opinion.count(cells) for cells in events]
    return Patient(
        diagnosis_sha256=sha256,
        phenotype=phenotype,
        counts=tuple(counts),
        limit=limit_of(counts, blanks, settings),
        opinion=opinion,
        opinion_counts=tuple(seen),
        opinion_limit=limit_of(seen, blanks, settings),
    )
