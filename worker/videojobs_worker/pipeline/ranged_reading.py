"""How much of a source a work will read, by what it asks of it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from videojobs_protocol.work import Preview, Render, Scene, Work, sources_of
from videojobs_worker.media.source import MediaInfo

#: A source of which so much is needed is fetched whole, and so is one of which little is not.
MOSTLY: Final = 0.5
LITTLE_BYTES: Final = 2e7
#: A scene is decoded from the keyframe before it, and its sound and picture lie beside each other: about so much more.
_AROUND_S: Final = 10.0


def share_read(work: Work, uri: str, info: MediaInfo) -> float:
    """From 0 to 1, which says that it is better fetched whole."""
    if isinstance(work, Preview):
        return 0.0  # a picture takes the frames since its keyframe, which nobody would count
    if not isinstance(work, Render) or not info.duration_s or not info.bytes:
        return 1.0
    scenes = [scene for scene in work.scenes if scene.uri == uri]
    if not scenes or uri in sources_of(replace(work, scenes=())):  # overlays and music are read whole
        return 1.0
    read_s = sum(_read_s(scene, info.duration_s) for scene in scenes)
    share = min(1.0, read_s / info.duration_s)
    return 1.0 if is_mostly(share, info.bytes) else share


def is_mostly(share: float, size: int) -> bool:
    """Whether a source of which a share is needed is better read whole."""
    return share >= MOSTLY or size * (1 - share) <= LITTLE_BYTES


def reads_parts(work: Work) -> bool:
    """Whether a work seeks in its sources, which takes an index; a transcode and a caption read all from the start."""
    return isinstance(work, Preview | Render)


def may_be_opened(work: Work, size: int) -> bool:
    """Whether a source of so many bytes need not be fetched whole, depending on what it is."""
    return isinstance(work, Preview) or (isinstance(work, Render) and not is_mostly(0.0, size))


def _read_s(scene: Scene, length_s: float) -> float:
    end_s = length_s if scene.asked_end_s is None else scene.asked_end_s
    return max(0.0, min(end_s, length_s) - scene.start_s) + _AROUND_S
