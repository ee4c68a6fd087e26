"""The CRLF2 break-apart call of one specimen: nuclei, cut-offs and a rule in, one frozen call out.

Precedence is split, del5, del3, gain, loss; every class over its own cut-off is part of the call. Colours are
turned into ends by the probe registry before anything is decided.
Source: project decision on CRLF2 break-apart FISH.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.fish.classes import PRECEDENCE, NucleusSignals, SignalClass
from mrdkit.fish.counts import CountSheet, RefusedSpecimen, SpecimenCounts
from mrdkit.fish.cutoffs import CutoffTable
from mrdkit.fish.decide import decide, is_sure
from mrdkit.fish.iscn import Edition, iscn_text
from mrdkit.fish.limits import Cutoff
from mrdkit.fish.probes import Probe, ProbeRegistry
from mrdkit.fish.readers import disagreement
from mrdkit.fish.remarks import Case, flags_of, reasons_of
from mrdkit.fish.rules import FishRule
from mrdkit.fish.tally import assess, joined, patterns_of, tallies_by_reader
from mrdkit.results import Evidence, FishCall, InputDigest, KaryotypeCall, RuleUsed
from mrdkit.version import __version__

__all__ = ["call_fish", "call_sheet"]


def call_sheet(
    sheet: CountSheet,
    probes: ProbeRegistry,
    cutoffs: CutoffTable,
    *,
    rule: FishRule,
    karyotypes: Mapping[str, KaryotypeCall] | None = None,
) -> tuple[FishCall | RefusedSpecimen, ...]:
    """Return the call, or the refusal, of every specimen and probe of a sheet, in its order.

    Args:
        sheet: the counts.
        probes: the laboratory's probes.
        cutoffs: the laboratory's cut-offs.
        rule: how nuclei are called.
        karyotypes: specimen id -> karyotype of the same specimen, where there is one.
    """
    inputs = (sheet.digest, InputDigest(role="fish_probes", sha256=probes.sha256))
    assays: dict[str, _Assay] = {}
    calls: list[FishCall | RefusedSpecimen] = []
    for counts in sheet.specimens:
        if isinstance(counts, RefusedSpecimen):
            calls.append(counts)
            continue
        name, probe_id = counts.specimen.specimen_id or "", counts.probe_id
        try:
            if probe_id not in assays:
                assays[probe_id] = _assay(probe_id, probes.probe(probe_id), cutoffs, rule, inputs)
            calls.append(_called(counts, assays[probe_id], rule, (karyotypes or {}).get(name)))
        except InputError as error:
            calls.append(RefusedSpecimen(specimen_id=name, probe_id=probe_id, error=error))
    return tuple(calls)


def call_fish(
    counts: SpecimenCounts,
    probe: Probe,
    cutoffs: CutoffTable,
    *,
    rule: FishRule,
    inputs: tuple[InputDigest, ...] = (),
    karyotype: KaryotypeCall | None = None,
) -> FishCall:
    """Call one specimen with one break-apart probe.

    Args:
        counts: nuclei by reader and pattern.
        probe: the colour map.
        cutoffs: the laboratory's cut-offs.
        rule: how nuclei are called.
        inputs: digests of the files that the counts and the probe come from.
        karyotype: karyotype of the same specimen; it may explain a gain or a loss.

    Raises:
        InputError: GENE_NOT_SUPPORTED, where the rule does not cover the gene of the probe.
    """
    return _called(counts, _assay(counts.probe_id, probe, cutoffs, rule, inputs), rule, karyotype)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assay:
    """What all specimens of one probe share: colour map, cut-offs by class, and where they come from."""

    probe: Probe
    cutoffs: Mapping[str, Cutoff]
    evidence: Evidence


def _assay(
    probe_id: str, probe: Probe, table: CutoffTable, rule: FishRule, inputs: tuple[InputDigest, ...]
) -> _Assay:
    if probe.gene not in rule.called_genes:
        raise InputError(
            "break-apart patterns of this gene are not supported",
            code="GENE_NOT_SUPPORTED",
            expected="one of " + ", ".join(rule.called_genes),
            found=repr(probe.gene[:40]),
        )
    own = table.of_probe(probe_id, probe.lot)
    basis = "; ".join(f"{name}: {cutoff.basis}" for name, cutoff in sorted(own.items()))
    rules = [
        RuleUsed(id=rule.id, version=rule.version, source=rule.source),
        RuleUsed(id=f"probe:{probe_id}", version=probe.lot or "no lot", source=probe.source),
    ]
    if basis:
        rules.append(RuleUsed(id=f"cutoffs:{probe_id}", version=table.sha256[:12], source=basis))
    digest = InputDigest(role="fish_cutoffs", sha256=table.sha256)
    evidence = Evidence(inputs=(*inputs, digest), rules=tuple(rules), software_version=__version__)
    return _Assay(probe=probe, cutoffs=own, evidence=evidence)


def _called(
    counts: SpecimenCounts, assay: _Assay, rule: FishRule, karyotype: KaryotypeCall | None
) -> FishCall:
    own = assay.cutoffs
    readers = tallies_by_reader(counts.counts, assay.probe, rule)
    tally = joined(tuple(readers.values()))
    classes = assess(tally, own, rule)
    case = Case(
        counts=counts,
        tally=tally,
        classes=classes,
        lot=assay.probe.lot,
        cutoffs=own,
        decision=decide(classes, n_scored=tally.n_scored, has_cutoffs=bool(own), rule=rule),
        disagreement=disagreement(readers, own, rule),
        karyotype=karyotype,
    )
    return _call(case, gene=assay.probe.gene, rule=rule, evidence=assay.evidence)


def _call(case: Case, *, gene: str, rule: FishRule, evidence: Evidence) -> FishCall:
    entries, only_as_sum = _listed(case, rule)
    leading = case.decision.leading
    return FishCall(
        specimen=case.counts.specimen,
        probe_id=case.counts.probe_id,
        call=case.decision.call,
        classes=case.classes,
        patterns=patterns_of(case.tally),
        n_scored=case.tally.n_scored,
        n_dropped=case.tally.n_dropped,
        percent=leading.percent if leading else None,
        ci_low=leading.ci_low if leading else None,
        ci_high=leading.ci_high if leading else None,
        iscn_2024=_iscn(case, entries, gene, rule, "2024"),
        iscn_2020=_iscn(case, entries, gene, rule, "2020"),
        flags=flags_of(case, rule),
        reasons=tuple(reasons_of(case, only_as_sum=only_as_sum)),
        evidence=evidence,
    )


def _iscn(
    case: Case, entries: Sequence[tuple[NucleusSignals, int]], gene: str, rule: FishRule, edition: Edition
) -> str | None:
    if not case.decision.iscn:
        return None
    return iscn_text(
        entries,
        total=case.tally.n_scored,
        normal=NucleusSignals(rule.normal_fusions, 0, 0),
        gene=gene,
        first_end=rule.first_end[gene],
        edition=edition,
    )


def _listed(case: Case, rule: FishRule) -> tuple[list[tuple[NucleusSignals, int]], tuple[str, ...]]:
    """Return the patterns to write in ISCN, and the classes that are over their cut-off only as a sum."""
    listed: list[tuple[int, int, NucleusSignals]] = []
    only_as_sum: list[str] = []
    for result in case.classes:
        if result.cutoff is None or not is_sure(result, case.tally.n_scored, rule):
            continue
        class_ = SignalClass(result.class_)
        patterns = case.tally.signals[class_]
        least = case.cutoffs[class_].min_positive(case.tally.n_scored)
        over = {signals: n for signals, n in patterns.items() if n >= least}
        if not over:
            only_as_sum.append(result.class_)
        rank = PRECEDENCE.index(class_)
        listed += [(-n, rank, signals) for signals, n in (over or patterns).items() if n]
    return [(signals, -n) for n, _, signals in sorted(listed)], tuple(only_as_sum)
