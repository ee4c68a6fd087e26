"""Stand-ins for the assay rooms, by which the study is tested; importable by a spawned process.

What a fake does is written in the file that it is given: `ok`, `bad`, `bug`, `die`, `slow`. A made background
names the blanks and the diagnosis that it is made of, and a call what it was called against.
"""

import os
import signal
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import sha256_of, write_text
from mrdkit.results import (
    Evidence,
    FlowMrdCall,
    GateCount,
    InputDigest,
    KaryotypeCall,
    LineageArm,
    MrdStatus,
    RuleUsed,
    Specimen,
)
from mrdkit.store import Picture
from mrdkit.study.backgrounds import blanks_too_few, enough_blanks
from mrdkit.study.tasks import (
    BackgroundTask,
    DiagnosisTask,
    Failure,
    FlowTask,
    KaryotypeTask,
    Made,
    Outcome,
    Task,
    failure_of,
)

EVIDENCE = Evidence(
    inputs=(InputDigest(role="fcs", sha256="ab" * 32),),
    rules=(RuleUsed(id="panel-x", version="1", source="made up for a test"),),
    software_version="0.1.0",
)
FLOW = FlowMrdCall(
    specimen=Specimen(subject_id="S1", visit="C1", specimen_id="M1", collected_on=date(2024, 3, 31)),
    state="positive",
    status={"1e-4": MrdStatus.POSITIVE},
    detected=True,
    quantifiable=True,
    n_target=120,
    n_denominator=400_000,
    denominator="nucleated",
    n_hematogones=40,
    fraction=3e-4,
    ci_low=2.5e-4,
    ci_high=3.6e-4,
    lob=1e-5,
    lod=5e-5,
    loq=1.25e-4,
    sensitivity=5e-5,
    lineage_arms=(LineageArm(markers=("CD19",), n=120),),
    gates=(GateCount(id="cells", path=("cells",), count=9, percent_of_parent=None, percent_of_total=90.0),),
    panel="panel-x",
    flags=("PROVISIONAL_LOB",),
    reasons=("120 of 400000 nucleated cells.",),
    evidence=EVIDENCE,
)
KARYOTYPE = KaryotypeCall(
    specimen=Specimen(subject_id="S1", visit="baseline", specimen_id="K1"),
    text="46,XX[20]",
    cleaned="46,XX[20]",
    changes=(),
    status="parsed",
    error=None,
    clones=(),
    ploidy="diploid",
    ploidy_group=None,
    modal_number=46,
    n_abnormalities_iscn=0,
    n_abnormalities_tokens="43~45",
    complex_raw=False,
    complex_all=False,
    kmt2a="no",
    ph="no",
    metaphases=None,
    excluded_level=0.14,
    unparsed=(),
    flags=(),
    reasons=(),
    evidence=EVIDENCE,
)


def analyse(task: Task) -> Outcome:
    """Do what the task's file says."""
    if isinstance(task, KaryotypeTask):
        return Outcome(calls=(replace(KARYOTYPE, specimen=task.specimen, text=task.text),))
    if isinstance(task, BackgroundTask):
        return background(task)
    do(task.path)
    if isinstance(task, DiagnosisTask):
        text = f"{task.background.path.read_text(encoding='utf-8')} diagnosis {task.path.name}"
        return written(task.output, text)
    specimen_id = task.specimen.specimen_id or "-"
    digest = InputDigest(role="fcs", sha256=sha256_of(task.path))
    picture = Picture(
        specimen_id=specimen_id,
        input_sha256=digest.sha256,
        section="gating",
        name="cells",
        title="Cells",
        caption="All.",
        png=b"\x89PNG\x00",
    )
    call = replace(FLOW, specimen=task.specimen, evidence=replace(EVIDENCE, inputs=(digest,)))
    if isinstance(task, FlowTask):
        call = replace(call, reasons=(against(task),))
    return Outcome(calls=(call,), pictures=(picture,))


def do(path: Path) -> None:
    """Do what a file says."""
    words = path.read_text(encoding="utf-8").split()
    match words[0]:
        case "bad":
            raise InputError("the file is damaged", code="BAD", file=path, place="byte 7", found="7")
        case "bug":
            raise ZeroDivisionError("Jane Doe")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "slow":
            time.sleep(float(words[1]))


def background(task: BackgroundTask) -> Outcome:
    """Write the names of the blanks that can be used."""
    used: list[str] = []
    refused: dict[str, Failure] = {}
    for blank in task.blanks:
        try:
            do(blank.path)
        except InputError as error:
            refused[blank.sha256] = failure_of(error, file=blank.name)
        else:
            used.append(blank.name)
    if not enough_blanks(len(used)):
        lack = failure_of(blanks_too_few(len(used), task.panel), file=task.output.name)
        return Outcome(made=Made(sha256=None, lack=lack, refused=refused))
    outcome = written(task.output, "blanks " + " ".join(used))
    return Outcome(made=replace(outcome.made, refused=refused) if outcome.made else None)


def written(output: Path, text: str) -> Outcome:
    """Write a background."""
    write_text(output, text)
    return Outcome(made=Made(sha256=sha256_of(output)))


def against(task: FlowTask) -> str:
    """Return the text of the background that a file is called against."""
    return task.background.path.read_text(encoding="utf-8") if task.background else "no background"
