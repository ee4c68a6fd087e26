"""Synthetic sequencing samples in the vendor's pipeline layout: `#key=value` lines, then a table.

Sequences are random; only the J segment's end is shared, as in a real assay. Columns that mrdkit does not
read are left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mrdkit.files import write_text

__all__ = ["Clone", "leukemic_clones", "write_sample"]

COLUMNS = (
    "nucleotide aminoAcid count inputTemplateEstimate locus sequenceTags sequenceStatus cloneResolved "
    "vMaxResolved dMaxResolved jMaxResolved vIndex n2Index dIndex n1Index jIndex cdr3Length cloneProbability "
    "maxAdjustedMutations cellularSensitivityBin cellFreeSensitivityBin"
).split()
J_ENDS = {
    "IGH": ("IGHJ06-01*02", "ATGGACGTCTGGGGCCAAGGGACC"),
    "IGH_D": ("IGHJ04-01*02", "TTTGACTACTGGGGCCAGGGAACC"),
    "IGK": ("IGKJ04-01*01", "CTCACTTTCGGCGGAGGGACCAAG"),
    "IGL": ("IGLJ02-01*01", "GTGGTATTCGGCGGAGGGACCAAG"),
}
BACKGROUND_CLONES = {"IGH": 260, "IGH_D": 40, "IGK": 300, "IGL": 60}
READ_LENGTH = 108
TRACKABLE_TEMPLATES = 40  # fewer get no sensitivity bin from the vendor
FOLLOW_UP_READ_LENGTH = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """One rearranged sequence; `copies_per_cell` is its share at diagnosis per leukemic cell."""

    locus: str
    v: str
    j: str
    sequence: str
    status: str
    probability: float
    copies_per_cell: float


def leukemic_clones(rng: np.random.Generator) -> tuple[Clone, ...]:
    """Return the three rearrangements of one invented leukemia."""
    kinds = (
        ("IGH", "IGHV04-39", "Stop", 0.97),
        ("IGK", "IGKV05-02*01", "Out", 1.02),
        ("IGK", "IGKV01", "In", 0.93),
    )
    return tuple(
        _clone(locus, v, status, rng, probability=10.0 ** rng.uniform(-30, -22), copies=copies)
        for locus, v, status, copies in kinds
    )


def write_sample(
    path: Path,
    *,
    clones: tuple[Clone, ...],
    residual: float,
    cells: float,
    calibration: bool,
    rng: np.random.Generator,
) -> None:
    """Write one sample; in a calibration sample the vendor's dominant tag stands at the clones."""
    length = READ_LENGTH if calibration else FOLLOW_UP_READ_LENGTH
    b_cells = cells * (0.01 if calibration else 0.004)
    rows = [
        (clone, int(templates), "Dx" if calibration else "")
        for clone in clones
        if (templates := rng.poisson(cells * residual * clone.copies_per_cell)) > 0
    ]
    for locus, number in BACKGROUND_CLONES.items():
        rows += [
            (clone, 1 + int(rng.poisson(b_cells / 1500.0)), "") for clone in _background(locus, number, rng)
        ]
    order = rng.permutation(len(rows))
    body = [_line(*rows[i], length=length) for i in order]
    header = _header([rows[i] for i in order], cells)
    write_text(path, "\n".join([*header, "\t".join(COLUMNS), *body]) + "\n")


def _background(locus: str, number: int, rng: np.random.Generator) -> list[Clone]:
    statuses = rng.choice(["In", "Out", "Stop"], number, p=[0.7, 0.2, 0.1])
    return [
        _clone(locus, f"{locus[:3]}V0{1 + i % 6}", str(status), rng, probability=10.0 ** rng.uniform(-28, -9))
        for i, status in enumerate(statuses)
    ]


def _clone(
    locus: str, v: str, status: str, rng: np.random.Generator, *, probability: float, copies: float = 0.0
) -> Clone:
    j, end = J_ENDS[locus]
    unique = "".join(rng.choice(list("ACGT"), READ_LENGTH - len(end)))
    return Clone(
        locus=locus,
        v="" if locus == "IGH_D" else v,
        j=j,
        sequence=unique + end,
        status=status,
        probability=probability,
        copies_per_cell=copies,
    )


def _line(clone: Clone, templates: int, tag: str, *, length: int) -> str:
    sequence = clone.sequence[-length:]
    j_index = len(sequence) - len(J_ENDS[clone.locus][1])
    cells = {
        "nucleotide": sequence,
        "count": templates,
        "inputTemplateEstimate": templates,
        "locus": clone.locus,
        "sequenceTags": tag,
        "sequenceStatus": clone.status,
        "cloneResolved": "DJ" if clone.locus == "IGH_D" else "VDJ" if clone.locus == "IGH" else "VJ",
        "vMaxResolved": clone.v,
        "dMaxResolved": "IGHD03-10" if clone.locus.startswith("IGH") else "",
        "jMaxResolved": clone.j,
        "vIndex": "-1",
        "n2Index": j_index - 34,
        "dIndex": j_index - 30 if clone.locus.startswith("IGH") else "-1",
        "n1Index": j_index - 10,
        "jIndex": j_index,
        "cdr3Length": 45,
        "cloneProbability": f"{clone.probability:.6e}",
        "cellularSensitivityBin": "1.0E-6" if templates >= TRACKABLE_TEMPLATES else "-1.0",
        "cellFreeSensitivityBin": "-1.0",
    }
    return "\t".join(str(cells.get(name, "")) for name in COLUMNS)


def _header(rows: list[tuple[Clone, int, str]], cells: float) -> list[str]:
    dj = sum(templates for clone, templates, _ in rows if clone.locus == "IGH_D")
    vj = sum(templates for _, templates, _ in rows) - dj
    keys = {
        "VJ_est_input_templates": vj,
        "DJ_est_input_templates": dj,
        "analysisVersion": "BCell",
        "qc_flags": "PASS",
        "pipelineVersion": "synthetic",
        "configVersion": "synthetic",
        "sampleMilliliters": "-1",
        "estTotalNucleatedCells": f"{cells:.2f}",
    }
    return [f"#{key}={value}" for key, value in keys.items()]
