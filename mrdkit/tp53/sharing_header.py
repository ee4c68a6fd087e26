"""The header of a variant file without its patient: what tells the build, and names of samples anew.

Kept are the version, contigs with their lengths, and the names of builds in lines about the reference. A name
of a sample becomes another one wherever the header says it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mrdkit.tp53.build import build_names
from mrdkit.tp53.gene import load_gene
from mrdkit.tp53.vcf import VcfContent

__all__ = ["CONTIG_NAME", "SharedHeader"]

#: Names of contigs that are no person's.
CONTIG_NAME = re.compile(r"(?i)(chr)?(\d{1,2}|[XYM]|MT)|(NC_|NT_|NW_|CM|GL|KI)\d{6,9}\.\d{1,2}")

_VERSION = re.compile(r"(?i)fileformat=(VCFv\d\.\d)")
_CONTIG = re.compile(r"(?i)contig=<(?:.*,)?ID=[\"']?([^,>\"']+)")
_LENGTH = re.compile(r"(?i)[<,]length=[\"']?(\d{1,12})")
_ASSEMBLY = re.compile(r"[<,]assembly=([^,>]+)")
_TEXT_LINE = re.compile(r"(?i)(reference|assembly|genome|genome[_-]?build|ref)=(.*)")
_SAMPLE_LINE = re.compile(r"(?i)((?:tumou?r|normal)_sample)=(.+)")
_PEDIGREE = re.compile(r"(?i)PEDIGREE=<(.*)>")
_PEDIGREE_PART = re.compile(r"(?i)(ID|Derived|Original)=([^,>]+)")
_TECHNICAL_LINE = re.compile(r"(?i)(contig|INFO|FORMAT|FILTER|ALT|fileformat|fileDate|phasing)=")
_MOST_META_LINES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHeader:
    """Cleans one header.

    Attributes:
        rename: what the name of a sample becomes.
        names: names of samples that were replaced.
        texts: what lines said that were left out.
    """

    rename: Callable[[str], str]
    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def lines(self, content: VcfContent) -> Iterator[str]:
        """Yield the lines that may be given away, and the names under which records stand.

        Those are evidence of the build, also of records that are left out.
        """
        meta = content.header.meta[:_MOST_META_LINES]
        for line in meta:
            kept = self._line(line)
            if kept is not None:
                yield f"##{kept}"
            elif _TECHNICAL_LINE.match(line) is None:
                self.texts.add(line.partition("=")[2].strip('"<>'))
        declared = {match[1] for line in meta if (match := _CONTIG.match(line))}
        met = (name for name in content.chromosomes if name not in declared and CONTIG_NAME.fullmatch(name))
        yield from (f"##contig=<ID={name}>" for name in met)

    def sample(self, name: str) -> str:
        """Return the new name of a sample."""
        new = self.rename(name)
        if new != name:
            self.names.add(name)
        return new

    def _line(self, line: str) -> str | None:
        """Return a line as it may be given away, None where it may not."""
        if match := _VERSION.match(line):
            return f"fileformat={match[1]}"
        if match := _CONTIG.match(line):
            return _contig(line, match[1])
        if match := _TEXT_LINE.match(line):
            return self._reference(match[2])
        if match := _SAMPLE_LINE.match(line):
            return f"{match[1]}={self.sample(match[2].strip())}"
        if match := _PEDIGREE.match(line):
            parts = [f"{key}={self.sample(name)}" for key, name in _PEDIGREE_PART.findall(match[1])]
            return f"PEDIGREE=<{','.join(parts)}>" if parts else None
        return None

    def _reference(self, text: str) -> str | None:
        named = " ".join(build_names(load_gene(), text))
        if named != text:
            self.texts.add(text)
        return f"reference={named}" if named else None


def _contig(line: str, name: str) -> str | None:
    if CONTIG_NAME.fullmatch(name) is None:
        return None
    length, assembly = _LENGTH.search(line), _ASSEMBLY.search(line)
    named = " ".join(build_names(load_gene(), assembly[1])) if assembly else ""
    parts = [
        f"ID={name}",
        *([f"length={length[1]}"] if length else []),
        *([f"assembly={named}"] if named else []),
    ]
    return f"contig=<{','.join(parts)}>"
