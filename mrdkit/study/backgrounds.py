"""Where a study meets the flow room for limits of blank: panels, blanks, diagnosis tubes, ready files.

A blank that cannot be used is left out by name, and the others are used. A blank that is away, or that
changed, fails the whole background: one made without it would be taken for the same answer later.
"""

from collections.abc import Mapping
from pathlib import Path

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.files import sha256_of, write_text
from mrdkit.flow import (
    Background,
    MeasuredBlank,
    Panel,
    background_of,
    background_text,
    for_patient,
    measure_blank,
    read_background,
    read_detector_settings,
    read_panel,
)
from mrdkit.study.tasks import (
    BackgroundTask,
    BlankTube,
    DiagnosisTask,
    Failure,
    Limits,
    Made,
    Outcome,
    failure_of,
)
from mrdkit.study.tubes import read_tube

__all__ = [
    "BLANKS_TOO_FEW",
    "blanks_too_few",
    "enough_blanks",
    "finds_by_phenotype",
    "make_background",
    "make_for_patient",
    "read_limits",
    "read_ready_background",
]

BLANKS_TOO_FEW = "BLANKS_TOO_FEW"

#: What may be otherwise at the next run, though no file's content is.
_PASSING = frozenset({"FILE_CHANGED", "FILE_MISSING", "FILE_UNREADABLE"})


def finds_by_phenotype(panel: str | Path) -> bool:
    """Tell whether a panel needs a background; one that cannot be read fails in its tasks, by name."""
    try:
        return read_panel(panel).rule.detection is not None
    except InputError:
        return False


def enough_blanks(n: int) -> bool:
    """Tell whether so many blanks make a limit of blank."""
    return n >= read_detector_settings().blanks_at_least


def blanks_too_few(n: int, panel: str | Path) -> InputError:
    """Return the error for a panel whose blanks are fewer than a limit of blank needs."""
    settings = read_detector_settings()
    return InputError(
        f"too few blanks of panel {Path(panel).name} for a limit of blank",
        code=BLANKS_TOO_FEW,
        expected=f"at least {settings.blanks_at_least}; {settings.blanks_claimable} to claim it",
        found=f"{n} that can be used",
        remedy="add rows of role blank, or name a background file in study.toml under [backgrounds]",
    )


def make_background(task: BackgroundTask) -> Outcome:
    """Make a panel's background of the blanks that can be used, and write it.

    Raises:
        MrdkitError: the panel cannot be used, or a blank is away or changed.
    """
    panel = read_panel(task.panel)
    measured: list[MeasuredBlank] = []
    refused: dict[str, Failure] = {}
    for blank in task.blanks:
        found = _measured(blank, panel)
        if isinstance(found, Failure):
            refused[blank.sha256] = found
        else:
            measured.append(found)
    if not enough_blanks(len(measured)):
        lack = failure_of(blanks_too_few(len(measured), task.panel), file=task.output.name)
        return Outcome(made=Made(sha256=None, lack=lack, refused=refused))
    return Outcome(made=_written(background_of(measured, panel), task.output, refused))


def _measured(blank: BlankTube, panel: Panel) -> MeasuredBlank | Failure:
    try:
        dataset = read_tube(blank.path, blank.sample)
        _require_content(dataset.sha256, blank.sha256)
        return measure_blank(blank.name, dataset, panel)
    except RuleError:
        raise
    except (InputError, UsageError) as error:
        if error.code in _PASSING:
            raise error.in_file(blank.name) from None
        return failure_of(error, file=blank.name)


def make_for_patient(task: DiagnosisTask) -> Outcome:
    """Make a background that of the patient of a diagnosis tube, and write it.

    Raises:
        MrdkitError: the tube cannot be used, or the background is not the panel's.
    """
    panel = read_panel(task.panel)
    dataset = read_tube(task.path, task.sample)
    _require_content(dataset.sha256, task.sha256)
    background = for_patient(read_limits(task.background, panel), panel, dataset)
    return Outcome(made=_written(background, task.output, {}))


def read_limits(limits: Limits, panel: Panel) -> Background:
    """Read the background that a task needs.

    Raises:
        InputError: it cannot be read, or is not this panel's.
    """
    return read_background(limits.path) if limits.key else read_ready_background(limits.path, panel)


def read_ready_background(path: Path, panel: Panel) -> Background:
    """Read a background file that the study names.

    Raises:
        InputError: it is none, another panel's, or one patient's, whose phenotype is nobody else's.
    """
    background = read_background(path)
    if (background.panel, background.panel_version) != (panel.rule.id, panel.rule.version):
        raise InputError(
            "the background was made for another panel",
            code="BACKGROUND_OF_OTHER_PANEL",
            file=path,
            expected=f"panel {panel.rule.id}, version {panel.rule.version}",
            found=f"panel {background.panel}, version {background.panel_version}",
        )
    if background.patient is not None:
        raise InputError(
            "the background was made for one patient",
            code="BACKGROUND_OF_A_PATIENT",
            file=path,
            remedy="make it without --diagnosis; diagnosis tubes stand in manifest.csv",
        )
    return background


def _require_content(found: str, planned: str) -> None:
    if found != planned:
        raise InputError("the file changed while the study was running; run again", code="FILE_CHANGED")


def _written(background: Background, output: Path, refused: Mapping[str, Failure]) -> Made:
    write_text(output, background_text(background))
    return Made(sha256=sha256_of(output), refused=refused)
