"""What a result should be: by arithmetic on what was generated, or by bare ffmpeg with arguments written by hand."""

from __future__ import annotations

import math
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.fidelity_kinds import Kind
from tests.support import filmed
from tests.support.cases.case import Case
from tests.support.colorimetry import Triple, as_bt709
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BEEP_S, COLOURS, Film, sound

#: White of SDR in HDR, nits (ITU-R BT.2408).
_WHITE_NITS: Final = 203
#: How much of the time that a frame is shown has passed when its picture is asked for.
_WITHIN_FRAME: Final = 0.75
#: Samples in a packet.
_AAC_PACKET: Final = 1024


def seen(kind: Kind, case: Case) -> list[Triple]:
    """The eight colours by BT.709's primaries, R'G'B' of 0 to 255."""
    if kind.hdr:
        return _mapped(kind, case.path)
    shown = [(red * kind.opaque, green * kind.opaque, blue * kind.opaque) for red, green, blue in COLOURS]
    return [as_bt709(colour, kind.primaries) for colour in shown]


def _mapped(kind: Kind, path: Path) -> list[Triple]:
    """HDR as SDR; which curve maps it is a choice, and this is the product's."""
    read = f"zscale=min=bt2020nc:rin=limited:pin=bt2020:tin={kind.hdr}:t=linear:npl={_WHITE_NITS}"
    mapped = f"{read},format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709,format=gbrp"
    made = path.with_name("reference.mkv")
    ffmpeg("-i", str(path), "-frames:v", "1", "-an", "-vf", mapped, "-c:v", "ffv1", str(made))
    return filmed.colours(made)


def whole(kind: Kind, film: Film) -> Film:
    """What a transcode shows and plays: all of the film, and silence that fills the last packet of AAC."""
    if not film.beeps_s:
        return film
    _, ends_s = kind.sound_s or (0.0, film.ends_s)
    packets = math.ceil((ends_s * kind.rate_hz + _AAC_PACKET) / _AAC_PACKET)  # the first of them is priming
    return replace(film, ends_s=max(film.picture_ends_s, (packets - 1) * _AAC_PACKET / kind.rate_hz))


def moments_s(kind: Kind, film: Film, count: int) -> list[float]:
    """Times at which to ask for pictures, seconds on the film's clock: each while one frame is shown."""
    ends = [*(frame.at_s for frame in film.frames[1:]), film.picture_ends_s]
    numbers = [len(ends) * (2 * part + 1) // (2 * count) // kind.fields * kind.fields for part in range(count)]
    begins = [film.frames[number].at_s for number in numbers]
    return [begin + _WITHIN_FRAME * (ends[number] - begin) for number, begin in zip(numbers, begins, strict=True)]


def late_s(case: Case) -> float:
    """How much later than on the film's clock everything is in the file: an encoder's priming may come first.

    A time within a frame is far enough from its neighbours' to do without, where the first packet has none.
    """
    if "pts_time" not in filmed.packets(case.path, "V")[0]:
        return 0.0
    begins_s = float(filmed.stream_of(case.path)["start_time"])
    return begins_s - filmed.start_s(case.path) - case.film.frames[0].at_s


def loudness_lufs(kind: Kind, film: Film, within_s: tuple[float, float] | None = None) -> float | None:
    """The integrated loudness of a source's sound or of a scene's, which is filled up with silence; None without."""
    if not film.beeps_s:
        return None
    begins_s, ends_s = kind.sound_s or (0.0, film.ends_s)
    phase_s = (BEEP_S - (film.beeps_s[0] - begins_s)) % 1.0
    layout, channels = kind.layout
    made = sound(ends_s - begins_s + phase_s, layout, channels=channels)
    filters = f"{made},atrim=start={phase_s:.6f},asetpts=PTS-STARTPTS"
    if within_s:
        delay_ms = round(begins_s * 1000)
        filters += f",adelay={delay_ms}:all=1,apad,atrim={within_s[0]:.6f}:{within_s[1]:.6f},asetpts=PTS-STARTPTS"
    return _integrated_lufs("-f", "lavfi", "-i", filters)


def _integrated_lufs(*read: str) -> float:
    command = ["ffmpeg", "-nostdin", *read, "-af", "ebur128", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    (line,) = [line for line in report.rpartition("Summary:")[2].splitlines() if line.strip().startswith("I:")]
    return float(line.split()[1])
