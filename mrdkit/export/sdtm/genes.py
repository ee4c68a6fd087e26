"""CRLF2 rearrangement and TP53 as genomics (GF): what was found, and each variant by its details.

Not tested is NOT DONE, never "not detected". A word of another laboratory without an entry stands as written.
"""

import re
from collections.abc import Iterator, Mapping

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.model import words
from mrdkit.export.sdtm.subject import SubjectView
from mrdkit.export.values import number_text
from mrdkit.patient.records import ExternalResult
from mrdkit.results import FishCall, Specimen, Tp53Call, Tp53Variant

__all__ = ["gene_rows"]

_KEY = re.compile("(?P<chrom>[^-]+)-(?P<pos>[0-9]+)-(?P<ref>[ACGTN]+)-(?P<alt>[ACGTN]+)")
_NOT_DONE = frozenset({"not_tested", "not_done", "pending"})
_METHODS = {"TP53": "NEXT GENERATION SEQUENCING", "CRLF2": "FISH"}
_TESTS = {"TP53": ("SHRTVAR", "Short Variation"), "CRLF2": ("SEQREAR", "Sequence Rearrangement")}
_SINGLE = ("SNV", "Single Nucleotide Variation")
_GENES = {"tp53": "TP53", "crlf2_fish": "CRLF2"}


def gene_rows(view: SubjectView) -> Iterator[Row]:
    """Yield the rows of both genes, from calls and from results made elsewhere."""
    for call in view.record.calls:
        if isinstance(call, Tp53Call):
            yield from _tp53(view, call)
        elif isinstance(call, FishCall):
            yield from _fish(view, call)
    for row in view.record.external:
        if row.assay in _GENES:
            yield _external(view, row)


def _fish(view: SubjectView, call: FishCall) -> Iterator[Row]:
    flags = {"GFFLAGS": "; ".join(call.flags)}
    yield _row(view, call.specimen, {**_head("CRLF2"), **_detection(call.call)}, flags)
    if call.percent is not None:
        share = _number("REARRANGED NUCLEI/SCORED NUCLEI", call.percent, "%")
        yield _row(view, call.specimen, {**_head("CRLF2"), **share})


def _tp53(view: SubjectView, call: Tp53Call) -> Iterator[Row]:
    flags = {"GFFLAGS": "; ".join(call.flags)}
    yield _row(view, call.specimen, {**_head("TP53"), **_detection(call.status)}, flags)
    for number, variant in enumerate(call.variants, start=1):
        place = call.specimen.specimen_id or call.specimen.visit or "sample"
        group = {"GRPID": f"{place}.TP53.{number}"}
        for details in _variant(variant):
            values = {**_head("TP53"), **_locus(variant), **group, **details}
            yield _row(view, call.specimen, values)


def _locus(variant: Tp53Variant) -> dict[str, Value]:
    """Return where a variant lies, on GRCh38, and whether it counts."""
    key = _KEY.fullmatch(variant.key)
    single = key is not None and len(key["ref"]) == len(key["alt"]) == 1
    code, name = _SINGLE if single else _TESTS["TP53"]
    return {
        "TESTCD": code,
        "TEST": name,
        "GENREF": "GRCh38",
        "CHROM": key["chrom"] if key else variant.chrom,
        "GENLOC": key["pos"] if key else variant.key,
        "RESCAT": "COUNTED" if variant.counted else "NOT COUNTED",
    }


def _variant(variant: Tp53Variant) -> Iterator[dict[str, Value]]:
    yield _text("PREDICTED CODING SEQUENCE CHANGE", variant.hgvs_c)
    if variant.hgvs_p:
        yield _text("PREDICTED AMINO ACID CHANGE", variant.hgvs_p)
    if variant.vaf is not None:
        yield _number("VARIANT READ DEPTH/READ DEPTH", variant.vaf, "fraction of 1")
    if variant.depth is not None:
        yield _number("READ DEPTH", variant.depth)
    if variant.alt_reads is not None:
        yield _number("VARIANT READ DEPTH", variant.alt_reads)


def _external(view: SubjectView, row: ExternalResult) -> Row:
    specimen = Specimen(visit=row.visit, specimen_id=row.specimen_id, collected_on=row.collected_on)
    head = {**_head(_GENES[row.assay]), "NAM": row.source or None}
    if row.status:
        return _row(view, specimen, {**head, **_detection(row.status)})
    value = number_text(row.value) if row.value is not None else "NO VALUE"
    return _row(view, specimen, {**head, **_text("DETECTION", f"{value} {row.unit or ''}".strip())})


def _head(gene: str) -> dict[str, Value]:
    code, name = _TESTS[gene]
    return {
        "TESTCD": code,
        "TEST": name,
        "SYM": gene,
        "SYMTYP": "GENE WITH PROTEIN PRODUCT",
        "SPEC": "DNA",
        "METHOD": _METHODS[gene],
    }


def _detection(word: str) -> dict[str, Value]:
    plain = "_".join(word.casefold().replace("-", " ").split())
    if plain in _NOT_DONE:
        reason = plain.upper().replace("_", " ")
        return {"TSTDTL": "DETECTION", "STAT": "NOT DONE", "REASND": reason}
    return {"TSTDTL": "DETECTION", "ORRES": word, "STRESC": words().detection.get(plain, word)}


def _text(detail: str, text: str) -> dict[str, Value]:
    return {"TSTDTL": detail, "ORRES": text, "STRESC": text}


def _number(detail: str, value: float, unit: str | None = None) -> dict[str, Value]:
    text = number_text(value)
    return {**_text(detail, text), "ORRESU": unit, "STRESN": value, "STRESU": unit}


def _row(
    view: SubjectView,
    specimen: Specimen,
    values: Mapping[str, Value],
    qualifiers: Mapping[str, str | None] | None = None,
) -> Row:
    whole = {"REFID": specimen.specimen_id, "LNKGRP": specimen.visit, **values}
    return view.row("GF", whole, visit=specimen.visit, day=specimen.collected_on, qualifiers=qualifiers)
