"""The ffmpeg on PATH, whichever version it is, is known as it is."""

from __future__ import annotations

import re
import subprocess

import pytest

from videojobs_worker.process.installed_ffmpeg import installed

pytestmark = pytest.mark.ffmpeg_matrix


def listed(option: str) -> set[str]:
    """The names in one of ffmpeg's lists, after its legend."""
    text = subprocess.run(["ffmpeg", "-hide_banner", option], check=True, capture_output=True, text=True).stdout
    _, _, names = re.split(r"^ *-{2,}$", text, maxsplit=1, flags=re.MULTILINE).pop().partition("\n")
    return {name for line in names.splitlines() for name in line.split()[1].split(",") if line.strip()}


def test_its_encoders_are_those_that_it_lists() -> None:
    assert installed().encoders == listed("-encoders")


def test_its_muxers_are_those_that_it_lists() -> None:
    assert installed().muxers == listed("-muxers")


def test_it_has_what_plans_are_made_of() -> None:
    build = installed()
    assert build.filters >= {
        "xfade",
        "acrossfade",
        "fps",
        "setpts",
        "subtitles",
        "zscale",
        "tonemap",
        "loudnorm",
        "aresample",
    }
    assert build.encoders >= {"libx264", "libx265", "libvpx-vp9", "libsvtav1", "aac", "libopus", "libmp3lame", "flac"}
    assert build.decoded_codecs >= {"h264", "hevc", "vp9", "av1", "aac", "opus", "ac3", "mp3"}
    assert build.muxers >= {"mp4", "webm", "matroska"}
    assert build.options >= {"fps_mode", "enc_time_base", "progress"}


def test_the_time_base_of_the_source_is_one_that_it_takes() -> None:
    taken = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=size=64x64:duration=0.1", "-c:v", "mpeg4",
         "-enc_time_base", installed().source_time_base, "-f", "null", "-"], check=False,
    )  # fmt: skip
    assert taken.returncode == 0
