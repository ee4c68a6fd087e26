"""The hand-kept tables of the synthetic study: subjects, assessments, events, FISH counts, karyotypes."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from mrdkit.files import write_csv, write_text
from mrdkit.study.demo.scenarios import Scenario

__all__ = ["NOTICE", "day_of", "specimen_of", "write_clinical_tables"]

NOTICE = "Synthetic data. No person is described; no result here may be used for care."

STUDY_TOML = f"""id = "demo"
criteria = "jabbour2023"
panel = "b_all_fixed"
probes = "probes.toml"
cutoffs = "cutoffs.toml"
notice = "{NOTICE}"
"""

PROBES_TOML = """[probe.CRLF2_BA]
gene = "CRLF2"
kind = "break_apart"
red = "3prime"
green = "5prime"
source = "invented for the synthetic study"
"""

CUTOFFS = {"split": 1, "del5": 5, "del3": 5, "gain": 4, "loss": 8}

SUBJECT_COLUMNS = "subject_id sex age treatment_start arm salvage cr1_duration_months prior_sct".split()
EVENT_COLUMNS = "subject_id date event detail".split()
FISH_COLUMNS = "specimen_id subject_id visit collected_on probe_id reader pattern count".split()
KARYOTYPE_COLUMNS = "subject_id visit specimen_id collected_on karyotype".split()
ASSESSMENT_COLUMNS = (
    "subject_id visit course marrow_date blasts_percent marrow_evaluable cbc_date anc anc_unit platelets "
    "platelets_unit extramedullary pb_blasts_percent cellularity_percent growth_factor "
    "platelet_transfusion_date"
).split()

FIRST_START = date(2024, 1, 8)


def day_of(number: int, day: int) -> date:
    """Return the calendar day of a study day of the n-th patient; patients start a fortnight apart."""
    return FIRST_START + timedelta(days=14 * number + day)


def specimen_of(subject: str, visit: str) -> str:
    """Return the specimen id of a visit's marrow."""
    return f"{subject}-{visit.replace(' ', '-')}"


def write_clinical_tables(folder: Path, patients: Sequence[tuple[str, Scenario]]) -> None:
    """Write study.toml, the probe and cut-off files and every table that is not a laboratory file."""
    write_text(folder / "study.toml", STUDY_TOML)
    write_text(folder / "probes.toml", PROBES_TOML)
    write_text(folder / "cutoffs.toml", "\n".join(_cutoff(name, false) for name, false in CUTOFFS.items()))
    numbered = list(enumerate(patients))
    write_csv(folder / "subjects.csv", SUBJECT_COLUMNS, (_subject(n, s, c) for n, (s, c) in numbered))
    write_csv(
        folder / "events.csv", EVENT_COLUMNS, (row for n, (s, c) in numbered for row in _events(n, s, c))
    )
    write_csv(
        folder / "assessments.csv",
        ASSESSMENT_COLUMNS,
        (row for n, (s, c) in numbered for row in _assessments(n, s, c)),
    )
    write_csv(
        folder / "fish_counts.csv", FISH_COLUMNS, (row for n, (s, c) in numbered for row in _fish(n, s, c))
    )
    write_csv(
        folder / "karyotypes.csv",
        KARYOTYPE_COLUMNS,
        (row for n, (s, c) in numbered for row in _karyotypes(n, s, c)),
    )


def _cutoff(name: str, max_false: int) -> str:
    return (
        f'[[cutoff]]\nprobe = "CRLF2_BA"\nclass = "{name}"\nmethod = "betainv"\n'
        f"alpha = 0.05\nmax_false = {max_false}\nn = 200\n"
    )


def _subject(number: int, subject: str, case: Scenario) -> Sequence[object]:
    start = day_of(number, 0)
    return (subject, case.sex, case.age, start, case.arm, case.salvage, case.cr1_months, case.prior_sct)


def _events(number: int, subject: str, case: Scenario) -> Iterable[Sequence[object]]:
    return ((subject, day_of(number, day), event, detail) for day, event, detail in case.events)


def _assessments(number: int, subject: str, case: Scenario) -> Iterable[Sequence[object]]:
    for visit in case.visits:
        marrow = day_of(number, visit.day)
        counts = (
            visit.anc,
            "10^9/L",
            visit.platelets,
            "10^9/L",
            visit.extramedullary,
            visit.pb_blasts_percent,
        )
        yield (
            subject,
            visit.label,
            visit.course,
            marrow,
            visit.blasts_percent,
            "Y",
            marrow,
            *counts,
            40,
            "N",
            "",
        )


def _fish(number: int, subject: str, case: Scenario) -> Iterable[Sequence[object]]:
    where = (
        specimen_of(subject, "baseline"),
        subject,
        "baseline",
        day_of(number, case.visits[0].day),
        "CRLF2_BA",
    )
    return ((*where, "A", pattern, count) for pattern, count in case.fish.items())


def _karyotypes(number: int, subject: str, case: Scenario) -> Iterable[Sequence[object]]:
    for visit in case.visits:
        if visit.karyotype:
            specimen = specimen_of(subject, visit.label)
            yield (subject, visit.label, specimen, day_of(number, visit.day), visit.karyotype)
