"""What is in a file, measured by ffprobe and in what ffmpeg decodes."""

from __future__ import annotations

import json
import math
import subprocess
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any


def frame_hashes(path: Path) -> list[str]:
    """A checksum of every picture."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [line.rpartition(",")[2].strip() for line in told.splitlines() if not line.startswith("#")]


def probe(path: Path) -> dict[str, Any]:
    """ffprobe's word on a file: format, and streams by type."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_format", "-show_streams", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    streams = {stream["codec_type"]: stream for stream in reversed(told["streams"])}
    return {"format": told["format"], **streams}


def brightness(path: Path) -> list[int]:
    """The brightness of every frame's middle, as :func:`grey_clock` made it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "crop=8:8,scale=1:1,format=gray", "-f", "rawvideo", "-"]
    return list(subprocess.run(command, capture_output=True, check=True).stdout)


def tile_brightness(path: Path, x: int, y: int) -> int:
    """The brightness of the middle of a tile of 64 x 64 pixels."""
    crop = f"crop=8:8:{x + 28}:{y + 28},scale=1:1,format=gray"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", crop, "-f", "rawvideo", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout[0]


def frame_numbers(path: Path) -> list[int]:
    """The numbers that the frames show, as :func:`frame_clock` made them."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "scale=12:1:flags=area,format=gray", "-f", "rawvideo"]
    data = subprocess.run([*command, "-fps_mode", "passthrough", "-"], capture_output=True, check=True).stdout
    rows = [data[at : at + 12] for at in range(0, len(data), 12)]
    return [sum(1 << bit for bit, level in enumerate(row) if level > 126) for row in rows]


def beeps_s(path: Path) -> list[float]:
    """When each beep begins, seconds on the file's clock, whether that begins at 0 or earlier."""
    command = ["ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-map", "0:a",
               "-af", "aresample=async=1:first_pts=0", "-f", "f32le", "-ac", "1", "-ar", "48000", "-"]  # fmt: skip
    samples = array("f", subprocess.run(command, capture_output=True, check=True).stdout)
    loud = [number for number, value in enumerate(samples) if abs(value) > 0.3]
    return [at / 48000 for before, at in pairwise([-48000, *loud]) if at - before > 12000]


def flashes_s(path: Path) -> list[float]:
    """When each white frame is shown, seconds on the file's clock."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough",
               "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    levels = subprocess.run(command, capture_output=True, check=True).stdout
    start = float(probe(path)["video"]["start_time"])
    return [start + number / 25 for number, level in enumerate(levels) if level > 126]


def loudness_lufs(path: Path) -> float:
    """The integrated loudness of a file (EBU R 128)."""
    return _summary(path, "I:")


def level_db(path: Path, start_s: float, end_s: float, hz: float | None = None) -> float:
    """The level of the sound within a time, of all of it or around a frequency; dB of full scale."""
    filters = f"atrim={start_s}:{end_s}" + (f",bandpass=f={hz}:width_type=h:w=60" if hz else "")
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-af", filters, "-ac", "1", "-f", "f32le", "-"]
    samples = array("f", subprocess.run(command, capture_output=True, check=True).stdout)
    return 10 * math.log10(max(1e-12, sum(value * value for value in samples) / len(samples)))


def true_peak_db(path: Path) -> float:
    """The highest true peak of a file, dBTP."""
    return _summary(path, "Peak:")


def _summary(path: Path, key: str) -> float:
    command = ["ffmpeg", "-nostdin", "-i", str(path), "-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    (line,) = [line for line in report.rpartition("Summary:")[2].splitlines() if line.strip().startswith(key)]
    return float(line.split()[1])


def shown_at_s(path: Path) -> list[float]:
    """When each frame is shown, seconds from the first."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0",
               str(path)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    times = [float(line.strip(",")) for line in told if line.strip(",")]
    return [time - times[0] for time in times]


def gaps_s(path: Path) -> list[float]:
    """How long each frame is shown, without the last one."""
    return [after - before for before, after in pairwise(shown_at_s(path))]


def brightness_at(path: Path, time_s: float) -> int:
    """The brightness of the frame that is shown at a time."""
    number = sum(at <= time_s for at in shown_at_s(path)) - 1
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough",
               "-vf", "crop=8:8,scale=1:1,format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True).stdout[number]


def chapters(path: Path) -> list[tuple[str, float, float]]:
    """Title, start and end of each chapter, seconds."""
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["chapters"]
    return [(each["tags"]["title"], float(each["start_time"]), float(each["end_time"])) for each in told]


def brightest(path: Path) -> list[int]:
    """The brightness of every frame's brightest pixel."""
    picture = probe(path)["video"]
    size = int(picture["width"]) * int(picture["height"])
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "format=gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return [max(data[at : at + size]) for at in range(0, len(data), size)]


def subtitle_text(path: Path) -> str:
    """The first subtitle stream of a file, as ASS."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:s:0", "-f", "ass", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def rows_of_grey(path: Path, filters: str, size: int) -> list[bytes]:
    """What each frame is after filters, ``size`` levels of grey."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough",
               "-vf", f"{filters},format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return [data[at : at + size] for at in range(0, len(data), size)]
