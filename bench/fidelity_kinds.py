"""Forty kinds of sources, and what of each the film alone does not say: colours, sound, rate, scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.support.cases import codings, colours, pictures, sounds, streams, times
from tests.support.cases.case import plain
from tests.support.film import FPS, Film


@dataclass(frozen=True)
class Kind:
    """A maker of sources and what is known of them.

    Args:
        make: writes one to a folder.
        arguments: of the maker.
        fps: frames a second of a render of it.
        uneven: whether its frames come at no rate that a render has.
        primaries: of its colours, by ffmpeg's name.
        hdr: its transfer function, where that is HDR's.
        opaque: how opaque its picture is, of 1.
        sound_s: when its sound begins and ends; None where it goes on all the time.
        rate_hz: of its sound.
        layout: the channels of its sound, by ffmpeg's name, and how many they are.
        fields: how many of its frames are stored as one, of which a preview shows the first.
        scene_s: start and end of the scene that is rendered; None where the usual one is.
    """

    make: Callable[..., Any]
    arguments: tuple[str | int, ...] = ()
    fps: float = FPS
    uneven: bool = False
    primaries: str = "bt709"
    hdr: Literal["", "smpte2084", "arib-std-b67"] = ""
    opaque: float = 1.0
    sound_s: tuple[float, float] | None = None
    rate_hz: int = 48_000
    layout: tuple[str, int] = ("mono", 1)
    fields: int = 1
    scene_s: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """The maker's, with its arguments."""
        return " ".join([self.make.__name__.replace("_", " "), *map(str, self.arguments)])

    def scene_of(self, film: Film) -> tuple[float, float]:
        """Start and end of what is rendered; of the shortest sources nearly all."""
        if self.scene_s:
            return self.scene_s
        return (0.5 if film.picture_ends_s > 1.5 else 0.1, min(2.5, film.picture_ends_s - 0.1))


#: Within frames of television and of cinema, one of which begins less than a millisecond after half a second.
BETWEEN_S: Final = (0.65, 2.45)

KINDS: Final = (
    Kind(plain),
    # Clocks.
    Kind(times.late_sound, sound_s=(2, 5), scene_s=(1.1, 2.9)),
    Kind(times.late_picture),
    Kind(times.short_sound, sound_s=(0, 2)),
    Kind(times.negative),
    Kind(times.stale_container),
    Kind(times.untold_duration),
    Kind(times.still_at_end_gif, uneven=True),
    Kind(times.still_at_end),
    Kind(times.live, primaries="smpte170m"),
    Kind(times.flv_without_duration, primaries="smpte170m"),
    Kind(times.raw_h264),
    Kind(times.edit_list, scene_s=(0.5, 2.1)),
    Kind(times.fragmented_television, fps=30_000 / 1001, scene_s=BETWEEN_S),
    Kind(times.wrapped),
    Kind(times.joined, scene_s=(2.1, 4.1)),
    Kind(times.jittering),
    Kind(times.open_groups),
    # Colours.
    Kind(colours.bt601_525, primaries="smpte170m"),
    Kind(colours.bt601_625, primaries="bt470bg"),
    Kind(colours.full_range),
    Kind(colours.jpeg),
    Kind(colours.rgb_screen),
    Kind(colours.translucent, opaque=colours.OPAQUE),
    Kind(colours.ten_bits),
    Kind(colours.hdr, ("bt2020nc",), hdr="smpte2084"),
    Kind(colours.hlg, hdr="arib-std-b67"),
    # Pictures.
    Kind(pictures.turned, (90,)),
    Kind(pictures.anamorphic),
    Kind(pictures.odd_size),
    Kind(pictures.interlaced, fps=2 * FPS, fields=2, primaries="smpte170m"),
    # Streams and codings.
    Kind(streams.cover_first),
    Kind(streams.second_sound_is_default),
    Kind(streams.prores),
    Kind(codings.program_stream, primaries="bt470bg"),
    Kind(codings.cinema, fps=24_000 / 1001, scene_s=BETWEEN_S),
    Kind(codings.avi),
    # Sound.
    Kind(sounds.side51, layout=("5.1(side)", 6)),
    Kind(sounds.telephone, rate_hz=8000),
    Kind(sounds.lost_packets),
)  # fmt: skip
