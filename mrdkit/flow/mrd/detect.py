"""Target cells of one evaluable tube, by the panel's way: a gate, the patient's phenotype, or screening.

Each way ends in the same record: which events, what a background adds to their number, and what speaks for or
against them. Nothing here decides a state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.alignment import Alignment, align
from mrdkit.flow.mrd.background import Background, Patient, Screening
from mrdkit.flow.mrd.blank_limit import BlankLimit
from mrdkit.flow.mrd.cluster import Cluster, find_cluster
from mrdkit.flow.mrd.decision import Measured
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.evaluability import Problem
from mrdkit.flow.mrd.evaluable_tube import EvaluableTube
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.operating import Operating
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.quantity import Counts, measured
from mrdkit.flow.mrd.screening import largest_group
from mrdkit.flow.mrd.tube import Tube, tube_of
from mrdkit.flow.mrd.visible import VisibleGates, visible_gates
from mrdkit.flow.mrd.visible_rules import read_visible_rules
from mrdkit.results import FeatureShift, PhenotypeDetection, VisibleGate

F64 = NDArray[np.float64]

__all__ = ["Found", "by_gate", "by_phenotype"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Target cells of one tube.

    Attributes:
        target: (n_events,) which events of the file they are.
        n_hematogones: normal precursors, target cells left out.
        measured: what a background adds; None where there is none, or the tube holds no cell.
        problems: what speaks against a call.
        flags: doubts that change nothing.
        reasons: sentences for people.
        detection: how they were found; None for a gate.
        visible: polygons that show them.
    """

    target: NDArray[np.bool_] = field(repr=False)
    n_hematogones: int
    measured: Measured | None
    problems: tuple[Problem, ...] = ()
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    detection: PhenotypeDetection | None = None
    visible: VisibleGates | None = None


def by_gate(tube: EvaluableTube, panel: Panel, background: Background | None) -> Found:
    """Return the events of the panel's target gate."""
    gating, rules = tube.gating, panel.rule
    target = gating.membership(str(rules.target_gate))
    hematogones = gating.counts[rules.hematogone_gate]
    count, whole = int(target.sum()), gating.counts[rules.denominator_gate]
    found = None
    if background is not None and whole:
        limit = background.limit(read_detector_settings())
        exact = Operating(recall=1.0, normal_called=min(limit.expected(hematogones), float(count)))
        counts = Counts(n_target=count, n_denominator=whole, n_hematogones=hematogones)
        found = measured(counts, limit, rules.events, found=exact, smallest=exact)
    return Found(target=target, n_hematogones=hematogones, measured=found)


def by_phenotype(dataset: FcsDataset, tube: EvaluableTube, panel: Panel, background: Background) -> Found:
    """Return the cells like the patient's diagnosis; without one, the largest group unlike normal marrow.

    Raises:
        InputError: the tube cannot be aligned.
        ValueError: panel or background do not detect by phenotype.
    """
    rules, reference = panel.rule.detection, background.reference
    if rules is None or reference is None or background.screening is None:
        raise ValueError(f"panel {panel.rule.id} does not detect by phenotype")
    cells = tube_of(dataset, panel, tube.gating)
    settings = read_detector_settings()
    aligned = align(cells, features_of(panel), reference.landmarks, rules.alignment, settings)
    normal = reference.normal.pooled
    if not len(aligned.events):
        return _none(tube, panel, (*aligned.problems, _LINEAGE_EMPTY))
    if background.patient is not None:
        search = _like_diagnosis(aligned.events, cells, panel, normal, background.patient)
    else:
        search = _unlike_normal(aligned.events, normal, background.screening)
    return _found(search, cells, aligned, panel)


_LINEAGE_EMPTY = Problem(
    code="LINEAGE_EMPTY", consequence="not_evaluable", reason="The lineage gate holds no cell."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """What one way found among the lineage gate's events."""

    method: Literal["diagnosis", "screening"]
    called: NDArray[np.intp]
    found: Operating
    smallest: Operating
    limit: BlankLimit
    n_open: int = 0
    shift: tuple[float, ...] = ()
    opinion_n: int | None = None
    opinion_limit: BlankLimit | None = None
    problems: tuple[Problem, ...] = ()


def _like_diagnosis(
    events: F64, cells: Tube, panel: Panel, normal: NormalMixture, patient: Patient
) -> _Search:
    smallest = panel.rule.events.threshold_at_least_fraction * max(cells.n_denominator, 1)
    with threadpool_limits(1):  # the last digits of a sum depend on the number of threads
        cluster = find_cluster(events, normal, patient.phenotype, smallest, read_detector_settings())
    return _Search(
        method="diagnosis",
        called=cluster.counted,
        found=cluster.found,
        smallest=cluster.smallest,
        limit=patient.limit,
        n_open=len(cluster.called) - len(cluster.counted),
        shift=tuple(cluster.shift.tolist()),
        opinion_n=patient.opinion.count(events),
        opinion_limit=patient.opinion_limit,
        problems=_no_cluster(cluster, patient, panel),
    )


def _no_cluster(cluster: Cluster, patient: Patient, panel: Panel) -> tuple[Problem, ...]:
    """Return why a group of cells, large enough to matter, is not taken for a cluster."""
    n = len(cluster.called)
    if cluster.verdict == "cluster" or n < panel.rule.events.lod_at_least_events:
        return ()
    if cluster.verdict == "moved_too_far":
        code = "PHENOTYPE_SHIFTED"
        why = (
            f"lies further from the diagnosis phenotype than drift explains (squared distance "
            f"{cluster.distance:.0f}, at most {patient.phenotype.reach:.0f})"
        )
    else:
        code = "CLUSTER_NOT_SEPARABLE"
        why = f"cannot be told from normal cells (recall {100.0 * cluster.found.recall:.0f} %)"
    reason = f"A group of {n} cells {why}: leukemic or normal is open."
    return (Problem(code=code, consequence="insufficient", reason=reason),)


def _unlike_normal(events: F64, normal: NormalMixture, screening: Screening) -> _Search:
    called = largest_group(events, normal, screening.below, read_detector_settings())
    exact = Operating(recall=1.0, normal_called=0.0)
    reason = "No diagnosis tube: only cells unlike normal marrow are seen, so none can be excluded."
    return _Search(
        method="screening",
        called=called,
        found=exact,
        smallest=exact,
        limit=screening.limit,
        problems=(Problem(code="SCREENING_ONLY", consequence="insufficient", reason=reason),),
    )


def _none(tube: EvaluableTube, panel: Panel, problems: tuple[Problem, ...]) -> Found:
    return Found(
        target=np.zeros(tube.gating.n_events, dtype=np.bool_),
        n_hematogones=tube.gating.counts[panel.rule.hematogone_gate],
        measured=None,
        problems=problems,
    )


def _found(search: _Search, cells: Tube, aligned: Alignment, panel: Panel) -> Found:
    rules = panel.rule
    target = np.zeros(cells.gating.n_events, dtype=np.bool_)
    target[cells.numbers[search.called]] = True
    normal = cells.gating.membership(rules.hematogone_gate) & ~target
    hematogones = int(normal.sum())
    quantity = _measured(search, cells, hematogones, panel)
    above = rules.events.lod_at_least_events - 1
    detected = len(search.called) > max(above, 0 if quantity is None else quantity.lob_events)
    opinion = None if search.opinion_limit is None else search.opinion_limit.events(hematogones)
    visible = _visible(search, cells, panel)
    return Found(
        target=target,
        n_hematogones=hematogones,
        measured=quantity,
        problems=(
            *aligned.problems,
            *search.problems,
            *_disagreement(search, opinion, panel, detected=detected),
        ),
        flags=visible.flags if detected else (),
        detection=_detection(search, aligned, visible, opinion, detected=detected),
        visible=visible,
    )


def _measured(search: _Search, cells: Tube, n_hematogones: int, panel: Panel) -> Measured | None:
    if not cells.n_denominator:
        return None
    counts = Counts(
        n_target=len(search.called),
        n_denominator=cells.n_denominator,
        n_hematogones=n_hematogones,
        n_open=search.n_open,
    )
    return measured(counts, search.limit, panel.rule.events, found=search.found, smallest=search.smallest)


def _detection(
    search: _Search, aligned: Alignment, visible: VisibleGates, opinion: int | None, *, detected: bool
) -> PhenotypeDetection:
    operating = search.found if detected else search.smallest
    gates = (VisibleGate(x=pair.x, y=pair.y, vertices=pair.vertices) for pair in visible.pairs)
    shown = dict(zip(aligned.shifts, search.shift, strict=True)) if detected and search.shift else {}
    return PhenotypeDetection(
        method=search.method,
        n_expected=min(operating.normal_called, float(len(search.called))),
        recall=operating.recall,
        alignment=_shifts(aligned.shifts),
        shift=_shifts(shown),
        second_opinion_n=search.opinion_n,
        second_opinion_lob=opinion,
        visible_gates=tuple(gates),
        visible_recall=visible.recovered_share,
        visible_precision=None if visible.agreement is None else visible.agreement.precision,
    )


def _disagreement(
    search: _Search, opinion_lob: int | None, panel: Panel, *, detected: bool
) -> tuple[Problem, ...]:
    if search.opinion_n is None or opinion_lob is None:
        return ()
    smallest = panel.rule.events.lod_at_least_events
    if (search.opinion_n > max(opinion_lob, smallest - 1)) == detected:
        return ()
    verdict = "a cluster, the trees none" if detected else "none, the trees a cluster"
    reason = (
        f"The mixture finds {verdict} ({search.opinion_n} cells, limit of blank {opinion_lob}): "
        "a person must look."
    )
    return (Problem(code="SECOND_OPINION_DISAGREES", consequence="insufficient", reason=reason),)


def _visible(search: _Search, cells: Tube, panel: Panel) -> VisibleGates:
    """Draw the called cells in the tube's own display coordinates, scatter left out."""
    features = [
        (column, feature)
        for column, feature in enumerate(features_of(panel))
        if feature.dimension.by == "marker"
    ]
    display = np.column_stack([f.transform.apply(cells.values[:, column]) for column, f in features])
    scored = np.zeros(len(display), dtype=np.bool_)
    scored[search.called] = True
    return visible_gates(display, scored, [f.name for _, f in features], read_visible_rules())


def _shifts(decades: Mapping[str, float]) -> tuple[FeatureShift, ...]:
    return tuple(FeatureShift(feature=name, decades=shift) for name, shift in decades.items())
