"""SAS transport files, version 5: what the format can hold, and its bytes.

Names of at most 8 characters, labels of at most 40, values of at most 200 bytes, all of it ASCII; numbers are
hexadecimal floats of 56 bits, which hold every double of their range exactly. Whatever does not fit is an
error here: readers and other writers let it pass. Source: SAS technical paper TS-140.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from mrdkit.errors import InputError
from mrdkit.export.sdtm.datasets import Dataset, Value
from mrdkit.export.sdtm.model import Variable

__all__ = ["xpt_bytes"]

_LONGEST_NAME = 8
_LONGEST_LABEL = 40
_LONGEST_VALUE = 200
_NUMBER_WIDTH = 8
_RECORD = 80
_MISSING = b"." + bytes(7)
_EXCESS = 64  # of the exponent
_HIGHEST_EXPONENT = 127
_FRACTION_BITS = 56
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def xpt_bytes(dataset: Dataset, created: datetime) -> bytes:
    """Return a data set as the bytes of a transport file.

    Raises:
        InputError: a name, label or value does not fit the format; the error names it.
    """
    _check_name(dataset, dataset.name, _LONGEST_NAME, "name")
    _check_name(dataset, dataset.label, _LONGEST_LABEL, "label")
    columns = [
        _column(dataset, variable, values)
        for variable, values in zip(dataset.variables, dataset.columns, strict=True)
    ]
    widths = [width for width, _ in columns]
    body = b"".join(chain.from_iterable(zip(*(cells for _, cells in columns), strict=True)))
    namestrs = b"".join(_namestrs(dataset.variables, widths))
    return b"".join(
        [
            *_library_header(created),
            *_member_header(dataset, created),
            _padded(namestrs),
            _header("OBS     ", "0" * 30),
            _padded(body),
        ]
    )


def _library_header(created: datetime) -> Iterable[bytes]:
    stamp = _stamp(created)
    yield _header("LIBRARY ", "0" * 30)
    yield _record(f"{'SAS':8}{'SAS':8}{'SASLIB':8}{'9.4':8}{'':8}{'':24}{stamp}")
    yield _record(stamp)


def _member_header(dataset: Dataset, created: datetime) -> Iterable[bytes]:
    stamp = _stamp(created)
    yield _header("MEMBER  ", "000000000000000001600000000140")
    yield _header("DSCRPTR ", "0" * 30)
    yield _record(f"{'SAS':8}{dataset.name:8}{'SASDATA':8}{'9.4':8}{'':8}{'':24}{stamp}")
    yield _record(f"{stamp}{'':16}{dataset.label:40}{'':8}")
    yield _header("NAMESTR ", f"000000{len(dataset.variables):04d}{'0' * 20}")


def _namestrs(variables: Sequence[Variable], widths: Sequence[int]) -> Iterable[bytes]:
    position = 0
    for number, (variable, width) in enumerate(zip(variables, widths, strict=True), start=1):
        kind = 1 if variable.type == "Num" else 2
        yield struct.pack(
            ">hhhh8s40s8shhh2s8shhl52s",
            *(kind, 0, width, number, _blank(variable.name, 8), _blank(variable.label, 40), b" " * 8),
            *(0, 0, 0, b"", b" " * 8, 0, 0, position, b""),
        )
        position += width


def _column(dataset: Dataset, variable: Variable, values: Sequence[Value]) -> tuple[int, list[bytes]]:
    """Return the width of a column and its cells, each of that width; each distinct value is made once."""
    _check_name(dataset, variable.name, _LONGEST_NAME, "name")
    _check_name(dataset, variable.label, _LONGEST_LABEL, "label")
    place = f"{dataset.name}.{variable.name}"
    make = _number if variable.type == "Num" else _text
    cells = {value: make(place, value) for value in dict.fromkeys(values)}
    width = _NUMBER_WIDTH if variable.type == "Num" else max(map(len, cells.values()), default=0) or 1
    padded = {value: cell.ljust(width) for value, cell in cells.items()}
    return width, [padded[value] for value in values]


def _text(place: str, value: Value) -> bytes:
    text = "" if value is None else value
    if not isinstance(text, str):
        raise _unfit(place, "text", str(text))
    if not text.isascii() or (text and not text.isprintable()):
        raise _unfit(place, "printable ASCII", text)
    if len(text) > _LONGEST_VALUE:
        raise _unfit(place, f"at most {_LONGEST_VALUE} bytes", text)
    return text.encode("ascii")


def _number(place: str, value: Value) -> bytes:
    """Return a double as a hexadecimal float: sign, exponent of 16 in excess of 64, 56 bits of fraction."""
    if value is None:
        return _MISSING
    if isinstance(value, str) or not math.isfinite(value):
        raise _unfit(place, "a finite number", str(value))
    if value == 0:
        return bytes(_NUMBER_WIDTH)
    mantissa, exponent = math.frexp(abs(value))
    exponent_16 = -(-exponent // 4)
    if not 0 <= exponent_16 + _EXCESS <= _HIGHEST_EXPONENT:
        raise _unfit(place, "a number between 6e-79 and 7e75", repr(value))
    fraction = int(math.ldexp(mantissa, _FRACTION_BITS)) >> (4 * exponent_16 - exponent)
    sign = 0x80 if value < 0 else 0
    return bytes([sign | (exponent_16 + _EXCESS)]) + fraction.to_bytes(_NUMBER_WIDTH - 1)


def _check_name(dataset: Dataset, text: str, longest: int, what: str) -> None:
    if len(text) > longest or not text.isascii():
        raise _unfit(f"{dataset.name} {what}", f"at most {longest} ASCII characters", text)


def _unfit(place: str, expected: str, found: str) -> InputError:
    return InputError(
        "a value does not fit a transport file",
        code="XPT_VALUE",
        place=place,
        expected=expected,
        found=repr(found[:40]),
    )


def _header(kind: str, numbers: str) -> bytes:
    return _record(f"HEADER RECORD*******{kind}HEADER RECORD!!!!!!!{numbers}")


def _record(text: str) -> bytes:
    return text.ljust(_RECORD).encode("ascii")


def _blank(text: str, width: int) -> bytes:
    return text.ljust(width).encode("ascii")


def _padded(content: bytes) -> bytes:
    return content + b" " * (-len(content) % _RECORD)


def _stamp(moment: datetime) -> str:
    return f"{moment.day:02d}{_MONTHS[moment.month - 1]}{moment:%y:%H:%M:%S}"
