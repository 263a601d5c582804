"""Clips that cost what films cost: grain, CABAC, B-frames, deblocking, a film's bit rate."""

from __future__ import annotations

from pathlib import Path

from tests.support.ffmpeg import ffmpeg


def picture_of(size: str) -> str:
    """A test card with grain, 30 frames a second, endless; for a filter graph."""
    return f"testsrc2=size={size}:rate=30,noise=alls=6:allf=t"


def coding(bitrate: str) -> tuple[str, ...]:
    """How it is encoded."""
    return ("-c:v", "libx264", "-preset", "veryfast", "-b:v", bitrate, "-pix_fmt", "yuv420p")


def film(path: Path, size: str, bitrate: str, seconds: int, repeated_s: int = 0) -> Path:
    """``seconds`` of it, coded once and repeated by copying until ``repeated_s``."""
    once = path.with_stem("once")
    ffmpeg("-f", "lavfi", "-i", picture_of(size), "-t", str(seconds), *coding(bitrate), str(once))
    length = str(max(seconds, repeated_s))
    ffmpeg("-stream_loop", "-1", "-i", str(once), "-c", "copy", "-t", length, str(path))
    return path
