"""TP53 alleles named per second, beside bcftools csq where it is installed (consequences, but no names).

Run: python benchmarks/tp53_names.py [ALLELES]. CPU time of this process and its children; the start of
bcftools is in its time, so that many alleles compare fairer than few.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mrdkit.tp53 import annotate_allele
from mrdkit.tp53.gene import load_gene

Allele = tuple[int, str, str]
OTHER = str.maketrans("ACGT", "CGTA")


def cpu_seconds() -> float:
    """Return the CPU time that this process and its children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def best_of_three(action: Callable[[], object]) -> float:
    """Return the shortest of three runs in seconds of CPU, which other work on the machine disturbs least."""
    times = []
    for _ in range(3):
        start = cpu_seconds()
        action()
        times.append(cpu_seconds() - start)
    return min(times)


def alleles(n: int, *, only_substitutions: bool = False) -> list[Allele]:
    """Return alleles over the coding exons and their borders: substitutions, or a mixture of all kinds."""
    gene, draw = load_gene(), random.Random(17)  # noqa: S311 - no secret
    places = [p for span in gene.coding_spans() for p in range(span.start - 12, span.end + 13)]
    lengths, added = ((0,), ("",)) if only_substitutions else ((0, 0, 1, 3), ("", "", "A", "GT"))
    found = []
    for _ in range(n):
        at = draw.choice(places)
        ref = gene.bases(at, at + draw.choice(lengths))
        found.append((at, ref, ref[0].translate(OTHER) + draw.choice(added)))
    return found


def name_all(drawn: Sequence[Allele]) -> None:
    """Name every allele."""
    for position, ref, alt in drawn:
        annotate_allele("GRCh38", position, ref, alt)


def write_csq_input(folder: Path, drawn: Sequence[Allele]) -> list[str]:
    """Write the gene as a contig of its own with its one transcript, and the alleles; return the command."""
    gene = load_gene()
    shift = gene.start - 1
    (folder / "gene.fa").write_text(f">17\n{gene.segment}\n", encoding="utf-8")
    begin, end = gene.gene_start - shift, gene.gene_end - shift
    rows = [
        f"17\t.\tgene\t{begin}\t{end}\t.\t-\t.\tID=gene:TP53;biotype=protein_coding;Name=TP53",
        f"17\t.\tmRNA\t{begin}\t{end}\t.\t-\t.\tID=transcript:T;Parent=gene:TP53;biotype=protein_coding",
    ]
    rows += [
        f"17\t.\texon\t{e.start - shift}\t{e.end - shift}\t.\t-\t.\tParent=transcript:T" for e in gene.exons
    ]
    phase = 0
    for span in gene.coding_spans():
        rows.append(
            f"17\t.\tCDS\t{span.start - shift}\t{span.end - shift}\t.\t-\t{phase}\tParent=transcript:T"
        )
        phase = (phase - (span.end - span.start + 1)) % 3
    (folder / "gene.gff3").write_text("\n".join(rows) + "\n", encoding="utf-8")
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=17,length={len(gene.segment)}>"]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    lines += [f"17\t{at - shift}\t.\t{ref}\t{alt}\t.\tPASS\t." for at, ref, alt in sorted(drawn)]
    (folder / "alleles.vcf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = [str(folder / name) for name in ("gene.fa", "gene.gff3", "alleles.vcf")]
    return ["bcftools", "csq", "-l", "-f", names[0], "-g", names[1], "-o", os.devnull, names[2]]


def compare(what: str, drawn: Sequence[Allele]) -> None:
    """Print alleles per second of both, and the ratio."""
    own = best_of_three(lambda: name_all(drawn))
    print(f"{what}: {len(drawn):,} alleles")
    print(f"  mrdkit, c. and p. names   {len(drawn) / own:10,.0f} per second")
    if shutil.which("bcftools") is None:
        print("  bcftools csq              not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        command = write_csq_input(Path(folder), drawn)
        peer = best_of_three(lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL))
    print(
        f"  bcftools csq, no names    {len(drawn) / peer:10,.0f} per second, {own / peer:.1f} times as fast"
    )


def main() -> None:
    """Print the comparison."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    name_all(alleles(1))
    compare("substitutions", alleles(n, only_substitutions=True))
    compare("substitutions, deletions, insertions", alleles(n))


if __name__ == "__main__":
    main()
