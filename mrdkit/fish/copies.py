"""Whether the sex chromosomes of a karyotype explain a gain or a loss of CRLF2 signals.

CRLF2 lies in PAR1 on X and Y alike: an extra X or Y gives a third signal, a lost one leaves one. Only the
patient's own clones explain anything, never the donor's. The call stays; a flag is added.
"""

from mrdkit.results import KaryotypeCall, KaryotypeClone

__all__ = ["explains_gain", "explains_loss"]

_USUAL = 2  # sex chromosomes


def explains_gain(karyotype: KaryotypeCall) -> bool:
    """Return whether a clone has an extra sex chromosome: +X, +Y, or three and more such as 47,XXY."""
    return any(
        {"+X", "+Y"} & set(clone.items) or len(_sex_chromosomes(clone)) > _USUAL
        for clone in karyotype.clones
        if clone.population == "recipient"
    )


def explains_loss(karyotype: KaryotypeCall) -> bool:
    """Return whether a clone has lost a sex chromosome: -X, -Y, or a single one, otherwise unchanged."""
    return any(
        {"-X", "-Y"} & set(clone.items) or _single(clone)
        for clone in karyotype.clones
        if clone.population == "recipient"
    )


def _single(clone: KaryotypeClone) -> bool:
    changed = any("X" in item or "Y" in item for item in clone.items)
    return len(_sex_chromosomes(clone)) == 1 and not changed


def _sex_chromosomes(clone: KaryotypeClone) -> str:
    return "".join(letter for letter in clone.sex or "" if letter in "XY")
