"""TP53 side by side: alleles named per second, and a whole-file scan beside zlib and pysam.

Run: python benchmarks/tp53.py [RECORDS]. Figures of one machine compare only with each other.
"""

import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pysam

from mrdkit.tp53 import annotate_allele, annotate_vcf
from mrdkit.tp53.gene import load_gene

HEADER = """##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=17,length=83257441>
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""
TAIL = "\t50\tPASS\t.\tGT:AD\t0/1:60,40\n"


def best_of_three(action: Callable[[], object]) -> float:
    """Return the shortest of three runs in seconds of CPU, which other work on the machine disturbs least."""
    times = []
    for _ in range(3):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def alleles(n: int) -> list[tuple[int, str, str]]:
    """Return substitutions, deletions and insertions over the coding exons and their borders."""
    gene, draw = load_gene(), random.Random(17)  # noqa: S311 - no secret
    places = [p for span in gene.coding_spans() for p in range(span.start - 12, span.end + 13)]
    found = []
    for _ in range(n):
        at = draw.choice(places)
        anchor = gene.bases(at, at)
        ref = anchor + gene.bases(at + 1, at + draw.choice((0, 0, 1, 3)))
        found.append(
            (at, ref, anchor.translate(str.maketrans("ACGT", "CGTA")) + draw.choice(("", "", "A", "GT")))
        )
    return found


def write_file(folder: Path, n: int) -> Path:
    """Write a BGZF file of one sample with a thirtieth of its records on chromosome 17."""
    text, packed = folder / "all.vcf", folder / "all.vcf.gz"
    other = n - n // 30
    with text.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(f"1\t{100 + 7 * i}\t.\tA\tG{TAIL}" for i in range(other))
        file.writelines(f"17\t{100 + 2400 * i}\t.\tN\tG{TAIL}" for i in range(n - other))
    pysam.tabix_compress(str(text), str(packed))
    return packed


def unpack(path: Path) -> None:
    """Unpack a file and look at nothing."""
    with gzip.open(path) as file:
        while file.read(1 << 20):
            pass


def scan_with_pysam(path: Path) -> int:
    """Count the records of chromosome 17 through htslib."""
    pysam.set_verbosity(0)
    with pysam.VariantFile(str(path)) as file:
        return sum(record.contig == "17" for record in file)


def main() -> None:
    """Print the comparison."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    drawn = alleles(20_000)
    seconds = best_of_three(lambda: [annotate_allele("GRCh38", *allele) for allele in drawn])
    print(f"alleles named per second: {len(drawn) / seconds:,.0f}")
    with tempfile.TemporaryDirectory() as folder:
        path = write_file(Path(folder), n)
        floor = best_of_three(lambda: unpack(path))
        print(f"scan of {n:,} records, BGZF, no index")
        for name, action in (("pysam", scan_with_pysam), ("mrdkit", annotate_vcf)):
            taken = best_of_three(lambda action=action: action(path))
            print(f"  {name:8}{taken:7.2f} s  {taken / floor:5.1f} x unpacking alone ({floor:.2f} s)")


if __name__ == "__main__":
    main()
