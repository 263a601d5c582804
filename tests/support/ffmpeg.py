"""Runs ffmpeg for tests."""

from __future__ import annotations

import subprocess


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; its words are the error's text."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ffmpeg {' '.join(arguments)}: {done.stderr}")
