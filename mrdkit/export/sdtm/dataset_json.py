"""One data set as Dataset-JSON 1.1. The time of creation is the caller's, so that no clock is in the file."""

import json
from collections.abc import Sequence
from datetime import datetime

from mrdkit.export.sdtm.datasets import Dataset, Value
from mrdkit.export.sdtm.model import Variable
from mrdkit.version import __version__

__all__ = ["dataset_json"]

_VERSION = "1.1.0"
_WHOLE = ("SEQ", "DY", "VISITNUM", "LEVEL")  # ends of the names of whole numbers


def dataset_json(dataset: Dataset, study_id: str, created: datetime) -> str:
    """Return the document: metadata, columns, rows."""
    rows = dataset.rows
    columns = [
        _column(dataset, variable, values)
        for variable, values in zip(dataset.variables, dataset.columns, strict=True)
    ]
    document = {
        "datasetJSONCreationDateTime": created.isoformat(timespec="seconds"),
        "datasetJSONVersion": _VERSION,
        "sourceSystem": {"name": "mrdkit", "version": __version__},
        "studyOID": study_id,
        "itemGroupOID": f"IG.{dataset.name}",
        "records": len(rows),
        "name": dataset.name,
        "label": dataset.label,
        "columns": columns,
        "rows": rows,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _column(dataset: Dataset, variable: Variable, values: Sequence[Value]) -> dict[str, object]:
    column: dict[str, object] = {
        "itemOID": f"IT.{dataset.name}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": _type(variable),
    }
    if column["dataType"] == "string":
        column["length"] = (
            max((len(str(value)) for value in set(values) if value is not None), default=0) or 1
        )
    if variable.name in dataset.keys:
        column["keySequence"] = dataset.keys.index(variable.name) + 1
    return column


def _type(variable: Variable) -> str:
    if variable.type == "Num":
        return "integer" if variable.name.endswith(_WHOLE) else "double"
    return "date" if variable.name.endswith("DTC") else "string"
