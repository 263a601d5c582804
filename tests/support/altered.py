"""Files for tests that are made of another: cut, broken, rotated, with chapters."""

from __future__ import annotations

from pathlib import Path

from tests.support.ffmpeg import ffmpeg
from videojobs_worker.process.installed_ffmpeg import installed


def rotated(path: Path, source: Path, degrees: int = 90) -> Path:
    """The same picture, to be shown turned counter-clockwise."""
    if "display_rotation" in installed().options:
        ffmpeg("-display_rotation:v:0", str(degrees), "-i", str(source), "-c", "copy", str(path))
    else:  # ffmpeg 5, whose muxer makes a display matrix of the tag
        ffmpeg("-i", str(source), "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", str(path))
    return path


def cut_short(path: Path, source: Path, share: float) -> Path:
    """The first ``share`` of a file's bytes."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def faststart(path: Path, source: Path) -> Path:
    """The same with its index first, so that a truncation leaves the index whole."""
    ffmpeg("-i", str(source), "-c", "copy", "-movflags", "+faststart", str(path))
    return path


def with_chapters(path: Path, source: Path) -> Path:
    """Two seconds with a title and two chapters."""
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    texts = ";FFMETADATA1\ntitle=A title\\; of \\= signs\n" + chapter.format(0, 1000, "One")
    described = path.with_suffix(".txt")
    described.write_text(texts + chapter.format(1000, 2000, "Two"))
    ffmpeg("-i", str(source), "-i", str(described), "-map_metadata", "1", "-map_chapters", "1", "-c", "copy", str(path))
    return path


def broken(path: Path, source: Path) -> Path:
    """The same with forty wrong bytes in its middle; its index is whole."""
    data = bytearray(source.read_bytes())
    begin = data.index(b"mdat")
    for number in range(40):
        data[begin + (len(data) - begin) // 3 + number * 97] ^= 0xFF
    path.write_bytes(data)
    return path
