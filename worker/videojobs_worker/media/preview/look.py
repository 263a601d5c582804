"""What a preview's picture looks like: its size, and 64 samples of brightness to judge it by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIDE: Final = 8
#: Brightness of 0 to 255: below these a picture is black, with a caption at most.
BLACK_MEAN: Final = 12
BLACK_HIGHEST: Final = 60


@dataclass(frozen=True)
class Look:
    """A picture's size in pixels, its tones, 8 by 8 from the upper left, and a hash that equal pictures share."""

    width: int
    height: int
    tones: bytes
    sha256: str

    @property
    def black(self) -> bool:
        """Whether nothing is to be seen."""
        return sum(self.tones) / len(self.tones) <= BLACK_MEAN and max(self.tones) <= BLACK_HIGHEST
