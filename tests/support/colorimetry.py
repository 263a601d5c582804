"""Colours as they are seen: R'G'B' of any primaries brought to those of BT.709 (ITU-T H.273, ITU-R BT.709)."""

from __future__ import annotations

from typing import Final

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

#: Chromaticities x and y of red, green and blue; white is D65 in all of them.
_PRIMARIES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "bt470bg": ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
}
_WHITE: Final = (0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290)


def as_bt709(colour: Triple, primaries: str) -> Triple:
    """R'G'B' of 0 to 255 by BT.709's primaries, cut to its gamut; the transfer function is BT.709's."""
    if primaries == "bt709":
        return colour
    linear = [_linear(value / 255) for value in colour]
    seen = _applied(_inverse(_to_xyz("bt709")), _applied(_to_xyz(primaries), (linear[0], linear[1], linear[2])))
    red, green, blue = (255 * _coded(min(1.0, max(0.0, value))) for value in seen)
    return (red, green, blue)


def _linear(value: float) -> float:
    return value / 4.5 if value < 0.081 else float(((value + 0.099) / 1.099) ** (1 / 0.45))


def _coded(value: float) -> float:
    return float(4.5 * value if value < 0.018 else 1.099 * value**0.45 - 0.099)


def _to_xyz(primaries: str) -> Matrix:
    """The matrix whose columns are the primaries, so strong that all together are white."""
    red, green, blue = ((x / y, 1.0, (1 - x - y) / y) for x, y in _PRIMARIES[primaries])
    columns: Matrix = tuple(zip(red, green, blue, strict=True))  # type: ignore[assignment]
    strength = _applied(_inverse(columns), _WHITE)
    red_row, green_row, blue_row = (_scaled(row, strength) for row in columns)
    return (red_row, green_row, blue_row)


def _scaled(row: Triple, by: Triple) -> Triple:
    return (row[0] * by[0], row[1] * by[1], row[2] * by[2])


def _applied(matrix: Matrix, vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return (one, two, three)


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det),
        ((f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det),
        ((d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det),
    )
