"""Synthetic pipeline files: the vendor's layout with sequences of our own."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS = (
    *("nucleotide", "aminoAcid", "copy", "count", "jIndex", "inputTemplateEstimate", "sequenceStatus"),
    *("vMaxResolved", "dMaxResolved", "jMaxResolved", "cloneResolved", "locus", "cloneProbability"),
    *("sequenceTags", "cellularSensitivityBin", "cellFreeSensitivityBin"),
)

CELLULAR = {
    "qc_flags": "PASS",
    "estTotalNucleatedCells": "1000000",
    "productionPCRAmountofTemplate": "13000",
    "sampleMilliliters": "-1",
    "pipelineVersion": "v3.0",
}


def sequence(seed: int, length: int = 100) -> str:
    """A sequence of its own for every seed."""
    digits = b"".join(
        hashlib.sha256(f"{seed} {block}".encode()).digest() for block in range(length // 32 + 1)
    )
    return "".join("ACGT"[digit % 4] for digit in digits[:length])


def row(nucleotide: str, templates: object, locus: str = "IGH", **cells: object) -> dict[str, str]:
    """One row that is trackable to 1e-6 unless told otherwise."""
    cells_by_name = {
        "nucleotide": nucleotide,
        "inputTemplateEstimate": templates,
        "count": templates,
        "copy": 10,
        "jIndex": len(nucleotide) - 28,
        "locus": locus,
        "vMaxResolved": f"{locus[:3]}V01",
        "cloneProbability": "1e-20",
        "cellularSensitivityBin": "1.0E-06",
        "cellFreeSensitivityBin": "1.0E-06",
        **cells,
    }
    return {name: str(value) for name, value in cells_by_name.items()}


def text(
    rows: Sequence[Mapping[str, str]],
    header: Mapping[str, str] = CELLULAR,
    columns: Sequence[str] = COLUMNS,
) -> str:
    lines = [f"#{key}={value}" for key, value in header.items()]
    lines.append("\t".join(columns))
    lines += ["\t".join(one.get(name, "") for name in columns) for one in rows]
    return "\n".join(lines) + "\n"


def write(path: Path, content: str | bytes) -> Path:
    """Write text as it is, gzip-compressed where the name ends in .gz."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path
