"""Where each caller writes its reads, and what they make of one allele."""

import pytest
from tables import rows

from mrdkit.tp53.depth import allele_depth
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
    CaVEMan        | C   | T     | GT:FAZ:FCZ:FGZ:FTZ:RAZ:RCZ:RGZ:RTZ:PM | 0/1:0:30:0:20:1:30:0:19:0.39  | 39  | 100   | FAZ..RTZ
    cgpPindel      | C   | CA    | GT:PP:NP:PR:NR                  | ./.:12:8:60:40                      | 20  | 100   | PP+NP
    Delly          | C   | CA    | GT:DR:DV:RR:RV                  | 0/1:0:3:60:40                       | 40  | 100   | RR+RV
    mpileup        | C   | T     | GT:DP:DP4                       | 0/1:100:30,30,20,20                 | 40  | 100   | DP4
    mpileup, `<*>` | C   | T,<*> | GT:DP:DP4                       | 0/1:100:30,30,20,20                 | 40  | 100   | DP4
    samtools       | C   | T     | GT:DP:DV                        | 0/1:100:40                          | 40  | 100   | DV
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


def test_info_fractions_are_no_fraction_of_a_sample() -> None:
    cells = ["17", "1", ".", "C", "T", ".", "PASS", "AF=0.5", "GT", "0/1"]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).vaf is None


def test_incomplete_counts_are_flagged() -> None:
    cells = ["17", "1", ".", "C", "T,G", ".", "PASS", ".", "GT:AD", "0/1:60,40"]
    assert allele_depth(parse_record(cells, "line 1"), 0, 1).flags == ("AD_INCOMPLETE",)
