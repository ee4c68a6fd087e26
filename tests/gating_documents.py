"""Gating-ML documents and FlowJo workspaces for tests, made as text and without the code of the package."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

__all__ = ["gate_of", "gatingml", "matrix_of", "population", "rectangle", "workspace"]

_SPACES = (
    'xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
    'xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations" '
    'xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes"'
)


def gatingml(*parts: str) -> str:
    """Return a Gating-ML 2.0 document."""
    return f"<gating:Gating-ML {_SPACES}>{''.join(parts)}</gating:Gating-ML>"


def rectangle(
    gate_id: str,
    bounds: Mapping[str, tuple[float | str | None, float | str | None]],
    *,
    parent: str | None = None,
    compensation: str = "uncompensated",
    more: str = "",
) -> str:
    """Return a rectangle gate of Gating-ML: channel -> (min, max), None where open."""
    above = "" if parent is None else f' gating:parent_id="{parent}"'
    dimensions = "".join(
        f'<gating:dimension gating:compensation-ref="{compensation}"{_bounds(*ends)}>'
        f"<data-type:fcs-dimension data-type:name={quoteattr(channel)}/></gating:dimension>"
        for channel, ends in bounds.items()
    )
    return f'<gating:RectangleGate gating:id="{gate_id}"{above} {more}>{dimensions}</gating:RectangleGate>'


def gate_of(kind: str, channels: Sequence[str], body: str = "", *, attributes: str = "") -> str:
    """Return a gate of a FlowJo workspace; a channel may stand with bounds: `FSC-A` or `FSC-A|1|2`."""
    dimensions = ""
    for channel in channels:
        name, *ends = channel.split("|")
        low, high = ends or (None, None)
        dimensions += (
            f"<gating:dimension{_bounds(low or None, high or None)}>"
            f"<data-type:fcs-dimension data-type:name={quoteattr(name)}/></gating:dimension>"
        )
    return f"<Gate><gating:{kind} {attributes}>{dimensions}{body}</gating:{kind}></Gate>"


def population(name: str, gate: str, *children: str, count: int = -1, kind: str = "Population") -> str:
    """Return a population of a FlowJo workspace with what lies below it."""
    below = f"<Subpopulations>{''.join(children)}</Subpopulations>" if children else ""
    return f'<{kind} name={quoteattr(name)} owningGroup="" count="{count}">{gate}{below}</{kind}>'


def matrix_of(
    rows: Mapping[str, Mapping[str, float]], *, prefix: str = "Comp-", suffix: str = "", more: str = ""
) -> str:
    """Return a spillover matrix of a FlowJo workspace."""
    parameters = "".join(f'<data-type:parameter data-type:name="{name}"/>' for name in rows)
    spillover = "".join(
        f'<transforms:spillover data-type:parameter="{name}">'
        + "".join(
            f'<transforms:coefficient data-type:parameter="{other}" transforms:value="{value}"/>'
            for other, value in row.items()
        )
        + "</transforms:spillover>"
        for name, row in rows.items()
    )
    affixes = f"prefix={quoteattr(prefix)} suffix={quoteattr(suffix)}"
    return (
        f'<transforms:spilloverMatrix name="made" {affixes} {more}>'
        f"<data-type:parameters>{parameters}</data-type:parameters>{spillover}</transforms:spilloverMatrix>"
    )


def workspace(
    populations: Sequence[str],
    *,
    names: Sequence[str] = ("tube.fcs",),
    scales: Mapping[str, str] | None = None,
    matrix: str = "",
    keywords: Mapping[str, str] | None = None,
    version: str = "10.8.1",
    count: int = -1,
) -> str:
    """Return a FlowJo workspace whose samples, one per name, all have the same populations.

    Args:
        populations: at the root of each sample.
        names: of the samples.
        scales: channel -> element without its parameter: `linear transforms:minRange="0" ...`.
        matrix: a spillover matrix.
        keywords: FCS keywords of each sample.
        version: of FlowJo.
        count: events of each sample.
    """
    made = "".join(
        f"<transforms:{scale}><data-type:parameter data-type:name={quoteattr(channel)}/>"
        f"</transforms:{scale.split()[0]}>"
        for channel, scale in (scales or {}).items()
    )
    said = "".join(
        f"<Keyword name={quoteattr(key)} value={quoteattr(value)}/>"
        for key, value in (keywords or {}).items()
    )
    samples = "".join(
        f'<Sample><DataSet uri="file:/C:/data/{name}" sampleID="{number}"/>{matrix}'
        f"<Transformations>{made}</Transformations><Keywords>{said}</Keywords>"
        f'<SampleNode name={quoteattr(name)} sampleID="{number}" count="{count}">'
        f"<Subpopulations>{''.join(populations)}</Subpopulations></SampleNode></Sample>"
        for number, name in enumerate(names, start=1)
    )
    return (
        f'<Workspace flowJoVersion="{version}" {_SPACES}><Groups/>'
        f"<SampleList>{samples}</SampleList></Workspace>"
    )


def _bounds(low: float | str | None, high: float | str | None) -> str:
    ends = (("min", low), ("max", high))
    return "".join(f' gating:{name}="{value}"' for name, value in ends if value is not None)
