"""What a dimension of a FlowJo workspace is: which channel, compensated by what, on which scale.

FlowJo stores gates in data units and one scale per parameter. A compensated parameter has a name of its own,
made of the matrix's prefix, the detector and the suffix (`Comp-FITC-A`); the detector's plain name means the
uncompensated channel. FlowJo's Time is the stored number times the scale's `gain`, which it measures itself;
ours is the stored number times $TIMESTEP, and bounds are converted. How FlowJo applies another $PnG is not
documented, so a gate on such a channel is refused.
Source: FlowJo 10 workspaces; the first Time of public ones is a whole tick only in this reading (tests/real).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mrdkit.errors import RuleError
from mrdkit.flow.biex import CHANNELS
from mrdkit.flow.compensation import SpilloverMatrix
from mrdkit.flow.fcs_keywords import real_number
from mrdkit.flow.flowjo_sample import Sample
from mrdkit.flow.gatingml_names import data, transforms
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Dimension
from mrdkit.flow.transforms import Asinh, Biex, FlowJoLog, Hyperlog, Logicle, Transform
from mrdkit.flow.xml_input import Element, local_name

__all__ = ["FlowJoAxes", "FlowJoAxis"]

_LENGTH = 256.0  # of the only table of a scale that FlowJo writes and that is known

_SCALES: Mapping[str, Callable[["_Numbers"], Transform]] = {
    "biex": lambda n: Biex(top=n["maxRange"], positive=n["pos"], negative=n["neg"], width=n["width"]),
    "fasinh": lambda n: Asinh(T=n["T"], M=n["M"], A=n["A"]),
    "hyperlog": lambda n: Hyperlog(T=n["T"], W=n["W"], M=n["M"], A=n["A"]),
    "log": lambda n: FlowJoLog(offset=n["offset"], decades=n["decades"]),
    "logicle": lambda n: Logicle(T=n["T"], W=n["W"], M=n["M"], A=n["A"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowJoAxis:
    """One dimension, and how FlowJo's numbers become its coordinates.

    Attributes:
        dimension: the dimension.
        unit: FlowJo's data units -> ours; 1 but for Time.
        width: coordinates that FlowJo's whole axis spans from 0; None where its position is not known.
    """

    dimension: Dimension
    unit: float
    width: float | None

    def coordinate(self, value: float) -> float:
        """Return the coordinate of a value in FlowJo's data units."""
        scale = self.dimension.transform
        if scale is None:
            return value * self.unit
        return float(scale.apply(np.array([value * self.unit]))[0])


class FlowJoAxes:
    """The dimensions of one sample, found as its gates use them."""

    __slots__ = (
        "_axes",
        "_compensated",
        "_derived",
        "_names",
        "_sample",
        "_scales",
        "_spillover",
        "matrices",
    )

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._axes: dict[str, FlowJoAxis] = {}
        self._names = {
            name.strip(): number
            for key, name in sample.keywords.items()
            if key.startswith("$P") and key.endswith("N") and (number := key[2:-1]).isdecimal()
        }
        self._scales = {
            _attribute(parameter, data("name")): element
            for element in sample.element.iterfind("Transformations/*")
            for parameter in element.iterfind(data("parameter"))
        }
        self._spillover = sample.element.findall(transforms("spilloverMatrix"))
        self._derived = _derived_names(self._spillover)
        self._compensated = {detector: name for name, detector in reversed(self._derived.items())}
        self.matrices: dict[str, SpilloverMatrix] = {}

    def axis(self, name: str) -> FlowJoAxis:
        """Return the dimension of this name.

        Raises:
            RuleError: its scale, its matrix or its unit is not one that can be honoured.
        """
        if name not in self._axes:
            self._axes[name] = self._made(name)
        return self._axes[name]

    def _made(self, name: str) -> FlowJoAxis:
        detector = self._derived.get(name)
        channel = self._channel(name if detector is None else detector)
        # A compensated parameter without a scale of its own is shown on its detector's.
        element = self._scales.get(name, self._scales.get(name if detector is None else detector))
        transform, width = _scale(element, name)
        dimension = Dimension(
            name=name,
            by="channel",
            spellings=(channel if detector is None else self._compensated[detector],),
            compensation=UNCOMPENSATED if detector is None else self._matrix(name),
            transform=transform,
        )
        return FlowJoAxis(dimension=dimension, unit=self._unit(channel, element, name), width=width)

    def _channel(self, name: str) -> str:
        """Return the $PnN that FlowJo means; it writes "_" for "/"."""
        meant = [known for known in self._names if known.replace("/", "_") == name]
        return meant[0] if name not in self._names and len(meant) == 1 else name

    def _unit(self, channel: str, element: Element | None, name: str) -> float:
        number = self._names.get(channel)
        gain = 1.0 if element is None else _number(element, "gain", name, absent=1.0)
        kind = self._sample.keywords.get(f"$P{number}TYPE", "")
        if "time" in (channel.strip().casefold(), kind.strip().casefold()):
            step = real_number(self._sample.keywords.get("$TIMESTEP"))
            step = step if step is not None and step > 0.0 else 1.0
            known = element is not None and element.get("gain") is not None
            if (known or step == 1.0) and gain > 0.0:
                return 1.0 if gain == step else step / gain
            raise _refused("WSP_GAIN", "FlowJo's unit of Time is not in the workspace", name)
        amplifier = real_number(self._sample.keywords.get(f"$P{number}G"))
        if gain != 1.0 or amplifier not in {None, 1.0}:
            raise _refused("WSP_GAIN", "the channel has a gain, and how FlowJo applied it is not known", name)
        return 1.0

    def _matrix(self, name: str) -> str:
        if len(self._spillover) != 1 or name in self._compensated:
            raise _refused(
                "WSP_COMPENSATION", "it is not clear by which matrix the parameter is compensated", name
            )
        element = self._spillover[0]
        if element.get("spectral", "0").strip() != "0":
            raise _refused("WSP_SPECTRAL", "spectral unmixing is not supported", name)
        own = element.get("name", "").strip()
        matrix_id = f"FlowJo {own}".strip() if own in {"", FILE_MATRIX, UNCOMPENSATED} else own
        if matrix_id not in self.matrices:
            self.matrices[matrix_id] = self._spillover_matrix(element)
        return matrix_id

    def _spillover_matrix(self, element: Element) -> SpilloverMatrix:
        detectors = list(dict.fromkeys(self._derived.values()))  # in the order of the workspace
        rows = {
            _attribute(row, data("parameter")): {
                _attribute(cell, data("parameter")): _number(cell, "value", "spillover")
                for cell in row.iterfind(transforms("coefficient"))
            }
            for row in element.iterfind(transforms("spillover"))
        }
        if set(rows) != set(detectors) or any(set(row) != set(detectors) for row in rows.values()):
            raise RuleError(
                "the spillover matrix does not have one row and one column per parameter",
                code="WSP_MATRIX",
                place=f"line {element.sourceline}",
            )
        return SpilloverMatrix(
            fluorochromes=tuple(self._compensated[detector] for detector in detectors),
            detectors=tuple(self._channel(detector) for detector in detectors),
            coefficients=tuple(tuple(rows[i][j] for j in detectors) for i in detectors),
        )


class _Numbers:
    """The numbers of one scale, read when asked for."""

    __slots__ = ("_element", "_name")

    def __init__(self, element: Element, name: str) -> None:
        self._element = element
        self._name = name

    def __getitem__(self, attribute: str) -> float:
        return _number(self._element, attribute, self._name)


def _derived_names(matrices: list[Element]) -> dict[str, str]:
    """Return the name of every compensated parameter -> its detector."""
    derived: dict[str, str] = {}
    for matrix in matrices:
        prefix, suffix = matrix.get("prefix", ""), matrix.get("suffix", "")
        for parameter in matrix.iterfind(f"{data('parameters')}/{data('parameter')}"):
            detector = _attribute(parameter, data("name"))
            derived.setdefault(f"{prefix}{detector}{suffix}", detector)
            if (own := parameter.get("userProvidedCompInfix")) is not None:
                derived.setdefault(own, detector)
    return derived


def _scale(element: Element | None, name: str) -> tuple[Transform | None, float | None]:
    """Return the scale, and the coordinates that the whole axis spans from 0, where that is known."""
    if element is None:
        return None, None
    kind = local_name(element)
    numbers = _Numbers(element, name)
    if kind == "linear":
        # Gates on a linear axis are decided in data units: the same events, without rounding.
        return None, numbers["maxRange"] if numbers["minRange"] == 0.0 else None
    if kind not in _SCALES:
        raise _refused("WSP_SCALE", "the scale is not one that is known", name, found=kind)
    if _number(element, "length", name, absent=_LENGTH) != _LENGTH:
        raise _refused("WSP_SCALE", "only scales of length 256 are known", name)
    try:
        return _SCALES[kind](numbers), float(CHANNELS) if kind == "biex" else 1.0
    except ValueError as error:
        raise _refused("SCALE_INVALID", "the scale is impossible", name, found=str(error)) from None


def _attribute(element: Element, name: str) -> str:
    text = element.get(name)
    if text is None:
        raise RuleError(
            "an attribute is missing", code="WSP_INVALID", place=f"line {element.sourceline}", expected=name
        )
    return str(text)


def _number(element: Element, name: str, place: str, *, absent: float | None = None) -> float:
    text = element.get(transforms(name), element.get(name))
    if text is None and absent is not None:
        return absent
    try:
        number = float(str(text))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RuleError(
            "a finite number is missing",
            code="WSP_NUMBER",
            place=f"line {element.sourceline}, {place}",
            expected=name,
            found=None if text is None else str(text),
        )
    return number


def _refused(code: str, what: str, name: str, *, found: str | None = None) -> RuleError:
    return RuleError(what, code=code, place=f"dimension {name}", found=found)
