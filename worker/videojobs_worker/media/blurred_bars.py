"""A picture of another shape in front of itself: what would be bars shows it enlarged and blurred. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.colour_filters import BLENDED
from videojobs_worker.media.picture import even, fit_filters, size_within
from videojobs_worker.media.source import VideoStream

#: What is blurred has no detail to lose: blurred this small it costs little, and looks alike at any size of output.
_SMALL_SIDE: Final = 64
_SIGMA: Final = 2


def on_blurred(stream: VideoStream, size: tuple[int, int], pixel_format: str, colours: Sequence[str], name: str) -> str:
    """The filters of a picture in front of its blurred self, in an output's colours.

    A size that changes midway is brought to that of the beginning, as filters of colours need it.

    Args:
        stream: the source's.
        size: the output's.
        pixel_format: the output's. Of a source's own formats ``overlay`` would take most for ones of 8 bits.
        colours: the filters that bring a picture to the output's colours.
        name: what makes labels differ from those of other pictures of the same graph.
    """
    width, height = size
    whole, behind, picture, bars = (f"[{label}{name}]" for label in ("whole", "behind", "picture", "bars"))
    chains = [
        f"split{whole}{behind}",
        f"{behind}{','.join([*_blurred(stream, size), *colours, f'scale=w={width}:h={height}'])}{bars}",
        f"{whole}{','.join([*fit_filters(stream, size_within(stream, size)), *colours])}{picture}",
        f"{bars}{picture}overlay=x='(W-w)/2':y='(H-h)/2':format={BLENDED[pixel_format]}",
    ]
    return ";".join(chains)


def _blurred(stream: VideoStream, size: tuple[int, int]) -> list[str]:
    """The filters of what lies behind, small."""
    share = min(1.0, _SMALL_SIDE / min(size))
    small = even(size[0] * share), even(size[1] * share)
    return [*fit_filters(stream, small, "Crop"), f"gblur=sigma={_SIGMA}"]
