"""Where each caller writes its reads, and what they make of one allele."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.tp53.depth import allele_depth, record_depth
from mrdkit.tp53.records import parse_record

CALLERS = """
    caller         | REF | ALT   | FORMAT                          | sample                              | alt | depth | source
    ---------------+-----+-------+---------------------------------+-------------------------------------+-----+-------+------------
    Mutect2        | C   | T     | GT:AD:AF:DP                     | 0/1:60,40:0.41:103                  | 40  | 100   | AD
    Mutect2, `*`   | C   | T,*   | GT:AD                           | 0/1:60,30,10                        | 30  | 100   | AD
    GATK gVCF      | C   | T,<NON_REF> | GT:AD:DP                  | 0/1:60,40,0:100                     | 40  | 100   | AD
    MuTect1        | C   | T     | GT:AD:BQ:DP:FA                  | 0/1:75,25:30:100:0.250              | 25  | 100   | AD
    VarScan2       | C   | T     | GT:GQ:DP:RD:AD:FREQ:DP4         | 0/1:.:91:56:35:38.46%:31,25,16,19   | 35  | 91    | RD+AD
    Strelka SNV    | C   | A     | DP:FDP:SDP:SUBDP:AU:CU:GU:TU    | 66:2:0:0:25,27:39,39:0,0:0,0        | 25  | 66    | AU:CU:GU:TU
    Strelka indel  | C   | CA    | DP:DP2:TAR:TIR:TOR              | 52:52:27,27:17,17:7,7               | 17  | 52    | TIR+TAR
    SomaticSniper  | C   | G     | GT:DP:DP4:BCOUNT                | 0/1:7:0,3,0,4:0,3,4,0               | 4   | 7     | BCOUNT
    FreeBayes      | C   | T     | GT:DP:RO:AO                     | 0/1:555:256:299                     | 299 | 555   | RO+AO
    FreeBayes, two | C   | T,G   | GT:DP:RO:AO                     | 1/2:110:10:60,40                    | 60  | 110   | RO+AO
    Ion Torrent    | C   | T     | GT:DP:RO:AO:FDP:FRO:FAO         | 0/1:90:50:40:100:55:45              | 45  | 100   | FRO+FAO
    VarDict        | C   | T     | GT:DP:VD:AD:AF                  | 0/1:100:30:70,30:0.3                | 30  | 100   | AD
    Ion, no FDP    | C   | T     | GT:DP:FRO:FAO                   | 0/1:90:55:45                        | 45  | 100   | FRO+FAO
    CaVEMan        | C   | T     | GT:FAZ:FCZ:FGZ:FTZ:RAZ:RCZ:RGZ:RTZ:PM | 0/1:0:30:0:20:1:30:0:19:0.39  | 39  | 100   | FAZ..RTZ
    cgpPindel      | C   | CA    | GT:PP:NP:PR:NR                  | ./.:12:8:60:40                      | 20  | 100   | PP+NP
    Delly          | C   | CA    | GT:DR:DV:RR:RV                  | 0/1:0:3:60:40                       | 40  | 100   | RR+RV
    mpileup        | C   | T     | GT:DP:DP4                       | 0/1:100:30,30,20,20                 | 40  | 100   | DP4
    mpileup, `<*>` | C   | T,<*> | GT:DP:DP4                       | 0/1:100:30,30,20,20                 | 40  | 100   | DP4
    samtools       | C   | T     | GT:DP:DV                        | 0/1:100:40                          | 40  | 100   | DV
    Platypus       | C   | T     | GT:GQ:NR:NV                     | 0/1:99:100:40                       | 40  | 100   | NV+NR
    Platypus, two  | C   | G,T   | GT:GQ:NR:NV                     | 1/2:99:100,98:30,40                 | 30  | 100   | NV+NR
    bcftools strands | C | T     | GT:ADF:ADR                      | 0/1:30,20:30,20                     | 40  | 100   | ADF+ADR
    CLC            | C   | T     | GT:CLCAD2:DP                    | 0/1:60,40:101                       | 40  | 100   | CLCAD2
    DRAGEN         | C   | T     | GT:SQ:AD:AF:F1R2:F2R1:DP        | 0/1:40.2:60,40:0.4:30,20:30,20:100  | 40  | 100   | AD
    DeepVariant    | C   | T     | GT:GQ:DP:AD:VAF:PL              | 0/1:50:101:60,40:0.396:50,0,60      | 40  | 100   | AD
    Pisces, TSO    | C   | T     | GT:GQ:AD:DP:VF:NL:SB            | 0/1:100:60,40:100:0.4:20:-100       | 40  | 100   | AD
    SvABA          | C   | CA    | GT:AD:DP:GQ                     | 0/1:40:100:99                       | 40  | 100   | AD (single)
    VarDict, no AD | C   | T     | GT:DP:VD:AF                     | 0/1:100:30:0.31                     | 30  | 100   | VD
    VarScan, two   | C   | T,G   | GT:RD:AD:DP:FREQ                | 0/1:60:40:100:40%                   | -   | 100   | -
    Strelka, no DP | C   | A     | AU:CU:GU:TU                     | 25,27:39,39:0,0:2,2                 | 25  | 66    | AU:CU:GU:TU
    FreeBayes, no DP | C | T,G   | GT:RO:AO                        | 1/2:10:60,40                        | 60  | 110   | RO+AO
    AD of no read  | C   | T     | GT:AD:DP                        | 0/1:0,0:0                           | 0   | 0     | AD
    AF per allele  | C   | T,G   | GT:AF:DP                        | 1/2:0.4,0.3:100                     | 40  | 100   | AF*DP
    FA before AD alone | C | T   | GT:AD:FA:DP                     | 0/1:41:0.4:100                      | 40  | 100   | FA*DP
    FA and DP      | C   | T     | GT:FA:DP                        | 0/1:0.4:100                         | 40  | 100   | FA*DP
    AD alone       | C   | T     | GT:AD:DP                        | 0/1:40:100                          | 40  | 100   | AD (single)
    AF alone       | C   | T     | GT:AF                           | 0/1:0.4                             | -   | -     | AF
    more than DP   | C   | T     | GT:RD:AD:DP                     | 0/1:70:40:100                       | 40  | 110   | RD+AD
    too few AD     | C   | T,G   | GT:AD:DP                        | 0/1:60,40:100                       | -   | 100   | -
    missing        | C   | T     | GT:AD:DP                        | 0/1:.:.                             | -   | -     | -
    cut fields     | C   | T     | GT:AD:DP                        | 0/1                                 | -   | -     | -
"""


@pytest.mark.parametrize("row", rows(CALLERS), ids=lambda row: row[0])
def test_reads(row: list[str]) -> None:
    caller, ref, alt, formats, sample, reads, depth, source = row
    sample, formats = sample.strip(), formats.strip()
    cells = ["17", "7675088", ".", ref, alt, ".", "PASS", ".", formats, sample]
    found = allele_depth(parse_record(cells, "line 1"), 0, 1)
    shown = ["-" if value is None else str(value) for value in (found.alt_reads, found.depth, found.source)]
    assert shown == [reads, depth, source], caller


@pytest.mark.parametrize(
    ("info", "expected"),
    [("DP=100;AF=0.40;DP4=30,30,20,20", (40, 100, "DP4")), ("AF=0.4", (None, None, "AF"))],
)
def test_a_file_without_samples_is_read_from_info(info: str, expected: tuple[object, ...]) -> None:
    found = allele_depth(parse_record(["17", "1", ".", "C", "T", ".", "PASS", info], "line 1"), None, 1)
    assert (found.alt_reads, found.depth, found.source) == expected


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("0.45", Fraction(45, 100)),
        ("0.44999998807907104", Fraction(45, 100)),
        ("0.4500000178813934", Fraction(45, 100)),
        ("45%", Fraction(45, 100)),
        ("38.46%", Fraction(3846, 10_000)),
        ("4.5e-1", Fraction(45, 100)),
        ("1", Fraction(1)),
        ("0.000001", Fraction(1, 1_000_000)),
        ("1.01", None),
        ("-0.1", None),
        ("nan", None),
        ("inf", None),
        ("1e999999", None),
        ("x", None),
    ],
)
def test_a_fraction_is_exact_or_none(text: str, exact: Fraction | None) -> None:
    cells = ["17", "1", ".", "C", "T", ".", "PASS", ".", "GT:AF", f"0/1:{text}"]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).vaf == exact


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_vaf_is_the_exact_quotient_of_the_reads(ref: int, alt: int) -> None:
    cells = ["17", "1", ".", "C", "T", ".", "PASS", ".", "GT:AD", f"0/1:{ref},{alt}"]
    found = allele_depth(parse_record(cells, "line 1"), 0, 1)
    assert (found.alt_reads, found.depth) == (alt, ref + alt)
    assert found.vaf == (Fraction(alt, ref + alt) if ref + alt else None)


FLAGS = """
    FORMAT   | sample         | flags
    ---------+----------------+----------------
    GT:AD    | 0/1:60,40      |
    GT:AD    | 0/1:60,40,0    | AD_INCOMPLETE
    GT:RD:AD | 0/1:60:40      |
    GT:RD:AD:DP | 0/1:60:40:90 | DEPTH_CORRECTED
    GT:AD    | 0/1:60,40:90   | FIELDS_MISFIT
    GT:AD:AD | 0/1:60,40:60,40 | FIELDS_MISFIT
    GT:AD    | 0/1            |
"""


@pytest.mark.parametrize("row", rows(FLAGS), ids=lambda row: f"{row[0]} {row[1]}")
def test_what_is_odd_is_flagged(row: list[str]) -> None:
    formats, sample, flags = row
    cells = ["17", "1", ".", "C", "T", ".", "PASS", ".", formats, sample]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).flags == tuple(flags.split())


DEPTHS = """
    case                  | INFO                | FORMAT       | sample        | depth
    ----------------------+---------------------+--------------+---------------+------
    GATK block            | END=200             | GT:DP:MIN_DP | 0/0:300:250   | 250
    bcftools block        | END=200;MIN_DP=250  | GT:DP        | 0/0:300       | 250
    depth of the sample   | DP=400              | GT:DP        | 0/0:300       | 300
    depth of the record   | DP=400              | GT           | 0/0           | 400
    sum of reads          | .                   | GT:AD        | 0/0:300,1     | 301
    not told              | .                   | GT           | 0/0           | -
    no number             | .                   | GT:DP        | 0/0:deep      | -
"""


@pytest.mark.parametrize("row", rows(DEPTHS), ids=lambda row: row[0])
def test_the_depth_of_a_record(row: list[str]) -> None:
    _, info, formats, sample, depth = row
    cells = ["17", "100", ".", "C", "<NON_REF>", ".", ".", info, formats, sample]
    found = record_depth(parse_record(cells, "line 1"), 0)
    assert ("-" if found is None else str(found)) == depth


def test_info_fractions_are_no_fraction_of_a_sample() -> None:
    cells = ["17", "1", ".", "C", "T", ".", "PASS", "AF=0.5", "GT", "0/1"]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).vaf is None


def test_incomplete_counts_are_flagged() -> None:
    cells = ["17", "1", ".", "C", "T,G", ".", "PASS", ".", "GT:AD", "0/1:60,40"]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).flags == ("AD_INCOMPLETE",)
