"""VCF lines as plain values: header, record, sample fields. Every value stays the text that the file holds.

Text keeps what a typed reader loses: `0.45` is 0.45, `38.46%` is a fraction, and a tag that the header
declares wrongly, or not at all, still reads. What a value means is decided in `depth.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = [
    "FIXED_COLUMNS",
    "VcfHeader",
    "VcfRecord",
    "is_chromosome_17",
    "is_ignored",
    "is_symbolic",
    "natural",
    "parse_record",
]

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_N_FIXED = len(FIXED_COLUMNS)
_NAMES = frozenset({"17", "chr17"})
_ACCESSIONS = ("nc_000017.", "cm000679.")
_MOST_DIGITS = 12
_ANYWHERE = 1_000_000_000_000
_MATE = re.compile(r"[\[\]]([^\[\]]+):(\d+)[\[\]]")
_IGNORED_ALLELES = frozenset({"*", "<*>", "<x>", "<non_ref>", "."})


@dataclass(frozen=True, slots=True, kw_only=True)
class VcfHeader:
    """The header of one file.

    Attributes:
        meta: the `##` lines without the marks.
        samples: names of the sample columns, in order.
    """

    meta: tuple[str, ...]
    samples: tuple[str, ...]

    @property
    def has_format_line(self) -> bool:
        """Whether the file begins with `##fileformat`, as VCF asks."""
        return any(line.lower().startswith("fileformat=") for line in self.meta[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class VcfRecord:
    """One record, as written.

    Attributes:
        place: where it stands in the file, for messages.
        alts: alternate alleles in order; positions in genotypes count from 1 over all of them.
        filter: FILTER as written; `.` and an empty field become None.
        formats: names of the sample fields.
        samples: the sample columns, each as written.
    """

    place: str
    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    filter: str | None
    info: Mapping[str, str]
    formats: tuple[str, ...]
    samples: tuple[str, ...]

    def fields(self, sample: int | None) -> Mapping[str, str]:
        """Return one sample's fields, none where they do not fit; missing ones and `.` are left out."""
        if sample is None or sample >= len(self.samples) or not self.fits_format(sample):
            return {}
        values = self.samples[sample].split(":")
        return {
            name: value for name, value in zip(self.formats, values, strict=False) if value not in {"", "."}
        }

    def fits_format(self, sample: int | None) -> bool:
        """Tell whether each value of a sample has one name: with more values than names none is sure."""
        if sample is None or sample >= len(self.samples):
            return True
        n_values = self.samples[sample].count(":") + 1
        return n_values <= max(1, len(self.formats)) and len(set(self.formats)) == len(self.formats)

    @property
    def end(self) -> int:
        """Last reference position that the record speaks of, as far as it says."""
        return max(self.pos + max(1, len(self.ref)) - 1, self._declared_end or 0)

    @property
    def reach(self) -> int:
        """Last reference position that the record may touch.

        The base after an anchored deletion or insertion belongs to what it changes; a symbolic allele that
        declares no extent may reach any place behind it.
        """
        open_ended = any(
            alt.startswith("<") and is_symbolic(alt) and not alt.upper().startswith("<INS")
            for alt in self.alts
        )
        return _ANYWHERE if open_ended and self._declared_end is None else self.end + 1

    @property
    def _declared_end(self) -> int | None:
        """The end by END, by SVLEN of symbolic alleles, or by LEN of a lone sample (VCF 4.5), else None."""
        end = natural(self.info.get("END", ""))
        if end is not None and end >= self.pos:
            return end
        if any(is_symbolic(alt) for alt in self.alts):
            texts = [text for text in self.info.get("SVLEN", "").split(",") if text not in {"", "."}]
            known = [length for text in texts if (length := natural(text.lstrip("-"))) is not None]
            return self.pos + max(known) if known and len(known) == len(texts) else None
        length = natural(self.fields(0).get("LEN", "")) if len(self.samples) == 1 else None
        return None if length is None else self.pos + length - 1

    @property
    def is_reference_block(self) -> bool:
        """Whether the record only says that the reference was seen."""
        return all(alt.lower() in _IGNORED_ALLELES and alt != "*" for alt in self.alts)

    def mates(self) -> tuple[int, ...]:
        """Return the chromosome 17 positions that breakend alleles join to."""
        found = (match for alt in self.alts for match in _MATE.finditer(alt))
        return tuple(int(match[2]) for match in found if is_chromosome_17(match[1]))


def natural(text: str) -> int | None:
    """Return a whole number of 0 or more, or None where the text is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def is_chromosome_17(name: str) -> bool:
    """Tell whether a contig name is one of chromosome 17's own."""
    lower = name.lower()
    return lower in _NAMES or lower.startswith(_ACCESSIONS)


def is_symbolic(alt: str) -> bool:
    """Tell a symbolic allele or breakend from bases; `*`, `<*>`, `<NON_REF>` and `.` are neither."""
    if alt.lower() in _IGNORED_ALLELES:
        return False
    return any(mark in alt for mark in "<>[]") or (len(alt) > 1 and "." in (alt[0], alt[-1]))


def is_ignored(alt: str) -> bool:
    """Tell an ALT that stands for no allele of its own: `*`, `<*>`, `<NON_REF>`, `.`."""
    return alt.lower() in _IGNORED_ALLELES


def parse_record(cells: list[str], place: str) -> VcfRecord:
    """Return the cells of one line as a record.

    Raises:
        ValueError: POS is no number.
    """
    return VcfRecord(
        place=place,
        chrom=cells[0],
        pos=int(cells[1]),
        ref=cells[3],
        alts=tuple(cells[4].split(",")),
        filter=None if cells[6] in {"", "."} else cells[6],
        info=_info(cells[7].split(";")),
        formats=tuple(cells[_N_FIXED].split(":")) if len(cells) > _N_FIXED else (),
        samples=tuple(cells[_N_FIXED + 1 :]),
    )


def _info(items: Iterable[str]) -> Mapping[str, str]:
    """Return the items of INFO that have a value; of one that stands twice with two values neither counts."""
    found: dict[str, set[str]] = {}
    for item in items:
        name, _, value = item.partition("=")
        if value not in {"", "."}:
            found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in found.items() if len(values) == 1}
