"""An indexed-colour canvas: few colours, smooth text in the built-in font, the same bytes each time.

A palette picture is a tenth of a true-colour one. Text keeps its smooth edges because a ramp from paper to
ink is part of the palette; so a system font is never needed and two machines draw the same letters.
"""

import io
import re
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["DENSITY", "DENSITY_STEPS", "DOT", "GRID", "INK", "OUTLINE", "PAPER", "Canvas", "palette"]

_INK_STEPS = 16  # smoothness of letters
DENSITY_STEPS = 24  # colours of the density scale, light to dark

PAPER = 0
INK = _INK_STEPS - 1
GRID = INK + 1
OUTLINE = GRID + 1
DOT = OUTLINE + 1
DENSITY = DOT + 1  # first colour of the density scale

_PAPER_RGB = (255, 255, 255)
_INK_RGB = (31, 41, 51)
_GRID_RGB = (203, 210, 217)
_OUTLINE_RGB = (31, 41, 51)
# Vermillion on blue: told apart by every common form of colour blindness. In grey print a dot is darker than
# the densest place.
_DOT_RGB = (178, 42, 0)
_DENSITY_LIGHT_RGB = (222, 233, 242)
_DENSITY_DARK_RGB = (92, 139, 184)

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u024f\u0370-\u03ff\u2013\u2014\u2026]")

Pixels = NDArray[np.uint8]


class Canvas:
    """A picture of palette indices, `pixels: (height, width) uint8`."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: Pixels = np.full((height, width), PAPER, dtype=np.uint8)

    def fill(self, left: float, top: float, right: float, bottom: float, colour: int) -> None:
        """Fill a rectangle, at least one pixel wide and high."""
        rows = slice(round(top), max(round(bottom), round(top) + 1))
        self.pixels[rows, round(left) : max(round(right), round(left) + 1)] = colour

    def line(self, points: list[tuple[float, float]], colour: int, width: int) -> None:
        """Draw straight lines through points (x, y) in pixels, y downward."""
        image = Image.fromarray(self.pixels)
        ImageDraw.Draw(image).line(points, fill=colour, width=width, joint="curve")
        self.pixels = np.array(image)

    def text(
        self, text: str, at: tuple[int, int], *, size: int, anchor: str = "la", upright: bool = False
    ) -> None:
        """Write one line over what is there; `at` is its anchor point, `upright` turns it to read upwards.

        The anchor's first letter says where the text stands along the line (l, m, r), its second across
        it (a above, m middle, d below), as Pillow names them.
        """
        ink = _letters(printable(text), size)
        if upright:
            ink = np.rot90(ink)
        height, width = ink.shape
        shift = {"l": 0.0, "m": 0.5, "r": 1.0, "a": 0.0, "d": 1.0}
        across, down = ("m", "m") if upright else (anchor[0], anchor[1])
        left = round(at[0] - width * shift[across])
        top = round(at[1] - height * shift[down])
        self._stamp(ink, left, top)

    def _stamp(self, ink: Pixels, left: int, top: int) -> None:
        height, width = self.pixels.shape
        left = min(max(left, 0), max(width - ink.shape[1], 0))
        top = min(max(top, 0), max(height - ink.shape[0], 0))
        room = self.pixels[top : top + ink.shape[0], left : left + ink.shape[1]]
        ink = ink[: room.shape[0], : room.shape[1]]
        room[ink > PAPER] = ink[ink > PAPER]

    def png(self) -> bytes:
        """Return the picture as PNG, without a clock or any other text in it."""
        image = Image.fromarray(self.pixels, mode="P")
        image.putpalette(bytes(part for colour in palette() for part in colour))
        out = io.BytesIO()
        image.save(out, format="PNG", compress_level=6)
        return out.getvalue()


def printable(text: str) -> str:
    """Return text on one line without the characters that the built-in font cannot draw."""
    return _UNPRINTABLE.sub("?", text)


def text_width(text: str, size: int) -> int:
    """Return the width of one line in pixels."""
    return int(_letters(printable(text), size).shape[1])


def _letters(text: str, size: int) -> Pixels:
    """Return one line of text as palette indices, with a thin margin of paper."""
    font = _font(size)
    width = max(int(font.getlength(text)) + 1, 1)
    image = Image.new("L", (width + 8, size + 10), 0)
    ImageDraw.Draw(image).text((4, (size + 10) // 2), text, font=font, fill=255, anchor="lm")
    return np.asarray(image) // (256 // _INK_STEPS)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


@cache
def palette() -> tuple[tuple[int, int, int], ...]:
    """Return the colours (red, green, blue) by index."""
    colours = [_between(_PAPER_RGB, _INK_RGB, step / (_INK_STEPS - 1)) for step in range(_INK_STEPS)]
    colours += [_GRID_RGB, _OUTLINE_RGB, _DOT_RGB]
    colours += [
        _between(_DENSITY_LIGHT_RGB, _DENSITY_DARK_RGB, step / (DENSITY_STEPS - 1))
        for step in range(DENSITY_STEPS)
    ]
    return tuple(colours)


def _between(a: tuple[int, int, int], b: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue
