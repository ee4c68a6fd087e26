"""The names of Gating-ML 2.0 documents, shared by what checks, reads and writes them."""

__all__ = [
    "DATA",
    "GATE_TAGS",
    "GATING",
    "NAME",
    "NAMESPACES",
    "OWN",
    "TRANSFORMS",
    "data",
    "gating",
    "transforms",
]

GATING = "http://www.isac-net.org/std/Gating-ML/v2.0/gating"
TRANSFORMS = "http://www.isac-net.org/std/Gating-ML/v2.0/transformations"
DATA = "http://www.isac-net.org/std/Gating-ML/v2.0/datatypes"
NAMESPACES = {"gating": GATING, "transforms": TRANSFORMS, "data-type": DATA}

#: mrdkit's own namespace. An id of Gating-ML may not begin with a digit or hold a blank, `+` or `/`; what a
#: laboratory calls a gate then stands here.
OWN = "urn:mrdkit:gating"
NAME = f"{{{OWN}}}name"


def gating(name: str) -> str:
    """Return a qualified name of the gating namespace."""
    return f"{{{GATING}}}{name}"


def transforms(name: str) -> str:
    """Return a qualified name of the transformations namespace."""
    return f"{{{TRANSFORMS}}}{name}"


def data(name: str) -> str:
    """Return a qualified name of the datatypes namespace."""
    return f"{{{DATA}}}{name}"


GATE_TAGS = frozenset(
    gating(name) for name in ("RectangleGate", "PolygonGate", "EllipsoidGate", "BooleanGate", "QuadrantGate")
)
