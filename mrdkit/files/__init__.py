"""How files are opened, whatever they mean: tables, rule files, digests, whole-or-nothing writing.

This room knows formats, no assay. It stands below the rooms so that none of them does it its own way.
"""

from mrdkit.files.content import read_content
from mrdkit.files.digest import sha256_of, unreadable
from mrdkit.files.documents import read_json
from mrdkit.files.rules import Rule, read_rule, rule_from_toml
from mrdkit.files.tables import Row, Table, read_table
from mrdkit.files.writing import check_not_input, write_bytes, write_csv, write_text, writing_to

__all__ = [
    "Row",
    "Rule",
    "Table",
    "check_not_input",
    "read_content",
    "read_json",
    "read_rule",
    "read_table",
    "rule_from_toml",
    "sha256_of",
    "unreadable",
    "write_bytes",
    "write_csv",
    "write_text",
    "writing_to",
]
