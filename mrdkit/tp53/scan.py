"""One pass over the records of a file, which keeps those that may touch TP53 and refuses what is no record.

A kernel passes over lines that are sound and cannot touch the gene; any other line is looked at here, so
that a line with too few columns or a bad position is an error wherever it stands. In a file that is read
through its index the pass ends behind the gene.
"""

import re
from array import array
from pathlib import Path

from mrdkit._ext.vcf_lines import pass_over
from mrdkit.errors import InputError
from mrdkit.tp53.container import Block, truncated
from mrdkit.tp53.gene import load_gene
from mrdkit.tp53.records import VcfRecord, is_chromosome_17, parse_record

__all__ = ["Scan"]

_NOWHERE = 1 << 60  # no position lies behind it
_LONGEST_POSITION = 10  # digits
_NO_NAMES = (b"", b".")
_ODD_NAME = re.compile(
    r"(?i)(hs|chromosome|chrom|chr)?[._ -]?0*17(\.\d+)?"
    r"|.*[^a-z0-9]chr(om(osome)?)?[._ -]?0*17|.*(NC_000017|CM000679).*"
)
_ACCESSION = re.compile(r"(?i)(NC_|CM|CP)\d+\.\d+")


class Scan:
    """The state of one pass.

    Attributes:
        lowest: first position of the gene on any build; `highest` is the last.
        records: records that touch the gene's window on a build, in file order.
        chromosomes: names under which chromosome 17 or an accession was met.
        n_records: records met.
        terminated: whether the last line ends with a line feed.
        ends_behind: whether the pass ends behind the gene.
        is_past: whether it has ended there.
    """

    def __init__(self, path: Path, n_columns: int, *, n_lines: int | None, ends_behind: bool = False) -> None:
        """Begin a pass; `n_lines` were read before it, None where lines are not counted from the start."""
        self._path = path
        self._n_tabs = n_columns - 1
        self._n_lines = n_lines
        self.ends_behind = ends_behind
        self._windows = load_gene().windows()
        self.lowest = min(low for low, _ in self._windows.values())
        self.highest = max(high for _, high in self._windows.values())
        self._on_17: dict[bytes, bool] = {}
        self._out = array("q", (0, 0))
        self.records: list[VcfRecord] = []
        self.chromosomes: list[str] = []
        self.n_records = 0
        self.terminated = True
        self.is_past = False

    def take(self, block: Block) -> None:
        """Take in the next lines of the file."""
        self.terminated = block.terminated
        text, at = block.text, 0
        while at < len(text) and not self.is_past:
            at = self._passed_over(text, at)
            if at < len(text):
                end = text.find(b"\n", at)
                line = text[at:] if end < 0 else text[at:end]
                self.is_past = not self._take_line(line) and self.ends_behind
                at += len(line) + 1

    def is_17(self, chrom: bytes) -> bool:
        """Tell whether a contig is chromosome 17.

        Raises:
            InputError: it looks like it, under an unknown name.
        """
        known = self._on_17.get(chrom)
        if known is None:
            known = self._on_17[chrom] = self._named_17(chrom.decode("utf-8", errors="replace"))
        return known

    def is_near(self, chrom: bytes, pos: int) -> bool:
        """Tell whether a place is on chromosome 17, not behind the gene."""
        return self.is_17(chrom) and pos <= self.highest

    def beyond(self, chrom: bytes) -> int:
        """Return the position of a contig behind which records are passed over."""
        if not self.is_17(chrom):
            return -1
        return _NOWHERE if self.ends_behind else self.highest

    def count(self, n_passed: int) -> None:
        """Count records that were passed over."""
        self.n_records += n_passed
        if self._n_lines is not None:
            self._n_lines += n_passed

    def _passed_over(self, text: bytes, at: int) -> int:
        chrom = text[at : text.find(b"\t", at) + 1]
        name = chrom[:-1]
        if name in _NO_NAMES or (self.ends_behind and not self.is_17(name)):
            return at
        pass_over(text, at, chrom, self._n_tabs, self.lowest, self.beyond(name), self._out)
        self.count(self._out[1])
        return self._out[0]

    def _take_line(self, line: bytes) -> bool:
        """Look at one line; return whether the next one may touch the gene."""
        if self._n_lines is not None:
            self._n_lines += 1
        if not line.strip():
            return True
        chrom, _, rest = line.partition(b"\t")
        pos = rest.partition(b"\t")[0]
        if line.count(b"\t") != self._n_tabs or not pos.isdigit() or len(pos) > _LONGEST_POSITION:
            raise self._refused(line)
        if chrom in _NO_NAMES:
            raise truncated(self._path, "a record without CHROM", self._place(chrom, pos))
        self.n_records += 1
        is_near = self.is_near(chrom, int(pos))
        if is_near or b"[" in line or b"]" in line:
            cells = line.rstrip(b"\r").decode("utf-8", errors="replace").split("\t")
            record = parse_record(cells, self._place(chrom, pos))
            if self._touches(record):
                self.records.append(record)
        return is_near

    def _place(self, chrom: bytes, pos: bytes) -> str:
        if self._n_lines is not None:
            return f"line {self._n_lines}"
        return f"{chrom.decode('utf-8', errors='replace')}:{pos.decode()}"

    def _refused(self, line: bytes) -> InputError:
        n = line.count(b"\t") + 1
        columns = f"{n} columns, where the header has {self._n_tabs + 1}"
        found = "a position that is no number" if n == self._n_tabs + 1 else columns
        place = None if self._n_lines is None else f"line {self._n_lines}"
        return truncated(self._path, found, place)

    def _named_17(self, name: str) -> bool:
        on_17 = is_chromosome_17(name)
        if on_17 or _ACCESSION.fullmatch(name):
            self.chromosomes.append(name)
        elif _ODD_NAME.fullmatch(name):
            raise InputError(
                "a contig looks like chromosome 17 under an unknown name",
                code="CONTIG_UNKNOWN",
                file=self._path,
                expected="17, chr17, NC_000017.* or CM000679.*",
                found=name,
                remedy="rename the contig",
            )
        return on_17

    def _touches(self, record: VcfRecord) -> bool:
        places = [(mate, mate) for mate in record.mates()]
        if is_chromosome_17(record.chrom):
            places.append((record.pos, record.reach))
        windows = self._windows.values()
        return any(start <= high and end >= low for start, end in places for low, high in windows)
