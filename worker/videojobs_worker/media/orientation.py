"""How a photograph is turned upright: Exif's tag Orientation (JEITA CP-3451, 4.6.4), values 1 to 8. Pure.

ffmpeg reads the tag of JPEG files alone before version 8, so that it is read and done here, and told to leave it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from videojobs_worker.media.source import VideoStream

#: The tag's number.
EXIF_ORIENTATION: Final = 0x0112
_FILTERS: Final[dict[int, list[str]]] = {
    2: ["hflip"],
    3: ["hflip", "vflip"],
    4: ["vflip"],
    5: ["transpose=cclock_flip"],
    6: ["transpose=clock"],
    7: ["transpose=clock_flip"],
    8: ["transpose=cclock"],
}
#: Those that lie on a side.
_ON_A_SIDE: Final = frozenset({5, 6, 7, 8})


def orientation_filters(stream: VideoStream) -> list[str]:
    """Filters that turn a picture upright; nothing where it is."""
    return _FILTERS.get(stream.orientation, [])


def oriented(stream: VideoStream, orientation: int) -> VideoStream:
    """The stream of a photograph with its tag, and with the size that it has upright."""
    upright = replace(stream, orientation=orientation if orientation in _FILTERS else 1)
    if orientation in _ON_A_SIDE:
        upright = replace(upright, width=stream.height, height=stream.width)
    return upright
