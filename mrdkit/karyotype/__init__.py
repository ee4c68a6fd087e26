"""ISCN karyotypes: text -> clones of recipient and donor, ploidy, recurrent rearrangements, metaphases."""

from mrdkit.karyotype.call import call_karyotype
from mrdkit.karyotype.clean import Cleaned, clean
from mrdkit.karyotype.items import parse_item
from mrdkit.karyotype.parse import Karyotype, ParsedClone, parse_karyotype
from mrdkit.karyotype.rules import KaryotypeRule, read_karyotype_rule
from mrdkit.karyotype.sameness import items_known_from, same_change

__all__ = [
    "Cleaned",
    "Karyotype",
    "KaryotypeRule",
    "ParsedClone",
    "call_karyotype",
    "clean",
    "items_known_from",
    "parse_item",
    "parse_karyotype",
    "read_karyotype_rule",
    "same_change",
]
