"""Reads from a file what it shows and plays: frame numbers, beeps, colours, each decoded and counted here."""

from __future__ import annotations

import json
import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

from tests.support.colorimetry import Triple, as_bt709
from tests.support.film import BITS, Film, Frame

#: Kr and Kb of each matrix (ITU-T H.273).
_LUMA: Final = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt470bg": (0.299, 0.114),
                "bt2020nc": (0.2627, 0.0593)}  # fmt: skip
#: Samples of a cell's width, of which the one in its middle is free of its neighbours.
_ACROSS: Final = 10
#: Of the loudest sample: a beep is several times as loud as the tone below it.
_LOUD: Final = 0.4
#: At which sound is looked at.
_HZ: Final = 8000


def _output(*command: str) -> bytes:
    return subprocess.run([command[0], "-v", "error", *command[1:]], capture_output=True, check=True).stdout


def _probed(path: Path, *options: str) -> Any:
    return json.loads(_output("ffprobe", "-of", "json", *options, f"file:{path}"))


def read(path: Path, stream: int = 0) -> Film:
    """All frames, and the beeps of a sound stream; times count from the file's start."""
    probed = _Probed.of(path)
    picture, heard = probed.pictures[0], _heard(path, stream, probed)
    shown = [float(frame["best_effort_timestamp_time"]) for frame in probed.frames_of(picture)]
    frames = tuple(Frame(at_s, number) for at_s, number in zip(shown, frame_numbers(path), strict=True))
    ends = [float(each["pts_time"]) + float(each.get("duration_time", 0)) for each in probed.packets_of(picture)]
    film = Film(frames, tuple(heard.beeps_s), max(ends), max(*ends, heard.ends_s))
    return film.later(-probed.start_s)


@dataclass(frozen=True)
class _Probed:
    """What ffprobe reports of every stream, packet and frame."""

    answer: dict[str, Any]

    @classmethod
    def of(cls, path: Path) -> _Probed:
        entries = (
            "format=start_time:stream=index,codec_type,sample_rate:stream_disposition=attached_pic:"
            "packet=stream_index,pts_time,duration_time:frame=stream_index,best_effort_timestamp_time,pts_time,nb_samples"
        )
        return cls(_probed(path, "-show_entries", entries))

    @property
    def start_s(self) -> float:
        return float(self.answer["format"].get("start_time", 0))

    @property
    def pictures(self) -> list[dict[str, Any]]:
        return [each for each in self._streams("video") if not each["disposition"]["attached_pic"]]

    @property
    def sounds(self) -> list[dict[str, Any]]:
        return self._streams("audio")

    def _streams(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.answer["streams"] if each.get("codec_type") == kind]

    def packets_of(self, stream: dict[str, Any]) -> list[dict[str, Any]]:
        return self._of(stream, "packet")

    def frames_of(self, stream: dict[str, Any]) -> list[dict[str, Any]]:
        return self._of(stream, "frame")

    def _of(self, stream: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        """Where both are asked for, ffprobe has packets and frames in one list, each with its type."""
        found = self.answer.get("packets_and_frames") or self.answer[f"{kind}s"]
        return [
            each for each in found if each.get("stream_index") == stream["index"] and each.get("type", kind) == kind
        ]


def frame_numbers(path: Path) -> list[int]:
    """The numbers that the frames show, a picture's too."""
    # Luma as it is, whatever it is the luma of: swscale 9 refuses matrices that it does not know.
    cells = f"setparams=colorspace=bt709,scale={BITS}:2:flags=area,format=gray"
    data = _output(
        "ffmpeg", "-i", f"file:{path}", "-map", "0:V:0", "-fps_mode", "passthrough", "-vf", cells, "-f", "rawvideo", "-"
    )
    rows = [data[at : at + BITS] for at in range(0, len(data), BITS * 2)]
    return [sum(1 << bit for bit, level in enumerate(row) if level > 126) for row in rows]


@dataclass(frozen=True)
class _Heard:
    beeps_s: tuple[float, ...]
    ends_s: float


def _heard(path: Path, stream: int, probed: _Probed) -> _Heard:
    """A sound stream's beeps, by the timestamps of the frames that they lie in."""
    if not probed.sounds:
        return _Heard((), 0.0)
    frames, rate_hz = probed.frames_of(probed.sounds[stream]), int(probed.sounds[stream]["sample_rate"])
    begins_s = [float(frame["pts_time"]) for frame in frames]
    begins = list(accumulate((int(frame["nb_samples"]) / rate_hz for frame in frames), initial=0.0))
    wanted = ("-map", f"0:a:{stream}", "-f", "f32le", "-ac", "1", "-ar", str(_HZ))
    samples = array("f", _output("ffmpeg", "-i", f"file:{path}", *wanted, "-"))
    beeps = [_time_of(sample / _HZ, begins, begins_s) for sample in _onsets(samples)]
    return _Heard(tuple(beeps), begins_s[-1] + begins[-1] - begins[-2])


def _onsets(samples: array[float]) -> list[int]:
    """Where it becomes loud after a quarter of a second in which it was not."""
    least = _LOUD * max(samples)
    loud = [number for number, value in enumerate(samples) if value > least]
    return [at for before, at in pairwise([-_HZ, *loud]) if at - before > _HZ // 4]


def _time_of(heard_s: float, begins: list[float], begins_s: list[float]) -> float:
    """When what is heard so long after the first sample is due: between frames there may be gaps."""
    frame = max(number for number, begin in enumerate(begins[:-1]) if begin <= heard_s)
    return begins_s[frame] + heard_s - begins[frame]


def colours(path: Path, number: int = 0) -> list[Triple]:
    """The eight colours of a frame, R'G'B' of 0 to 255, by the matrix and range that the file names.

    Raises:
        KeyError: it names no matrix that is known.
    """
    stream = _probed(path, "-select_streams", "V:0", "-show_streams")["streams"][0]
    if stream["pix_fmt"].startswith(("rgb", "gbr", "bgr", "pal")):
        return [_packed(_cells(path, number, "rgb24"), cell) for cell in range(BITS)]
    full = stream["pix_fmt"].startswith("yuvj") or stream.get("color_range") == "pc"
    range_ = "pc" if full else "tv"
    planes = array("H", _cells(path, number, "yuv444p16le", f":in_range={range_}:out_range={range_}"))
    kr, kb = _LUMA[stream["color_space"]]
    return [_rgb(_planar(planes, cell), kr, kb, full=full) for cell in range(BITS)]


def colours_seen(path: Path, number: int = 0) -> list[Triple]:
    """The same by BT.709's primaries, which screens have, from those that the file names."""
    primaries = stream_of(path).get("color_primaries", "bt709")
    return [as_bt709(colour, primaries) for colour in colours(path, number)]


def _cells(path: Path, number: int, pixel_format: str, ranges: str = "") -> bytes:
    """A frame made small: a number of samples for each colour."""
    cells = f"select=eq(n\\,{number}),scale={BITS * _ACROSS}:{2 * _ACROSS}:flags=area{ranges}"
    wanted = ("-vf", f"{cells},format={pixel_format}", "-frames:v", "1", "-f", "rawvideo")
    return _output("ffmpeg", "-i", f"file:{path}", "-map", "0:V:0", *wanted, "-")


def _at(cell: int) -> int:
    """Where in a plane the middle of a colour lies."""
    return BITS * _ACROSS * (_ACROSS + _ACROSS // 2) + cell * _ACROSS + _ACROSS // 2


def _packed(data: bytes, cell: int) -> Triple:
    red, green, blue = data[_at(cell) * 3 : _at(cell) * 3 + 3]
    return (float(red), float(green), float(blue))


def _planar(planes: array[int], cell: int) -> Triple:
    size = BITS * _ACROSS * 2 * _ACROSS
    luma, blue, red = (planes[size * number + _at(cell)] / 256 for number in range(3))
    return (luma, blue, red)


def _rgb(sample: Triple, kr: float, kb: float, *, full: bool) -> Triple:
    """ITU-T H.273, equations for MatrixCoefficients other than 0, 8, 10 and 11."""
    luma, blue, red = sample
    y = luma / 255 if full else (luma - 16) / 219
    cb, cr = ((value - 128) / (255 if full else 224) for value in (blue, red))
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return (min(255.0, max(0.0, 255 * r)), min(255.0, max(0.0, 255 * g)), min(255.0, max(0.0, 255 * b)))


def colour_error(shown: Sequence[Triple], wanted: Sequence[Triple]) -> float:
    """How far colours are from others, of 255 in the mean."""
    pairs = zip(shown, wanted, strict=True)
    errors = [abs(got - true) for one, other in pairs for got, true in zip(one, other, strict=True)]
    return sum(errors) / len(errors)


def stream_of(path: Path, kind: str = "V", number: int = 0) -> dict[str, Any]:
    """ffprobe's word on a stream."""
    streams: list[dict[str, Any]] = _probed(path, "-select_streams", f"{kind}:{number}", "-show_streams")["streams"]
    return streams[0]


def start_s(path: Path) -> float:
    """When a file begins on its own clock by its container, seconds; 0 where that says nothing."""
    return float(_probed(path, "-show_format")["format"].get("start_time", 0))


def sizes(path: Path) -> set[tuple[int, int]]:
    """The sizes of all frames that a decoder gives."""
    found = _probed(path, "-select_streams", "V:0", "-show_entries", "frame=width,height")["frames"]
    return {(frame["width"], frame["height"]) for frame in found}


def tags(path: Path) -> tuple[str | None, ...]:
    """Matrix, primaries, transfer function and range that a file names, by ffmpeg's names."""
    stream = stream_of(path)
    return tuple(stream.get(f"color_{name}") for name in ("space", "primaries", "transfer", "range"))


def packets(path: Path, kind: str) -> list[dict[str, Any]]:
    """The packets of the first stream of a kind, as ffprobe lists them."""
    found: list[dict[str, Any]] = _probed(path, "-select_streams", f"{kind}:0", "-show_packets")["packets"]
    return found
