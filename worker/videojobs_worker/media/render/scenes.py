"""One scene: its input, and the chains that bring its picture and its sound to the shape of the render. Pure.

``concat`` and ``xfade`` need equal inputs, so that every scene gets the same size, frame rate, pixel format, time base
and sound before it is joined. Each scene is an input of its own with a fast seek.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from videojobs_worker.media.clocks import SourceTime
from videojobs_worker.media.colour_filters import WITHOUT_METADATA
from videojobs_worker.media.orientation import orientation_filters
from videojobs_worker.media.picture_chain import picture_chain
from videojobs_worker.media.plan import input_arguments
from videojobs_worker.media.reading import Reading, read_from
from videojobs_worker.media.render.cuts import Cut, picture_ends_s
from videojobs_worker.media.render.run_size import decoder_threads
from videojobs_worker.media.render.shape import Shape
from videojobs_worker.media.sound import filter_input, layout_filter
from videojobs_worker.media.source import video_of

#: How long a picture stream may be too short in seconds before its source counts as broken off.
HOLD_S: Final = 0.25
#: What ``atempo`` changes without leaving samples out (https://ffmpeg.org/ffmpeg-filters.html#atempo).
_MOST_TEMPO: Final = 2.0
#: A scene whose size changes goes on in the same filter graph, where ``scale`` is ready for it: a new graph would begin
#: all scenes again.
_ONE_GRAPH: Final = ("-reinit_filter:v", "0")
#: By its timestamps: where packets are lost or clocks differ, silence is put in or sound is left out. By default ffmpeg
#: lets sound be a tenth of a second off its picture before it does.
_TIMED: Final = "aresample=48000:async=1:min_hard_comp=0.02:first_pts=0"


def scene_inputs(cuts: Sequence[Cut], threads: int) -> list[str]:
    """An input for each cut; it begins at the keyframe before or with its source, for the filters to cut."""
    decoding = decoder_threads(len(cuts), threads)
    return [argument for cut in cuts for argument in _input(cut, decoding)]


def _input(cut: Cut, threads: int) -> tuple[str, ...]:
    if cut.still:
        return input_arguments(cut.source.path, 1, *_ONE_GRAPH, "-noautorotate")
    return input_arguments(cut.source.opened, threads, *_ONE_GRAPH, *_reading(cut).options)


def _reading(cut: Cut) -> Reading:
    """How its source is read; the cut's time is 0 behind the filters."""
    return Reading() if cut.still else read_from(cut.source, SourceTime(cut.start_s))


def scene_picture(number: int, cut: Cut, shape: Shape) -> str:
    """The picture of input ``number`` as ``[vNUMBER]``."""
    stream = video_of(cut.source)
    faster = [] if cut.speed == 1.0 else [f"setpts=PTS/{cut.speed:.6f}"]
    # Of the frames before the cut it keeps the one that is shown at it.
    pace = [*faster, f"fps={shape.rate}:start_time=0"]
    taken = None if cut.still else shape.rate / Fraction(cut.speed)
    unsaid = WITHOUT_METADATA if shape.colour.hdr and shape.hdr_metadata is None else ()
    upright = [*_reading(cut).picture, *orientation_filters(stream)]
    filters = [*upright, *picture_chain(stream, shape.picture, taken, pace, str(number)), *unsaid]
    # Behind blurred bars the first frame that is held may have the time of the last one, which fps then drops.
    once = f"fps={shape.rate}," if shape.picture.has_blurred_bars(stream) else ""
    # The last frame is held while the sound goes on, then everything is cut to the same length. Times begin at 0
    # already, and ffmpeg 7's setpts would make the frame rate unknown, which xfade refuses. In ticks of a frame xfade
    # rounds no time to another frame.
    return (
        f"[{number}:{stream.index}]{','.join(filters)},"
        f"tpad=stop_mode=clone:stop_duration={_hold_s(cut):.6f},"
        f"{once}trim=duration={cut.duration_s:.6f},settb={1 / shape.rate}[v{number}]"
    )


def _hold_s(cut: Cut) -> float:
    """How long the last frame may be held: while the sound goes on, and a little."""
    shown_s = picture_ends_s(cut.source)
    if cut.still:
        return cut.duration_s
    if shown_s is None:
        return 1.0
    return HOLD_S + min(cut.duration_s, max(0.0, (cut.end_s - shown_s) / cut.speed))


def scene_sound(number: int, cut: Cut, its_input: int, shape: Shape) -> str:
    """A scene's sound as ``[aNUMBER]``; silence of its length where it has none."""
    heard = f"anullsrc=r=48000:cl={shape.layout}"
    if (audio := cut.source.info.audio) and not cut.still:
        placed = layout_filter(audio, shape.channels)
        timed = "".join(f"{each}," for each in _reading(cut).sound)
        heard = f"{filter_input(its_input, audio)}{timed}atrim=start=0,{_TIMED},{placed}{_changed(cut)}"
    return (
        f"{heard},aformat=sample_fmts=fltp:channel_layouts={shape.layout},apad,"
        f"atrim=duration={cut.duration_s:.6f},asetpts=PTS-STARTPTS[a{number}]"
    )


def _changed(cut: Cut) -> str:
    """The filters of speed, which keeps the pitch, and gain."""
    count = 0 if cut.speed == 1.0 else max(1, math.ceil(abs(math.log(cut.speed, _MOST_TEMPO))))
    tempo = [f"atempo={cut.speed ** (1 / count):.9f}" for _ in range(count)]
    gain = [f"volume={cut.gain_db:.1f}dB"] if cut.gain_db else []
    return "".join(f",{each}" for each in (*tempo, *gain))
