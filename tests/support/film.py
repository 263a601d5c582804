"""Films of which everything is known: each frame shows its number and eight colours, a beep marks each second.

``Film`` is what a file shows and plays, by arithmetic for a source, by measuring (``filmed``) for an output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

#: Bars that show a frame's number, the first for the lowest bit; it starts again after 256.
BITS: Final = 8
#: The colours below the bars, from the left: R'G'B' of 0 to 255. None is near the edge of any gamut.
COLOURS: Final = (
    (180, 60, 60), (60, 180, 60), (60, 60, 180), (180, 180, 60),
    (60, 180, 180), (180, 60, 180), (128, 128, 128), (200, 160, 130),
)  # fmt: skip
#: When in each second of the sound its beep begins, and how long it lasts; seconds.
BEEP_S, BEEP_LASTS_S = 0.4, 0.04
FPS: Final = 25
#: A time so close before a frame means that frame: people write milliseconds.
SAME_S: Final = 0.0005


@dataclass(frozen=True)
class Frame:
    """``at_s`` is when it is shown, seconds."""

    at_s: float
    number: int


@dataclass(frozen=True)
class Film:
    """Times are seconds since the file's start; ``picture_ends_s`` is when the last frame is shown no longer."""

    frames: tuple[Frame, ...]
    beeps_s: tuple[float, ...]
    picture_ends_s: float
    ends_s: float

    def shown_at(self, time_s: float) -> int:
        """The number of the frame that is shown at a time, the first one before it begins."""
        return self.shown_within(time_s, time_s)[0]

    def shown_within(self, start_s: float, end_s: float) -> list[int]:
        """The numbers of the frames that are shown from a time to another one."""
        begun = [at for at, frame in enumerate(self.frames) if frame.at_s <= start_s + SAME_S]
        ended = [at for at, frame in enumerate(self.frames) if frame.at_s <= end_s + SAME_S]
        first, last = (found[-1] if found else 0 for found in (begun, ended))
        return [frame.number for frame in self.frames[first : last + 1]]

    def later(self, seconds: float) -> Film:
        """The same, all of it later."""
        return replace(
            self,
            frames=tuple(replace(frame, at_s=frame.at_s + seconds) for frame in self.frames),
            beeps_s=tuple(beep_s + seconds for beep_s in self.beeps_s),
            picture_ends_s=self.picture_ends_s + seconds,
            ends_s=self.ends_s + seconds,
        )

    def cut(self, start_s: float, end_s: float, fps: float = FPS) -> Film:
        """What a scene shows at a constant rate, from the frame on that is shown at its start."""
        count = round((end_s - start_s) * fps)
        shown = [self.shown_at(start_s + number / fps) for number in range(count)]
        began_s = max((frame.at_s for frame in self.frames if frame.at_s <= start_s + SAME_S), default=start_s)
        lasts_s = count / fps
        beeps = [beep_s - began_s for beep_s in self.beeps_s if began_s <= beep_s < began_s + lasts_s]
        frames = tuple(Frame(number / fps, name) for number, name in enumerate(shown))
        return Film(frames, tuple(beeps), lasts_s, lasts_s)


def film(
    seconds: float = 3, fps: float = FPS, *, sound: bool = True, sound_at_s: float = 0, sound_s: float | None = None
) -> Film:
    """What :func:`picture` and :func:`sound` make together."""
    count = round(seconds * fps)
    frames = tuple(Frame(number / fps, number % 2**BITS) for number in range(count))
    sound_s = seconds if sound_s is None else sound_s
    beeps = [sound_at_s + second + BEEP_S for second in range(int(sound_s + 1))] if sound else []
    heard_s = sound_at_s + sound_s if sound else 0.0
    beeps = [beep_s for beep_s in beeps if beep_s + BEEP_LASTS_S <= heard_s]
    return Film(frames, tuple(beeps), count / fps, max(count / fps, heard_s))


def picture(seconds: float = 3, fps: str = str(FPS), size: str = "320x180") -> str:
    """A source filter of R'G'B' frames."""
    red, green, blue = (
        f"if(Y\\,{_colour(channel)}\\,255*mod(floor(N/pow(2\\,X))\\,2))" for channel in range(3)
    )  # fmt: skip
    cells = f"color=black:size={BITS}x2:rate={fps}:duration={seconds},format=gbrp"
    return f"{cells},geq=r='{red}':g='{green}':b='{blue}',scale={size.replace('x', ':')}:flags=neighbor,setsar=1"


def _colour(channel: int) -> str:
    return "+".join(f"{colour[channel]}*eq(X\\,{number})" for number, colour in enumerate(COLOURS))


def sound(seconds: float = 3, layout: str = "mono", rate_hz: int = 48000, channels: int = 1) -> str:
    """A source filter: a soft tone, and over it a beep at 0.4 s of each second, in every channel.

    The tone is well above the relative gate of EBU R 128: at its edge the loudness would be one of two.
    """
    beep = f"between(mod(t\\,1)\\,{BEEP_S}\\,{BEEP_S + BEEP_LASTS_S})*0.7*sin(2*PI*1000*t)"
    channel = f"0.2*sin(2*PI*220*t)+{beep}"
    return f"aevalsrc='{'|'.join([channel] * channels)}':c={layout}:s={rate_hz}:d={seconds}"


@dataclass(frozen=True)
class Colour:
    """How R'G'B' becomes Y'CbCr (ITU-T H.273), by ffmpeg's names."""

    matrix: str = "bt709"
    primaries: str = "bt709"
    transfer: str = "bt709"
    full: bool = False
    pixel_format: str = "yuv420p"

    @property
    def filters(self) -> str:
        """For the end of a filter chain."""
        range_ = "pc" if self.full else "tv"
        tags = f"colorspace={self.matrix}:color_primaries={self.primaries}:color_trc={self.transfer}:range={range_}"
        matrix = "bt601" if self.matrix == "bt470bg" else self.matrix  # ffmpeg 7 has no such word here
        return f"scale=out_color_matrix={matrix}:out_range={range_},format={self.pixel_format},setparams={tags}"

    @property
    def tags(self) -> tuple[str, ...]:
        """For the encoder: ffmpeg 5 does not take them from the frames."""
        return (
            "-colorspace", self.matrix, "-color_primaries", self.primaries, "-color_trc", self.transfer,
            "-color_range", "pc" if self.full else "tv",
        )  # fmt: skip


BT709: Final = Colour()
#: What standard definition has: of 525 lines, of 625 lines.
BT601_525: Final = Colour("smpte170m", "smpte170m", "smpte170m")
BT601_625: Final = Colour("bt470bg", "bt470bg", "smpte170m")
