"""Clips that cost what films cost: grain, CABAC, B-frames, deblocking, a film's bit rate."""

from __future__ import annotations

from pathlib import Path

from tests import media


def film(path: Path, size: str, bitrate: str, seconds: int, repeated_s: int = 0) -> Path:
    """``seconds`` at 30 frames a second, coded once and repeated by copying until ``repeated_s``."""
    once = path.with_stem("once")
    picture = f"testsrc2=size={size}:rate=30:duration={seconds},noise=alls=6:allf=t"
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", bitrate, "-pix_fmt", "yuv420p")
    media.ffmpeg("-f", "lavfi", "-i", picture, *coded, str(once))
    length = str(max(seconds, repeated_s))
    media.ffmpeg("-stream_loop", "-1", "-i", str(once), "-c", "copy", "-t", length, str(path))
    return path
