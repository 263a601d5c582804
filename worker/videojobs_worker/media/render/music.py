"""A music bed under the sound of the scenes: its input and its filter chain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from videojobs_protocol.work import Music
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import input_arguments
from videojobs_worker.media.render.intervals import merged
from videojobs_worker.media.sound import LAYOUTS, filter_input, layout_filter
from videojobs_worker.media.source import AudioStream, Source

#: How long the bed takes to be lowered before a scene with sound, and to come back after it; seconds.
RAMP_S: Final = 0.25
#: So often a second the level of a bed that ducks changes: once a frame of so many samples.
_SAMPLES_A_FRAME: Final = 512

#: Begin and end, seconds of the render.
Span = tuple[float, float]


@dataclass(frozen=True)
class MusicBed:
    """The music of a render with its source.

    Args:
        source: where it is read from.
        audio: its stream of sound.
        duration_s: how long the render is, which cuts the music off.
        scenes: when scenes with sound are heard, in order and apart; there a bed that ducks is lower.
    """

    music: Music
    source: Source
    audio: AudioStream
    duration_s: float
    scenes: Sequence[Span] = ()

    def inputs(self) -> tuple[str, ...]:
        """The input, again and again where it loops."""
        again = ("-stream_loop", "-1") if self.music.loop else ()
        return input_arguments(self.source.path, 1, *again, "-t", f"{self.duration_s:.6f}")

    def chains(self, its_input: int, sound: str, mixed: str, channels: int) -> list[str]:
        """Mix input ``its_input`` under the sound of label ``sound`` into label ``mixed``, labels with brackets."""
        bed = (
            f"{filter_input(its_input, self.audio)}aresample=48000:async=1:first_pts=0,"
            f"{layout_filter(self.audio, channels)},aformat=sample_fmts=fltp:channel_layouts={LAYOUTS[channels]},"
            f"{self._level()}{self._fade()}[bed]"
        )
        return [bed, f"{sound}[bed]amix=inputs=2:duration=first:normalize=0{mixed}"]

    def _level(self) -> str:
        gain_db, ducking_db = self.music.gain_db, self.music.ducking_db
        if ducking_db is None or not self.scenes:
            return f"volume={gain_db:.1f}dB"
        lowered = "+".join(_ramp(*span) for span in self.scenes)
        factor = f"pow(10,({gain_db:.1f}+{ducking_db:.1f}*({lowered}))/20)"
        return f"asetnsamples={_SAMPLES_A_FRAME},volume='{factor}':eval=frame"

    def _fade(self) -> str:
        """Towards the end of the render, or of music that ends before it."""
        fade_s = self.music.fade_out_s
        if not fade_s:
            return ""
        heard_s = self.source.info.duration_s
        ends_s = self.duration_s if self.music.loop or heard_s is None else min(self.duration_s, heard_s)
        return f",afade=t=out:st={max(0.0, ends_s - fade_s):.6f}:d={min(fade_s, ends_s):.6f}"


def mixed_chains(bed: MusicBed | None, gain: str, its_input: int, sound: str, mixed: str, channels: int) -> list[str]:
    """The sound of the scenes with a bed under it, and filters on both; labels with brackets.

    Args:
        bed: the music, if there is any.
        gain: filters; empty for none.
        its_input: the number of the bed's input.
        sound: the label of the scenes' sound.
        mixed: the label of what it becomes.
        channels: how many both have.
    """
    if bed is None:
        return [f"{sound}{gain or 'anull'}{mixed}"]
    if not gain:
        return bed.chains(its_input, sound, mixed, channels)
    return [*bed.chains(its_input, sound, "[bedded]", channels), f"[bedded]{gain}{mixed}"]


def music_bed(music: Music, source: Source, duration_s: float, scenes: Iterable[Span]) -> MusicBed:
    """The bed of a render of ``duration_s`` whose scenes with sound are heard at ``scenes``, in any order.

    Raises:
        JobError: NoAudioStream, where the source has no sound.
    """
    if source.info.audio is None:
        raise JobError("NoAudioStream", f"music: {source.uri} has no sound: give a file with an audio stream")
    return MusicBed(
        music, source, source.info.audio, duration_s, merged(scenes, 2 * RAMP_S)
    )  # less apart it could not come back


def _ramp(begin_s: float, end_s: float) -> str:
    """1 within a span, 0 outside of it, and a straight line before and after."""
    rises, falls = f"(t-{begin_s - RAMP_S:.6f})/{RAMP_S}", f"({end_s + RAMP_S:.6f}-t)/{RAMP_S}"
    return f"clip(min({rises},{falls}),0,1)"
