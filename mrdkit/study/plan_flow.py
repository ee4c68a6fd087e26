"""Against which background a flow file is called, and from which files that is made.

A panel's limits of blank are the ready file that study.toml names, or else are made of the panel's blanks. A
panel that finds cells by phenotype needs them; with a diagnosis tube of the same panel, the latest up to the
follow-up's day, they are the patient's, without one the call is a screening. A panel with a target gate takes
them where there are any, and calls a diagnosis tube as any other.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from os.path import normpath
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote

from mrdkit.errors import InputError
from mrdkit.study.backgrounds import blanks_too_few, enough_blanks, finds_by_phenotype
from mrdkit.study.blanks import sort_blanks
from mrdkit.study.config import named_path, rule_of
from mrdkit.study.load import Study
from mrdkit.study.manifest import ManifestRow
from mrdkit.study.tasks import BackgroundTask, DiagnosisTask, FlowTask, Limits, Task

__all__ = ["FlowPlanner", "Targeted"]

#: Subject and day of collection -> antigens that earlier therapy was aimed at; no day means any day.
Targeted: TypeAlias = Callable[[str, date | None], tuple[str, ...]]

_LONGEST_NAME = 100
_KEY_DIGITS = 12


class FlowPlanner:
    """Plans the flow files of one study.

    Args:
        study: the study.
        targeted: tells the antigens that a subject's earlier therapy was aimed at.
        digest_of: digest of a row's file, after comparison with the declared one; raises InputError.
        key_of: key of a task.
        folder: where backgrounds are written.
    """

    def __init__(
        self,
        study: Study,
        targeted: Targeted,
        *,
        digest_of: Callable[[ManifestRow], str],
        key_of: Callable[[Task], str],
        folder: Path,
    ) -> None:
        self._study = study
        self._targeted = targeted
        self._digest_of = digest_of
        self._key_of = key_of
        self._folder = folder
        self._ready = dict(self._ready_files())
        self._by_phenotype: dict[str | Path, bool] = {}
        self._blanks = sort_blanks(
            study.folder, study.manifest.rows, ready=self._ready, panel_of=self._panel, digest_of=digest_of
        )

    def task(self, row: ManifestRow) -> Task:
        """Return the task of a row of assay flow_mrd.

        Raises:
            InputError: the row cannot be used.
        """
        if row.role == "blank":
            if row.row in self._blanks.refused:
                raise self._blanks.refused[row.row]
            return self._background(self._panel(row))
        panel = self._panel(row)
        if row.role == "diagnosis" and self._finds_by_phenotype(panel):
            return self._diagnosis(row, panel, self._required_limits(panel))
        return FlowTask(
            specimen=row.specimen,
            path=named_path(self._study.folder, row.path),
            panel=panel,
            sample=row.sample,
            targeted=self._targeted(row.specimen.subject_id or "", row.specimen.collected_on),
            background=self._limits(row, panel),
        )

    def _panel(self, row: ManifestRow) -> str | Path:
        named = row.panel or self._study.config.panel
        if not named:
            raise InputError(
                "no panel is named for this file",
                code="PANEL_MISSING",
                remedy="name one in the column panel, or as panel in study.toml",
            )
        return _panel_of(self._study.folder, named)

    def _finds_by_phenotype(self, panel: str | Path) -> bool:
        if panel not in self._by_phenotype:
            self._by_phenotype[panel] = finds_by_phenotype(panel)
        return self._by_phenotype[panel]

    def _ready_files(self) -> Iterator[tuple[str | Path, Path]]:
        """Yield panel and file of study.toml; a panel that is none is named by the check."""
        for panel, path in self._study.config.backgrounds.items():
            try:
                yield _panel_of(self._study.folder, panel), named_path(self._study.folder, path)
            except InputError:
                continue

    def _background(self, panel: str | Path) -> BackgroundTask:
        task = BackgroundTask(panel=panel, blanks=self._blanks.of_panel[panel], output=self._folder)
        return replace(task, output=self._output(panel, "", self._key_of(task)))

    def _limits(self, row: ManifestRow, panel: str | Path) -> Limits | None:
        """Return what a row is called against: the patient's background, the panel's, or none."""
        if not self._finds_by_phenotype(panel):
            return self._panel_limits(panel, "gate")
        limits = self._required_limits(panel)
        diagnosis = self._diagnosis_of(row, panel)
        if diagnosis is None:
            return limits
        task = self._diagnosis(diagnosis, panel, limits)
        return Limits(kind="diagnosis", path=task.output, key=self._key_of(task))

    def _required_limits(self, panel: str | Path) -> Limits:
        limits = self._panel_limits(panel, "screening")
        if limits is None:
            raise blanks_too_few(len(self._blanks.of_panel.get(panel, ())), panel)
        return limits

    def _panel_limits(self, panel: str | Path, kind: Literal["gate", "screening"]) -> Limits | None:
        if panel in self._ready:
            return Limits(kind=kind, path=self._ready[panel], key=None)
        if not enough_blanks(len(self._blanks.of_panel.get(panel, ()))):
            return None
        task = self._background(panel)
        return Limits(kind=kind, path=task.output, key=self._key_of(task))

    def _diagnosis_of(self, row: ManifestRow, panel: str | Path) -> ManifestRow | None:
        """Return the latest diagnosis up to the row's day; one without a day counts as the earliest."""
        day = row.specimen.collected_on or date.max
        found = [
            (other.specimen.collected_on or date.min, other)
            for other in self._study.manifest.rows
            if (other.assay, other.role) == ("flow_mrd", "diagnosis")
            and other.specimen.subject_id == row.specimen.subject_id
            and (other.specimen.collected_on or date.min) <= day
            and self._is_of(other, panel)
        ]
        if not found:
            return None
        latest = max(day for day, _ in found)
        first, *others = (other for day, other in found if day == latest)
        if others:
            raise InputError(
                "the subject has several diagnosis tubes of one day and panel, so that none is the latest",
                code="DIAGNOSIS_AMBIGUOUS",
                found="rows " + ", ".join(str(other.row) for other in (first, *others)),
                remedy="keep one of them in the role diagnosis",
            )
        return first

    def _is_of(self, row: ManifestRow, panel: str | Path) -> bool:
        try:
            return self._panel(row) == panel
        except InputError:
            return False

    def _diagnosis(self, row: ManifestRow, panel: str | Path, limits: Limits) -> DiagnosisTask:
        task = DiagnosisTask(
            specimen=row.specimen,
            path=named_path(self._study.folder, row.path),
            sha256=self._digest_of(row),
            panel=panel,
            sample=row.sample,
            background=limits,
            output=self._folder,
        )
        return replace(task, output=self._output(panel, row.specimen.subject_id or "", self._key_of(task)))

    def _output(self, panel: str | Path, subject_id: str, key: str) -> Path:
        """Return the file of a background: panel, subject and the digest of all that it depends on."""
        named = [quote(Path(panel).stem, safe=""), quote(subject_id, safe="")[:_LONGEST_NAME]]
        return self._folder / "-".join([*filter(None, named), f"{key[:_KEY_DIGITS]}.json"])


def _panel_of(folder: Path, name: str) -> str | Path:
    """Return a panel as its tasks name it: one file has one name, however it is spelt."""
    panel = rule_of(folder, "panels", name)
    return Path(normpath(panel)) if isinstance(panel, Path) else panel
