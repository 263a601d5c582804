"""The streams of a file, one by one, and what is heard in its sound."""

from __future__ import annotations

import json
import subprocess
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

RATE_HZ = 48_000


def all_of(path: Path) -> list[dict[str, Any]]:
    """ffprobe's word on every stream, in the file's order."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    found: list[dict[str, Any]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return found


def duration_s(path: Path) -> float:
    """The length of a file by its header, seconds."""
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "default=nw=1:nk=1", str(path)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def samples(path: Path) -> array[float]:
    """The first stream of sound, mono at RATE_HZ."""
    return channels(path, 1)[0]


def channels(path: Path, count: int) -> list[array[float]]:
    """The channels of the first stream of sound, mixed to so many, at RATE_HZ."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", str(count), "-ar", str(RATE_HZ),
               "-f", "f32le", "-"]  # fmt: skip
    heard = array("f", subprocess.run(command, capture_output=True, check=True).stdout)
    return [heard[number::count] for number in range(count)]


def pitch_hz(path: Path) -> float:
    """Of a tone: how often the sound crosses zero upwards in a second."""
    return pitch_of(samples(path))


def pitch_of(heard: array[float]) -> float:
    """The same of samples at RATE_HZ."""
    rising = sum(before < 0 <= after for before, after in pairwise(heard))
    return rising * RATE_HZ / len(heard)
