"""Whether a render copies, encodes around its cuts, or encodes in full; and why, in words for the status. Pure.

The model counts in seconds of encoding, of which only ratios matter: x264 ``veryfast`` makes about 1e8 pixels a
second on two cores, and starting another run of ffmpeg costs about 0.2 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from videojobs_protocol.work import Render
from videojobs_worker.media.fitting import WantedPicture, differences
from videojobs_worker.media.plan import Choice
from videojobs_worker.media.scenes import Cut, Shape, begins_together
from videojobs_worker.media.timeline import Copied, Timeline
from videojobs_worker.media.transcode import video_of

_PIXELS_A_SECOND: Final = 1e8
_RUN_S: Final = 0.2
#: What must be gained at least, for the runs around it: index, verification of every joint.
_WORTH: Final = 0.9
#: Sound that is encoded beside a copied picture is one run with an input for each scene.
SCENES_WITH_SOUND: Final = 200


def obstacles(work: Render, shape: Shape, cuts: Sequence[Cut]) -> list[str]:
    """Why nothing can be copied, field by field; empty when something may be."""
    found = [f"{name} was asked for" for name in ("crf", "bitrate_bps") if getattr(work.output.video, name) is not None]
    if work.subtitles and work.subtitles.mode == "Burn":
        found.append("subtitles are painted into the picture")
    if shape.pixel_format != "yuv420p":
        found.append(f"the pixel format {shape.pixel_format} was asked for")
    if len(cuts) > SCENES_WITH_SOUND:
        found.append(f"there are more than {SCENES_WITH_SOUND} scenes")
    if work.transition and work.output.video.codec != "h264":
        found.append("only h264 can be encoded around transitions")
    for uri, cut in {cut.source.uri: cut for cut in cuts}.items():
        found += [f"{uri}: {text}" for text in _differences(work, shape, cut)]
    return found


def _differences(work: Render, shape: Shape, cut: Cut) -> list[str]:
    stream = video_of(cut.source)
    # Whether its frame rate is constant is asked of its packets later, which is surer than its header.
    steady = replace(stream, steady=True)
    wanted = WantedPicture(work.output.video.codec, (shape.width, shape.height), shape.fps, "yuv420p")
    together = [] if begins_together(cut.source) else ["its picture does not begin with its sound"]
    return differences(steady, wanted) + together


def choose(work: Render, shape: Shape, timeline: Timeline) -> Choice:
    """The cheapest way for a timeline whose sources fit the output."""
    copied = {piece.source.path: video_of(piece.source) for piece in timeline.pieces if isinstance(piece, Copied)}
    if not copied:
        return Choice("Full", "no scene holds a whole group of pictures that could be copied")
    h264 = work.output.video.codec == "h264"
    if not h264 and len({stream.extradata for stream in copied.values()}) > 1:
        return Choice("Full", "the sources were encoded with different parameters")
    if not timeline.encoded:
        return Choice("Copy", "all streams match the output and all cuts lie on keyframes")
    if not h264:
        return Choice("Full", "not all cuts lie on keyframes, and only h264 can be encoded around cuts")
    share = smart_cost_s(shape, timeline) / full_cost_s(shape, timeline)
    frames = sum(piece.frames for piece in timeline.encoded)
    if share > _WORTH:
        return Choice(
            "Full", f"{frames} of {timeline.frames} frames lie around cuts: encoding only those gains nothing"
        )
    return Choice("Smart", f"{frames} of {timeline.frames} frames lie around cuts and are encoded, the rest is copied")


def full_cost_s(shape: Shape, timeline: Timeline) -> float:
    """Seconds to encode everything in one run."""
    return _RUN_S + timeline.frames * shape.width * shape.height / _PIXELS_A_SECOND


def smart_cost_s(shape: Shape, timeline: Timeline) -> float:
    """Seconds to encode the gaps, each in a run of its own, and to join everything."""
    frames = sum(piece.frames for piece in timeline.encoded)
    pixels = frames * shape.width * shape.height
    return pixels / _PIXELS_A_SECOND + _RUN_S * (len(timeline.encoded) + 2)
