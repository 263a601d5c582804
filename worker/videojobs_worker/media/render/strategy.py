"""Whether a render copies, encodes around its cuts, or encodes in full; and why, in words for the status. Pure.

The model counts in seconds of a machine with two cores, of which only ratios matter. Where it is not sure it errs
towards encoding, so that no way that is chosen ever takes noticeably longer: it takes x264 ``veryfast`` to be as fast
as it is with easy pictures, and asks sources for their frames only where the answer costs little of the encoding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from videojobs_protocol.work import Render, VideoCodec
from videojobs_worker.media import containers
from videojobs_worker.media.compatibility import WantedPicture, differences
from videojobs_worker.media.plan import Choice
from videojobs_worker.media.render.cuts import Cut, begins_together
from videojobs_worker.media.render.run_size import scenes_a_run
from videojobs_worker.media.render.shape import Shape
from videojobs_worker.media.render.spans import Span, read_share
from videojobs_worker.media.render.timeline import Copied, Timeline
from videojobs_worker.media.source import Source, video_of

_CORES: Final = 2
_PIXELS_A_SECOND: Final[dict[VideoCodec, float]] = {"h264": 2e8, "h265": 5e7, "vp9": 3e7, "av1": 5e7, "copy": 2e8}
_DECODED_A_SECOND: Final = 6e8
#: Seconds of a job whose work takes no time, of a run of ffmpeg, of one of ffprobe, and of a scene within a run.
_JOB_S, _RUN_S, _PROBE_S, _SCENE_S = 0.4, 0.15, 0.07, 0.012
#: Bytes a second that are read, and that are copied into another file.
_READ, _COPIED = 4e8, 2e8
#: Seconds of sound that are encoded in one.
_SOUND_A_SECOND: Final = 150.0
#: What finding out may cost of the encoding that it may save.
_ASKING: Final = 0.05
#: What must be gained at least.
_WORTH: Final = 0.9
#: Sound that is encoded beside a copied picture is one run with an input for each scene.
SCENES_WITH_SOUND: Final = 200


def obstacles(work: Render, shape: Shape, cuts: Sequence[Cut]) -> list[str]:
    """Why nothing can be copied, field by field; empty where some scene may be."""
    rows = [(cut.source.uri, scene_differences(work, shape, cut)) for cut in cuts]
    differing = {f"{uri}: {text}": None for uri, found in rows for text in found}
    some = any(not found for _, found in rows)
    h264 = work.output.video.codec == "h264"
    return [*_settings(work, shape, cuts), *(() if some and (h264 or not differing) else differing)]


def _settings(work: Render, shape: Shape, cuts: Sequence[Cut]) -> list[str]:
    """What was asked for that every frame must be encoded for."""
    found = [f"{name} was asked for" for name in ("crf", "bitrate_bps") if getattr(work.output.video, name) is not None]
    if work.subtitles and work.subtitles.mode == "Burn":
        found.append("subtitles are painted into the picture")
    if shape.pixel_format != "yuv420p":
        found.append(f"the pixel format {shape.pixel_format} was asked for")
    if len(cuts) > SCENES_WITH_SOUND:
        found.append(f"there are more than {SCENES_WITH_SOUND} scenes")
    if any(cut.blend for cut in cuts) and work.output.video.codec != "h264":
        found.append("only h264 can be encoded around transitions")
    return found


def scene_differences(work: Render, shape: Shape, cut: Cut) -> list[str]:
    """Why nothing of a scene can be copied; empty where something may be."""
    if cut.still:
        return ["it is a still image"]
    if cut.speed != 1.0:
        return [f"its speed is {cut.speed:g}"]
    stream = video_of(cut.source)
    # Whether its frame rate is constant is asked of its packets later, which is surer than its header.
    steady = replace(stream, times=replace(stream.times, constant=True))
    wanted = WantedPicture(work.output.video.codec, (shape.width, shape.height), shape.fps, "yuv420p", shape.colour)
    found = differences(steady, wanted)
    if not begins_together(cut.source):
        found.append("its picture does not begin with its sound")
    if cut.source.info.audio and cut.source.info.audio.right is not None:
        found.append("its left and right channels are two streams")
    return found


@dataclass(frozen=True)
class SourceNeeds:
    """A source, what is needed of it, and whether that must be copied into a file of its own first."""

    source: Source
    spans: Sequence[Span]
    moved: bool

    @property
    def read_bytes(self) -> float:
        """How much of it is read."""
        return self.source.info.bytes * read_share(self.source, self.spans)

    @property
    def asking_s(self) -> float:
        """What it costs to find its keyframes, where they are not known."""
        return _PROBE_S + self.read_bytes / _READ if self.source.info.packets is None else 0.0

    @property
    def moving_s(self) -> float:
        """What it costs to bring it into shape."""
        return (_RUN_S + 2 * _PROBE_S) * len(self.spans) + self.read_bytes / _COPIED if self.moved else 0.0


def worth_asking(work: Render, shape: Shape, cuts: Sequence[Cut], needs: Sequence[SourceNeeds]) -> bool:
    """Whether to look for frames to copy at all."""
    asking_s = max(*(need.asking_s for need in needs), sum(need.asking_s for need in needs) / 2)
    least_s = _JOB_S + _RUN_S + asking_s + sum(need.moving_s for need in needs)
    full_s = full_cost_s(work, shape, cuts)
    return asking_s <= _ASKING * full_s and least_s <= _WORTH * full_s


def choose(
    work: Render, shape: Shape, timeline: Timeline, needs: Sequence[SourceNeeds], *, sound_copied: bool
) -> Choice:
    """The cheapest way for a timeline whose sources fit the output."""
    copied = {piece.source.path: video_of(piece.source) for piece in timeline.pieces if isinstance(piece, Copied)}
    if not copied:
        return Choice("Full", "no scene holds a whole group of pictures that could be copied")
    h264 = work.output.video.codec == "h264"
    if not h264 and len({stream.extradata for stream in copied.values()}) > 1:
        return Choice("Full", "the sources were encoded with different parameters")
    if not h264 and timeline.encoded:
        return Choice("Full", "not all cuts lie on keyframes, and only h264 can be encoded around cuts")
    frames = sum(piece.frames for piece in timeline.encoded)
    where = _where(timeline)
    full_s = full_cost_s(work, shape, [shot.cut(timeline.fps) for shot in timeline.shots])
    smart_s = smart_cost_s(shape, timeline, needs, sound_copied=sound_copied)
    if containers.video_container_of(work.output) != "mp4":  # it is joined in one first
        smart_s += _RUN_S + sum(need.read_bytes for need in needs) / _COPIED
    if smart_s > _WORTH * full_s:
        around = f"{frames} of {timeline.frames} frames {where}: "
        return Choice("Full", f"{around if frames else ''}copying the rest gains nothing")
    if not timeline.encoded:
        return Choice("Copy", "all streams match the output and all cuts lie on keyframes")
    return Choice("Smart", f"{frames} of {timeline.frames} frames {where} and are encoded, the rest is copied")


def _where(timeline: Timeline) -> str:
    """Where the frames are that must be encoded, in words."""
    places = ["around cuts"]
    if timeline.covered:
        places.append("under overlays and titles")
    if any(shot.index is None for shot in timeline.shots):
        places.append("in scenes that differ from the output")
    return "lie " + " or ".join(places)


def full_cost_s(work: Render, shape: Shape, cuts: Sequence[Cut]) -> float:
    """Seconds to encode everything."""
    most = scenes_a_run(cuts, _CORES)
    parts = 1 if len(cuts) <= most else math.ceil(len(cuts) / most) + 1
    pixels = sum(cut.duration_s for cut in cuts) * shape.fps * shape.width * shape.height
    encoding_s = pixels / _PIXELS_A_SECOND[work.output.video.codec]
    return _JOB_S + _RUN_S * parts + _SCENE_S * len(cuts) + encoding_s


def smart_cost_s(shape: Shape, timeline: Timeline, needs: Sequence[SourceNeeds], *, sound_copied: bool) -> float:
    """Seconds to find out, to encode the gaps, each in a run of its own, and to join everything."""
    picture = shape.width * shape.height
    shots = [shot for gap in timeline.encoded for shot in gap.shots]
    gaps_s = sum(gap.frames for gap in timeline.encoded) * picture / _PIXELS_A_SECOND["h264"]
    sought_s = sum(shot.preroll for shot in shots) * picture / _DECODED_A_SECOND + _SCENE_S * len(shots)
    sources_s = sum(need.asking_s + need.moving_s for need in needs)
    runs = len(timeline.encoded) + 1
    if not shape.sound:
        sound_s = 0.0
    elif sound_copied:
        sound_s = (_RUN_S + _PROBE_S) * len(needs) + sum(need.read_bytes for need in needs) / _READ
    else:
        sound_s = float(timeline.frames / timeline.fps) / _SOUND_A_SECOND
        sound_s += _SCENE_S * len(timeline.shots)
    return _JOB_S + sources_s + gaps_s + sought_s + sound_s + _RUN_S * runs
