"""The media type of an output, which servers send to browsers with it. Pure."""

from __future__ import annotations

from typing import Final

#: By the ending of a name, or a container. All are registered at https://www.iana.org/assignments/media-types but
#: SubRip's and WAV's, which have the names that browsers use.
_TYPES: Final = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mkv": "video/matroska",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "json": "application/json",
}


def content_type(name: str, container: str | None = None) -> str:
    """By the container where it is given, else by the name's ending; of bytes where neither tells."""
    return _TYPES.get(container or name.rpartition(".")[2].lower(), "application/octet-stream")
