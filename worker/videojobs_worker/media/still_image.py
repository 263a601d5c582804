"""Which sources are still images. Pure."""

from __future__ import annotations

from typing import Final

from videojobs_worker.media.source import MediaInfo

#: Formats that have one picture and no time (ffmpeg's demuxers), and those whose picture may move.
_IMAGES: Final = frozenset({"image2"})
_MAY_MOVE: Final = frozenset({"gif", "apng"})


def is_image(info: MediaInfo) -> bool:
    """Whether a file is a picture that has no length of its own."""
    if any(name in _IMAGES or name.endswith("_pipe") for name in info.formats):
        return True
    return bool(_MAY_MOVE.intersection(info.formats)) and has_one_frame(info)


def has_one_frame(info: MediaInfo) -> bool:
    """Whether a file is a single picture without sound, whatever its format is."""
    return info.video is not None and info.video.times.packets == 1 and info.audio is None
