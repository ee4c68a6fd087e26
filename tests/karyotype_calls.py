"""Karyotypes called by the shipped rules."""

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import KaryotypeCall, Specimen

RULE = read_karyotype_rule()


def called(text: str, *known: str) -> KaryotypeCall:
    """Call a text; `known` are items of an earlier sample."""
    return call_karyotype(text, specimen=Specimen(), rule=RULE, known_items=known)
