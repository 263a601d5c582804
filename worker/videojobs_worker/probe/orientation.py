"""Reads how a photograph must be turned to stand upright."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from videojobs_worker.media.orientation import EXIF_ORIENTATION

#: Formats that carry Exif. Only their headers are read: ffmpeg decodes them, in a process of its own.
_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP")


def read_orientation(path: Path) -> int:
    """Exif's orientation, 1 to 8; 1, which is upright, where a file has none or cannot be read."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            value = image.getexif().get(EXIF_ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
