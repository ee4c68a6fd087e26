"""The parts of docs/schema that are made from the code: each column, variable, term and field."""

from collections.abc import Iterable, Iterator, Sequence

from mrdkit.export.cbioportal_clinical import PATIENT_ATTRIBUTES, SAMPLE_ATTRIBUTES, TIMELINES
from mrdkit.export.cbioportal_mutations import MAF_COLUMNS
from mrdkit.export.columns import TABLES
from mrdkit.export.json_schema import schema_of, texts_of
from mrdkit.export.redcap_dictionary import instruments
from mrdkit.export.sdtm.model import codelists, domains, words

__all__ = ["PAGES"]


def tables_page() -> Iterator[str]:
    for name, columns in TABLES.items():
        schema = schema_of(name)
        assert isinstance(schema, dict)
        yield f"## {name}\n\nA row is {schema['description']}.\n"
        texts = [(column, texts_of(name, column)) for column in columns]
        yield _table(
            ("column", "type", "unit", "codes", "meaning"),
            [
                (f"`{column.name}`", column.kind, text.unit, _codes(text.codes), text.meaning)
                for column, text in texts
            ],
        )


def sdtm_page() -> Iterator[str]:
    yield "## Data sets\n"
    for domain in domains().values():
        yield f"### {domain.name}: {domain.label}\n\nSorted by {', '.join(domain.keys)}.\n"
        yield _table(
            ("variable", "label", "type", "core", "codelist"),
            [
                (f"`{each.name}`", each.label, each.type, each.core, each.codelist)
                for each in domain.variables
            ],
        )
    yield "## Sponsor extensions\n"
    yield _table(
        ("codelist", "name", "value", "meaning"),
        [
            (codelist.code, codelist.name, f"`{each.value}`", each.meaning)
            for codelist in codelists().values()
            for each in codelist.extensions
        ],
    )
    yield "## Words and terms\n"
    kinds = ("response", "cytogenetic", "mrd", "material", "sex", "detection")
    yield _table(
        ("kind", "word", "term"),
        [(kind, f"`{word}`", f"`{term}`") for kind in kinds for word, term in getattr(words(), kind).items()],
    )


def redcap_page() -> Iterator[str]:
    for form in instruments():
        times = "one row per result" if form.repeats else "one row per subject"
        yield f"## {form.name}\n\nInstrument with {times}.\n"
        yield _table(
            ("field", "type", "choices", "unit or note", "label"),
            [
                (
                    f"`{each.name}`",
                    "radio" if each.choices else each.validation or each.type,
                    _codes(each.choices or ()),
                    each.note,
                    each.label,
                )
                for each in form.fields
            ],
        )


def cbioportal_page() -> Iterator[str]:
    for name, attributes in (("patients", PATIENT_ATTRIBUTES), ("samples", SAMPLE_ATTRIBUTES)):
        yield f"## Attributes of {name}\n"
        yield _table(
            ("attribute", "type", "meaning"),
            [(f"`{each.name}`", each.kind, each.label) for each in attributes],
        )
    yield "## Time lines and mutations\n"
    tables = {f"data_timeline_{name}.txt": columns for name, columns in TIMELINES.items()}
    tables["data_mutations.txt"] = MAF_COLUMNS
    yield _table(("file", "columns"), [(f"`{name}`", _codes(columns)) for name, columns in tables.items()])


#: Page -> what makes its generated part.
PAGES = {
    "tables-v1.md": tables_page,
    "sdtm-v1.md": sdtm_page,
    "redcap-v1.md": redcap_page,
    "cbioportal-v1.md": cbioportal_page,
}


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
