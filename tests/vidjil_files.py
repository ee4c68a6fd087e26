"""Synthetic `.vidjil` documents; sequences of our own."""

import json
from pathlib import Path
from typing import Any

from pipeline_files import sequence

SEQUENCE = sequence(7, 60)


def clone(name: str = "clone-1", reads: Any = (100,), **parts: Any) -> dict[str, Any]:
    """One clone with a sequence of 60 bases whose J starts at base 36, counted from 1."""
    seg = {"5": {"name": "IGHV3-9*01", "start": 1, "stop": 20}, "3": {"name": "IGHJ6*02", "start": 36}}
    ordinary = {
        "id": name,
        "germline": "IGH",
        "sequence": SEQUENCE,
        "reads": list(reads),
        "top": 1,
        "seg": seg,
    }
    return {**ordinary, **parts}


def document(*clones: dict[str, Any], number: int = 1, **parts: Any) -> dict[str, Any]:
    """A document in the form 2016b, with 1,000 reads in every sample of which 500 have a rearrangement."""
    return {
        "producer": "a test",
        "vidjil_json_version": "2016b",
        "samples": {"number": number, "original_names": [f"/data/s{i}.fastq" for i in range(number)]},
        "reads": {
            "total": [1000] * number,
            "segmented": [500] * number,
            "germline": {"IGH": [400] * number, "IGH+": [100] * number},
        },
        "clones": list(clones),
        **parts,
    }


def written(folder: Path, content: object, name: str = "result.vidjil") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
