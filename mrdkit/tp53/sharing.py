"""A variant file without its patient: the records that touch TP53, listed fields, and names of samples anew.

The rest of an exome or genome would identify its person by itself. What is written is annotated again and
must give the same rows, or be refused by the same code.
Rules: reference/tp53/shared_fields.toml.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from mrdkit.errors import InputError, MrdkitError
from mrdkit.files import write_bytes
from mrdkit.files.rules import Rule, checked_dataclass, read_rule
from mrdkit.tp53.annotated import AlleleRow, AnnotatedVcf, annotate_vcf
from mrdkit.tp53.build import known_build_names
from mrdkit.tp53.gene import Build, load_gene
from mrdkit.tp53.records import FIXED_COLUMNS, VcfRecord
from mrdkit.tp53.sharing_header import CONTIG_NAME, SharedHeader
from mrdkit.tp53.supplied import is_annotation, names_transcript
from mrdkit.tp53.vcf import VcfContent, read_vcf

__all__ = ["UnsharedHeader", "share_variants", "shared_field_names"]

_BASES = re.compile(r"[ACGTNRYKMSWBDHVacgtnrykmswbdhv]+")
_SYMBOLIC = re.compile(
    r"[.*]|<(\*|X|NON_REF|DEL|INS|DUP|INV|CNV|BND|TRA|(DEL|INS|DUP)(:[A-Z0-9]{2,10})*)>", re.IGNORECASE
)
_BREAKEND = re.compile(r"([ACGTN.]*)[\[\]]([^\[\]:]+):(\d{1,10})[\[\]]([ACGTN.]*)", re.IGNORECASE)
_NUMBERS = re.compile(r"[-+0-9.,/|%eE]*")
_PHASE = re.compile(r"\d{1,10}_[ACGTN*]+_[ACGTN*,]+")
_WORD = re.compile(r"[A-Z]{2,5}(:[A-Z]{2,5})*")
_ANNOTATION_TAG = re.compile(r"(?i)ANN|CSQ|BCSQ|AAChange[._](ref|ens|known)Gene(WithVer)?")
_ANNOTATION_CELL = re.compile(r"[A-Za-z0-9_.>*=+()?~-]{1,200}")


@checked_dataclass(frozen=True, slots=True, kw_only=True)
class _SharedFields(Rule):
    info: tuple[str, ...]
    format: tuple[str, ...]
    filters: tuple[str, ...]


def shared_field_names() -> frozenset[str]:
    """Return the names of fields, filters and builds that are kept."""
    rule = _shared_fields()
    return frozenset((*rule.info, *rule.format, *rule.filters, *known_build_names(load_gene())))


def _shared_fields() -> _SharedFields:
    return read_rule("tp53", "shared_fields", _SharedFields)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsharedHeader:
    """What was removed: names of samples, and what header lines said; never to be printed."""

    samples: frozenset[str] = field(repr=False)
    texts: frozenset[str] = field(repr=False)


def share_variants(
    path: Path,
    output: Path,
    *,
    rename: Callable[[str, str], str],
    build: Build | None,
    samples: Sequence[str],
) -> UnsharedHeader:
    """Write a VCF of the TP53 records without identity and return what was removed.

    Args:
        path: VCF (plain, gzip, BGZF) or BCF.
        output: the new file, plain VCF.
        rename: what a text of a kind (`sample`, `filter`, `phase`) becomes.
        build: the build, where the file does not say.
        samples: names of the sample columns that are asked for; empty for the only one.

    Raises:
        InputError: unreadable, or what is written does not give the same rows.
    """
    content = read_vcf(path)
    header = SharedHeader(rename=lambda name: rename("sample", name))
    writer = _Writer(rule=_shared_fields(), rename=rename, content=content, header=header)
    text = "\n".join(writer.lines()) + ("\n" if content.terminated else "")
    write_bytes(output, text.encode("utf-8"))
    for sample in samples or ("",):
        renamed = rename("sample", sample) if sample else None
        _check_same(_outcome(path, build, sample or None), _outcome(output, build, renamed))
    return UnsharedHeader(samples=frozenset(header.names), texts=frozenset(header.texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    rule: _SharedFields
    rename: Callable[[str, str], str]
    content: VcfContent
    header: SharedHeader

    def lines(self) -> Iterator[str]:
        """Yield the lines of the new file."""
        yield from self.header.lines(self.content)
        yield from self._declared()
        names = [self.header.sample(name) for name in self.content.header.samples]
        yield "\t".join([*FIXED_COLUMNS, *(["FORMAT", *names] if names else [])])
        yield from map(self._record, self.content.records)

    def _declared(self) -> Iterator[str]:
        """Yield a declaration of each listed field that the records use."""
        info = {name for record in self.content.records for name in record.info}
        formats = {name for record in self.content.records for name in record.formats}
        for kind, used, listed in (("INFO", info, self.rule.info), ("FORMAT", formats, self.rule.format)):
            for name in listed:
                if name in used:
                    yield f'##{kind}=<ID={name},Number=.,Type=String,Description="{name}">'

    def _record(self, record: VcfRecord) -> str:
        if CONTIG_NAME.fullmatch(record.chrom) is None or not all(
            map(_is_allele, (record.ref, *record.alts))
        ):
            raise InputError(
                "a record has a contig or an allele of an unknown form",
                code="RECORD_NOT_CLEANED",
                remedy="write alleles as VCF defines them",
            )
        cells = [
            record.chrom,
            str(record.pos),
            ".",
            record.ref,
            ",".join(record.alts),
            ".",
            "." if record.filter is None else self._filter(record.filter),
            ";".join(self._info(record)) or ".",
        ]
        if self.content.header.samples or record.formats:
            names = self._formats(record.formats)
            cells.append(":".join(names) or ".")
            cells += [self._fields(names, sample) for sample in record.samples]
        return "\t".join(cells)

    def _filter(self, written: str) -> str:
        known = {name.casefold() for name in self.rule.filters}
        parts = re.split(r"[;,]", written)
        return ";".join(part if part.casefold() in known else self.rename("filter", part) for part in parts)

    def _info(self, record: VcfRecord) -> Iterator[str]:
        for name, value in record.info.items():
            if is_annotation(name) and _ANNOTATION_TAG.fullmatch(name):
                if entries := [_annotation(entry) for entry in value.split(",") if names_transcript(entry)]:
                    yield f"{name}={','.join(entries)}"
            elif name in self.rule.info and (_NUMBERS.fullmatch(value) or _WORD.fullmatch(value)):
                yield f"{name}={value}"

    def _formats(self, names: Sequence[str]) -> list[str]:
        """Return the names of the fields; one that is not listed becomes X and its place, twice the same."""
        return [name if name in self.rule.format else f"X{names.index(name) + 1}" for name in names]

    def _fields(self, names: Sequence[str], sample: str) -> str:
        values = sample.split(":")
        return ":".join(
            self._field(names[i] if i < len(names) else "", value) for i, value in enumerate(values)
        )

    def _field(self, name: str, value: str) -> str:
        if not value or value == ".":
            return value
        if name == "FT":
            return self._filter(value)
        if name in ("PS", "PID") and _NUMBERS.fullmatch(value) is None and _PHASE.fullmatch(value) is None:
            return self.rename("phase", value)
        kept = _NUMBERS.fullmatch(value) is not None or (name == "PID" and _PHASE.fullmatch(value))
        return value if kept and name in self.rule.format else "."


def _is_allele(text: str) -> bool:
    if match := _BREAKEND.fullmatch(text):
        return CONTIG_NAME.fullmatch(match[2]) is not None
    return any(pattern.fullmatch(text) for pattern in (_BASES, _SYMBOLIC)) or (
        "." in (text[:1], text[-1:]) and _BASES.fullmatch(text.strip(".")) is not None
    )


def _annotation(entry: str) -> str:
    """Return the cells of an annotation that name the allele, the transcript and the change."""
    cells = [unquote(cell) for cell in re.split(r"[|:]", entry)]
    kept = [
        cell
        for i, cell in enumerate(cells)
        if (i == 0 or cell.startswith(("c.", "p.")) or names_transcript(cell))
        and _ANNOTATION_CELL.fullmatch(cell)
    ]
    return "|".join(kept)


def _outcome(path: Path, build: Build | None, sample: str | None) -> AnnotatedVcf | str:
    """Return the annotated file, or the code by which it is refused."""
    try:
        return annotate_vcf(path, build, sample)
    except MrdkitError as error:
        return error.code


def _check_same(before: AnnotatedVcf | str, after: AnnotatedVcf | str) -> None:
    if _comparable(before) != _comparable(after):
        raise InputError(
            "without what may identify a person the file does not give the same TP53 rows",
            code="OUTPUT_NOT_EQUAL",
            remedy="write the file again with the fields of a known caller",
        )


def _comparable(found: AnnotatedVcf | str) -> Mapping[str, object] | str:
    if isinstance(found, str):
        return found
    return {
        "build": (found.build, found.build_evidence),
        "has_sample": found.sample is not None,
        "rows": [_without_codes(row) for row in found.rows],
        "covered": found.covered,
        "flags": found.flags,
    }


def _without_codes(row: AlleleRow) -> AlleleRow:
    """Return a row without the texts that may have become codes: what failed, and which phase set."""
    phase = None if row.phase is None else replace(row.phase, phase_set="")
    return replace(row, filter="PASS" if row.passed else "failed", phase=phase)
