"""Loudness by EBU R 128: what a measurement says, and the one gain that brings sound to its target. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: The highest true peak that an encoder is given, dBTP: lossy ones overshoot (EBU R 128 s1, AES TD1008).
HIGHEST_PEAK_DB: Final = -1.0
#: ffmpeg's word for silence.
SILENCE_LUFS: Final = -70.0
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


def gain_filters(measured: Loudness, target_lufs: float) -> str:
    """One gain for all of it, and a limiter where peaks would be too high then; empty for silence."""
    if measured.integrated_lufs <= SILENCE_LUFS:
        return ""
    gain_db = target_lufs - measured.integrated_lufs
    limit = (
        f",alimiter=limit={10 ** (HIGHEST_PEAK_DB / 20):.4f}:level=false" if is_limited(measured, target_lufs) else ""
    )
    return f"volume={gain_db:.2f}dB{limit}"


def is_limited(measured: Loudness, target_lufs: float) -> bool:
    """Whether peaks must be lowered."""
    return measured.peak_db + target_lufs - measured.integrated_lufs > HIGHEST_PEAK_DB


def loudness_note(measured: Loudness, target_lufs: float) -> str:
    """What was done to reach a loudness, in words; empty where a gain was all."""
    if measured.integrated_lufs <= SILENCE_LUFS:
        return "the sound is silent: its loudness is left as it is"
    if is_limited(measured, target_lufs):
        peak_db = measured.peak_db + target_lufs - measured.integrated_lufs
        return f"at {target_lufs:g} LUFS peaks would reach {peak_db:.1f} dBTP: they are limited to {HIGHEST_PEAK_DB:g}"
    return ""
