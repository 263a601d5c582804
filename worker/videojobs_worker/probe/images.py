"""What pictures look like: whether they can be read, their size, and 64 tones of each to judge them by."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from videojobs_protocol.work import ImageFormat
from videojobs_worker.errors import JobError
from videojobs_worker.media.preview.look import SIDE, Look

_DECODER: Final[dict[ImageFormat, str]] = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def look_at(path: Path, form: ImageFormat) -> Look:
    """Decode a picture, all of it; equal pictures are equal files, since one encoder made them.

    Raises:
        JobError: OutputInvalid, it cannot be decoded.
    """
    data = path.read_bytes()
    try:
        with Image.open(BytesIO(data), formats=(_DECODER[form],)) as image:
            size = image.size
            image.draft("L", (SIDE, SIDE))  # a JPEG: read in full, but rebuilt small
            tones = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise JobError("OutputInvalid", f"{path.name} cannot be decoded: {error}") from error
    return Look(*size, tones, hashlib.sha256(data).hexdigest())
