"""Loudness by EBU R 128: what a measurement says, and the one gain that brings sound to its target. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

#: The highest true peak that an encoder is given, dBTP: lossy ones overshoot (EBU R 128 s1, AES TD1008).
HIGHEST_PEAK_DB: Final = -1.0
#: ffmpeg's word for silence.
SILENCE_LUFS: Final = -70.0
#: How far from its target sound may be (EBU R 128, 2.1).
TOLERANCE_LU: Final = 0.5
#: Nearer is not worth another measurement, of which there are so many at most.
_CLOSE_LU: Final = 0.1
_CORRECTIONS: Final = 4
_TRUE_PEAK_RATE_HZ: Final = 176_400
_INTEGRATED: Final = re.compile(r"^\s*I:\s+(-?[\d.]+|-inf|nan) LUFS", re.MULTILINE)
_PEAK: Final = re.compile(r"^\s*Peak:\s+(-?[\d.]+|-inf|nan) dBFS", re.MULTILINE)
#: Measures what comes before it: integrated loudness and true peak are reported at the end.
METER: Final = "ebur128=peak=true:framelog=verbose"


@dataclass(frozen=True)
class Loudness:
    """Of a whole stream: integrated loudness in LUFS and true peak in dBTP."""

    integrated_lufs: float
    peak_db: float


def read_loudness(lines: Sequence[str]) -> Loudness | None:
    """The summary of METER in ffmpeg's log; None where it is not there."""
    text = re.sub(r"^\[\w+\] ", "", "\n".join(lines), flags=re.MULTILINE).rpartition("Summary:")[2]
    integrated, peaks = _INTEGRATED.findall(text), _PEAK.findall(text)
    if not integrated:
        return None
    return Loudness(_number(integrated[-1]), max((_number(peak) for peak in peaks), default=-100.0))


def _number(text: str) -> float:
    return SILENCE_LUFS if text in ("-inf", "nan") else float(text)


@dataclass(frozen=True)
class Gain:
    """The filters that bring sound to a loudness, and what to say of it; both may be empty."""

    filters: str
    note: str = ""


def gain_to(target_lufs: float, sample_rate_hz: int, measure: Callable[[str], Loudness]) -> Gain:
    """One gain for all of a sound; where its peaks would be too high then, they are limited.

    A limiter makes sound quieter, so that what it gives is measured, and the gain corrected by what is missing.

    Args:
        target_lufs: its integrated loudness.
        sample_rate_hz: of the sound.
        measure: the loudness of the sound behind filters.
    """
    measured = measure("")
    if measured.integrated_lufs <= SILENCE_LUFS:
        return Gain("", "the sound is silent: its loudness is left as it is")
    gain_db = target_lufs - measured.integrated_lufs
    if measured.peak_db + gain_db <= HIGHEST_PEAK_DB:
        return Gain(_volume(gain_db))
    note = f"at {target_lufs:g} LUFS peaks would reach {measured.peak_db + gain_db:.1f} dBTP: they are limited to "
    filters, reached_lufs = _corrected(gain_db, target_lufs, sample_rate_hz, measure)
    missed = f", which makes it {reached_lufs:.1f} LUFS" if abs(reached_lufs - target_lufs) > TOLERANCE_LU else ""
    return Gain(filters, f"{note}{HIGHEST_PEAK_DB:g}{missed}")


def _corrected(
    gain_db: float, target_lufs: float, sample_rate_hz: int, measure: Callable[[str], Loudness]
) -> tuple[str, float]:
    filters = _limited(gain_db, sample_rate_hz)
    reached_lufs = measure(filters).integrated_lufs
    for _ in range(_CORRECTIONS):
        if abs(target_lufs - reached_lufs) <= _CLOSE_LU:
            break
        gain_db += target_lufs - reached_lufs
        filters = _limited(gain_db, sample_rate_hz)
        reached_lufs = measure(filters).integrated_lufs
    return filters, reached_lufs


def _volume(gain_db: float) -> str:
    return f"volume={gain_db:.2f}dB"


def _limited(gain_db: float, sample_rate_hz: int) -> str:
    """True peaks lie between samples, and are among those of a higher rate (ITU-R BS.1770, annex 2)."""
    higher_hz = math.ceil(_TRUE_PEAK_RATE_HZ / sample_rate_hz) * sample_rate_hz
    limit = f"alimiter=limit={10 ** (HIGHEST_PEAK_DB / 20):.4f}:level=false:latency=true"
    return f"{_volume(gain_db)},aresample={higher_hz},{limit},aresample={sample_rate_hz}"
