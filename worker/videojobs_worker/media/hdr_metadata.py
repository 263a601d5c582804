"""Static metadata of HDR10: the screen that a film was graded on (SMPTE ST 2086), and its brightest light. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

#: Units of H.264's and H.265's messages (ITU-T H.265, D.3.28): of chromaticities and of nits.
_CHROMATICITY, _NITS = 50_000, 10_000
_POINTS: Final = ("green", "blue", "red", "white_point")
_LETTERS: Final = ("G", "B", "R", "WP")

Point = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class HdrMetadata:
    """What a stream says.

    Args:
        points: chromaticities x and y of green, blue, red and white.
        luminance_nits: of the screen's white and black.
        light_nits: of the brightest pixel, and of the brightest frame's mean (CTA-861.3); zeros where not told.
    """

    points: tuple[Point, ...]
    luminance_nits: tuple[Fraction, Fraction]
    light_nits: tuple[int, int] = (0, 0)

    @property
    def x265(self) -> str:
        """Options of x265, colons between them."""
        light = ",".join(map(str, self.light_nits))
        return f"hdr10=1:master-display={self._display(_CHROMATICITY, _NITS)}:max-cll={light}"

    @property
    def x264(self) -> str:
        """Options of x264."""
        light = ",".join(map(str, self.light_nits))
        return f"mastering-display={self._display(_CHROMATICITY, _NITS)}:cll={light}"

    @property
    def svt_av1(self) -> str:
        """Options of SVT-AV1, which has no units."""
        light = ",".join(map(str, self.light_nits))
        return f"mastering-display={self._display(None, None)}:content-light={light}"

    def _display(self, chromaticity: int | None, nits: int | None) -> str:
        pairs = zip((*_LETTERS, "L"), (*self.points, self.luminance_nits), strict=True)
        return "".join(f"{letter}({_pair(pair, nits if letter == 'L' else chromaticity)})" for letter, pair in pairs)


def _pair(values: Point, unit: int | None) -> str:
    return ",".join(f"{float(value):.4f}" if unit is None else str(round(value * unit)) for value in values)


def hdr_metadata(side_data: Sequence[Mapping[str, Any]]) -> HdrMetadata | None:
    """Of a stream's or a frame's side data as ffprobe reports it; None where the screen is not told, or wrongly."""
    by_type = {each.get("side_data_type"): each for each in side_data}
    if (display := by_type.get("Mastering display metadata")) is None:
        return None
    light = by_type.get("Content light level metadata", {})
    try:
        points = tuple((Fraction(display[f"{name}_x"]), Fraction(display[f"{name}_y"])) for name in _POINTS)
        luminance = Fraction(display["max_luminance"]), Fraction(display["min_luminance"])
        told = int(light.get("max_content", 0)), int(light.get("max_average", 0))
    except (KeyError, ValueError, ZeroDivisionError):
        return None
    return HdrMetadata(points, luminance, told)
