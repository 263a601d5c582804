"""Films whose sound has an unusual layout or rate."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.support.cases.case import H264, Case, copied, plain, shown
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT709, film, sound

#: Layouts by ffmpeg's names, each with its number of channels: those that encoders lack or people seldom use.
LAYOUTS: Final = {
    "FL": 1, "FC+LFE": 2, "downmix": 2, "2.1": 3, "3.0": 3, "3.0(back)": 3, "4.0": 4, "quad": 4, "quad(side)": 4,
    "4.1": 5, "5.0": 5, "5.0(side)": 5, "5.1": 6, "5.1(side)": 6, "6.0": 6, "hexagonal": 6, "6.1": 7, "7.0": 7,
    "7.1": 8, "7.1(wide)": 8, "octagonal": 8, "hexadecagonal": 16,
}  # fmt: skip


def of_layout(folder: Path, layout: str) -> Case:
    """PCM whose channels stand for the speakers of a layout, each with the beeps."""
    path = folder / f"layout-{layout}.mov"
    ffmpeg(*shown(), "-f", "lavfi", "-i", sound(layout=layout, channels=LAYOUTS[layout]), *H264, *BT709.tags,
           "-c:a", "pcm_s16le", str(path))  # fmt: skip
    return Case(path, film())


def mono_left(folder: Path) -> Case:
    """One channel, for the left speaker."""
    return of_layout(folder, "FL")


def side51(folder: Path) -> Case:
    """AC-3 with its surround channels at the sides, as DVDs and broadcasts have them."""
    path = folder / "side51.mp4"
    ffmpeg(*shown(), "-f", "lavfi", "-i", sound(layout="5.1(side)", channels=6), *H264, *BT709.tags,
           "-c:a", "ac3", "-b:a", "448k", str(path))  # fmt: skip
    return Case(path, film())


def telephone(folder: Path) -> Case:
    """Sound of 8 kHz, which Opus and AAC take, and mixers of 48 kHz do not."""
    path = folder / "telephone.mov"
    ffmpeg(*shown(), "-f", "lavfi", "-i", sound(rate_hz=8000), *H264, *BT709.tags, "-c:a", "pcm_mulaw", str(path))
    return Case(path, film())


def studio(folder: Path) -> Case:
    """PCM of 24 bits and 96 kHz."""
    path = folder / "studio.mov"
    ffmpeg(*shown(), "-f", "lavfi", "-i", sound(layout="stereo", channels=2, rate_hz=96000), *H264, *BT709.tags,
           "-c:a", "pcm_s24le", str(path))  # fmt: skip
    return Case(path, film())


def noise51(folder: Path) -> Case:
    """Noise that is another one in each of six channels: it needs the bits of six."""
    path = folder / "noise51.mp4"
    noise = "|".join(f"random({number})*0.4-0.2" for number in range(6))
    ffmpeg(*shown(), "-f", "lavfi", "-i", f"aevalsrc='{noise}':c=5.1(side):s=48000:d=3", *H264, *BT709.tags,
           "-c:a", "ac3", "-b:a", "448k", str(path))  # fmt: skip
    return Case(path, film(sound=False))


def lost_packets(folder: Path) -> Case:
    """Some packets of the sound are missing, as after a bad reception: less sound than its timestamps say."""
    lost = "between(n,30,32)+between(n,75,76)"  # of 1024 samples each, between the beeps
    path = copied(folder / "lost-packets.mkv", plain(folder).path, "-bsf:a", f"noise=drop='{lost}'")
    return Case(path, film())
