"""TP53 side by side: alleles named per second, and scans of a whole genome beside zlib, pysam and others.

Run: python benchmarks/tp53.py [RECORDS]; 2,000,000 records are a whole genome. Each file holds the same
records: BGZF, plain gzip and BCF without an index, BGZF and BCF with one. Figures of one machine compare only
with each other; peers that are not installed are named.
"""

import gzip
import importlib.util
import random
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pysam
from tp53_names import alleles, best_of_three, compare, name_all

from mrdkit.tp53 import annotate_vcf
from mrdkit.tp53.gene import load_gene
from mrdkit.tp53.unpack import is_bgzf
from mrdkit.tp53.vcf import read_vcf

CHROMOSOMES = {
    "1": 248956422, "2": 242193529, "3": 198295559, "4": 190214555, "5": 181538259, "6": 170805979,
    "7": 159345973, "8": 145138636, "9": 138394717, "10": 133797422, "11": 135086622, "12": 133275309,
    "13": 114364328, "14": 107043718, "15": 101991189, "16": 90338345, "17": 83257441, "18": 80373285,
    "19": 58617616, "20": 64444167, "21": 46709983, "22": 50818468, "X": 156040895,
}  # fmt: skip
FIELDS = {"GT": "1,String", "AD": "R,Integer", "AF": "A,Float", "DP": "1,Integer", "SB": "4,Integer"}
INFO = {"DP": "1,Integer", "ECNT": "1,Integer", "MBQ": "R,Integer", "MFRL": "R,Integer", "TLOD": "A,Float"}
WINDOW = (7_668_421, 7_687_490)  # TP53 on GRCh38


def header() -> str:
    """Return the header of a file of one sample, as Mutect2 writes it."""
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID=chr{name},length={length}>" for name, length in CHROMOSOMES.items()]
    for kind, declared in (("INFO", INFO), ("FORMAT", FIELDS)):
        for name, form in declared.items():
            number, value = form.split(",")
            lines.append(f'##{kind}=<ID={name},Number={number},Type={value},Description="x">')
    lines.append("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S".replace(" ", "\t"))
    return "\n".join(lines) + "\n"


def records(n: int) -> Iterator[str]:
    """Yield the lines of about `n` records, spread over the genome, with values that do not compress away."""
    gene, below = load_gene(), random.Random(17).randrange  # noqa: S311 - no secret
    total = sum(CHROMOSOMES.values())
    for name, length in CHROMOSOMES.items():
        for pos in sorted(below(1, length) for _ in range(n * length // total)):
            ref, alt = below(400), below(200)
            in_gene = name == "17" and WINDOW[0] <= pos <= WINDOW[1]
            base = gene.bases(pos, pos) if in_gene else "ACGT"[below(4)]
            yield (
                f"chr{name}\t{pos}\trs{below(10**9)}\t{base}\t{'ACGT'[below(4)]}\t"
                f"{below(90_000) / 100:.2f}\tPASS\t"
                f"DP={ref + alt};ECNT={below(9)};MBQ={below(40)},{below(40)};"
                f"MFRL={below(400)},{below(400)};TLOD={below(10**5) / 100:.2f}\t{':'.join(FIELDS)}\t"
                f"0/1:{ref},{alt}:{alt / (ref + alt + 1):.3f}:{ref + alt}:"
                f"{below(200)},{below(200)},{below(100)},{below(100)}\n"
            )


def write_files(folder: Path, n: int) -> dict[str, Path]:
    """Write the same records in each container."""
    text = folder / "all.vcf"
    with text.open("w", encoding="utf-8") as file:
        file.write(header())
        file.writelines(records(n))
    files = {
        "BGZF": folder / "all.vcf.gz",
        "gzip": folder / "plain.vcf.gz",
        "BCF": folder / "all.bcf",
        "BGZF, tbi": folder / "indexed.vcf.gz",
        "BCF, csi": folder / "indexed.bcf",
    }
    pysam.tabix_compress(str(text), str(files["BGZF"]))
    with text.open("rb") as plain, gzip.open(files["gzip"], "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    with (
        pysam.VariantFile(str(text)) as read,
        pysam.VariantFile(str(files["BCF"]), "wb", header=read.header) as out,
    ):
        for record in read:
            out.write(record)
    for packed_as, preset in (("BGZF", "vcf"), ("BCF", "bcf")):
        copy = files["BGZF, tbi" if packed_as == "BGZF" else "BCF, csi"]
        shutil.copy(files[packed_as], copy)
        pysam.tabix_index(str(copy), preset=preset, csi=packed_as == "BCF")
    return files


def unpack(path: Path) -> None:
    """Unpack a file with zlib, without a check of its sums, and look at nothing."""
    packed = memoryview(path.read_bytes())
    at = 0
    while is_bgzf(bytes(packed[at : at + 18])):
        size = int.from_bytes(packed[at + 16 : at + 18], "little") + 1
        zlib.decompress(packed[at + 18 : at + size - 8], -15, 1 << 16)
        at += size
    engine = zlib.decompressobj(31)
    for start in range(at, len(packed), 1 << 19):
        engine.decompress(packed[start : start + (1 << 19)])


def scan_with_pysam(path: Path) -> int:
    """Count the records of TP53 among all through htslib."""
    with pysam.VariantFile(str(path)) as file:
        return sum(r.contig == "chr17" and WINDOW[0] <= r.pos <= WINDOW[1] for r in file)


def fetch_with_pysam(path: Path) -> int:
    """Count the records of TP53 through htslib and the index."""
    with pysam.VariantFile(str(path)) as file:
        return sum(1 for _ in file.fetch("chr17", *WINDOW))


def scan_with_cyvcf2(path: Path) -> int:
    """Count the records of TP53 among all."""
    import cyvcf2

    return sum(r.CHROM == "chr17" and WINDOW[0] <= r.POS <= WINDOW[1] for r in cyvcf2.VCF(str(path)))


def fetch_with_cyvcf2(path: Path) -> int:
    """Count the records of TP53 through the index."""
    import cyvcf2

    return sum(1 for _ in cyvcf2.VCF(str(path))(f"chr17:{WINDOW[0]}-{WINDOW[1]}"))


def fetch_with_bcftools(path: Path) -> None:
    """Let bcftools write the records of TP53 through the index."""
    command = ["bcftools", "view", "-H", "-r", f"chr17:{WINDOW[0]}-{WINDOW[1]}", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def scan_with_bcftools(path: Path) -> None:
    """Let bcftools write the records of TP53 among all."""
    command = ["bcftools", "view", "-H", "-t", f"chr17:{WINDOW[0]}-{WINDOW[1]}", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def installed() -> dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]]:
    """Return the peers that are there, each with its scan and its fetch, and name the others."""
    peers: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
        "pysam": (scan_with_pysam, fetch_with_pysam),
        "cyvcf2": (scan_with_cyvcf2, fetch_with_cyvcf2),
        "bcftools": (scan_with_bcftools, fetch_with_bcftools),
    }
    there = {
        "pysam": True,
        "cyvcf2": importlib.util.find_spec("cyvcf2") is not None,
        "bcftools": shutil.which("bcftools") is not None,
    }
    for name in peers:
        if not there[name]:
            print(f"{name}: not installed")
    return {name: actions for name, actions in peers.items() if there[name]}


def compare_scans(files: dict[str, Path]) -> None:
    """Print what each reader takes for each file, and its multiple of unpacking it with zlib alone."""
    peers = installed()
    for form, path in files.items():
        floor = best_of_three(lambda path=path: unpack(path))
        print(f"{form}, {path.stat().st_size / 1e6:.0f} MB; unpacking alone {floor:.2f} s")
        mine = {"mrdkit, reading": read_vcf, "mrdkit, with digest and names": annotate_vcf}
        theirs = {name: fetch if "," in form else scan for name, (scan, fetch) in peers.items()}
        for name, action in (mine | theirs).items():
            try:
                taken = best_of_three(lambda action=action, path=path: action(path))
            except NotImplementedError:
                print(f"  {name:30}refuses the file")
                continue
            print(f"  {name:30}{taken:8.3f} s  {taken / floor:6.2f} x")


def main() -> None:
    """Print the comparison."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    pysam.set_verbosity(0)
    name_all(alleles(1))
    compare("substitutions", alleles(20_000, only_substitutions=True))
    compare("substitutions, deletions, insertions", alleles(20_000))
    with tempfile.TemporaryDirectory() as folder:
        print(f"TP53 out of {n:,} records of a whole genome, one sample")
        compare_scans(write_files(Path(folder), n))


if __name__ == "__main__":
    main()
