"""TP53 side by side: alleles named per second, and a whole-file scan beside zlib and pysam.

Run: python benchmarks/tp53.py [RECORDS]. Figures of one machine compare only with each other.
"""

import gzip
import sys
import tempfile
from pathlib import Path

import pysam
from tp53_names import alleles, best_of_three, compare, name_all

from mrdkit.tp53 import annotate_vcf

HEADER = """##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=17,length=83257441>
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""
TAIL = "\t50\tPASS\t.\tGT:AD\t0/1:60,40\n"


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
    name_all(alleles(1))
    compare("substitutions", alleles(20_000, only_substitutions=True))
    compare("substitutions, deletions, insertions", alleles(20_000))
    with tempfile.TemporaryDirectory() as folder:
        path = write_file(Path(folder), n)
        floor = best_of_three(lambda: unpack(path))
        print(f"scan of {n:,} records, BGZF, no index")
        for name, action in (("pysam", scan_with_pysam), ("mrdkit", annotate_vcf)):
            taken = best_of_three(lambda action=action: action(path))
            print(f"  {name:8}{taken:7.2f} s  {taken / floor:5.1f} x unpacking alone ({floor:.2f} s)")


if __name__ == "__main__":
    main()
