"""What the table of containers says that they hold, ffmpeg writes into them, and finds in them again."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.ffmpeg import ffmpeg
from videojobs_worker.media.containers import CONTAINERS, holds, muxer_arguments
from videojobs_worker.process.installed_ffmpeg import installed

#: Encoders by the codec that they make, with what some of them need, and a container that holds it surely.
VIDEO: Final[dict[str, tuple[str, ...]]] = {
    "h264": ("libx264", "mkv"), "hevc": ("libx265", "mkv"), "av1": ("libsvtav1", "mkv"), "vp8": ("libvpx", "mkv"),
    "vp9": ("libvpx-vp9", "mkv"), "mpeg4": ("mpeg4", "mp4"), "mpeg2video": ("mpeg2video", "nut"),
    "mpeg1video": ("mpeg1video", "nut"), "mjpeg": ("mjpeg", "mov", "-pix_fmt", "yuvj420p"),
    "prores": ("prores_ks", "mov"), "theora": ("libtheora", "ogg"), "flv1": ("flv", "flv"), "wmv2": ("wmv2", "avi"),
    "ffv1": ("ffv1", "nut"), "huffyuv": ("huffyuv", "avi"), "msmpeg4v3": ("msmpeg4", "avi"), "png": ("png", "mov"),
    "h263": ("h263", "mov", "-s", "176x144"), "rawvideo": ("rawvideo", "nut"), "cinepak": ("cinepak", "mov"),
    "dvvideo": ("dvvideo", "avi", "-s", "720x576", "-pix_fmt", "yuv420p"),
}  # fmt: skip
AUDIO: Final[dict[str, tuple[str, ...]]] = {
    "aac": ("aac", "mp4"), "alac": ("alac", "mov"), "mp3": ("libmp3lame", "mp3"), "mp2": ("mp2", "nut"),
    "ac3": ("ac3", "mkv"), "eac3": ("eac3", "mkv"), "dts": ("dca", "mkv"), "opus": ("libopus", "ogg"),
    "flac": ("flac", "flac"), "vorbis": ("libvorbis", "ogg"), "truehd": ("truehd", "mkv"), "wmav2": ("wmav2", "asf"),
    "tta": ("tta", "mkv"), "wavpack": ("wavpack", "mkv"), "adpcm_ms": ("adpcm_ms", "wav"),
    **{codec: (codec, "nut") for codec in (
        "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_s16be", "pcm_s24be",
        "pcm_alaw", "pcm_mulaw",
    )},
}  # fmt: skip
#: What a container's own names do not tell apart.
ALIKE: Final = {"mp2": "mp3"}


def codec_in(path: Path) -> str:
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "default=nw=1:nk=1", str(path)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def check(folder: Path, kind: str, codec: str, how: tuple[str, ...], inputs: tuple[str, ...]) -> None:
    encoder, ending, *options = how
    if encoder not in installed().encoders:
        pytest.skip(f"this ffmpeg has no {encoder}")
    source = folder / f"source.{ending}"
    ffmpeg(*inputs, f"-c:{kind[0]}", encoder, *options, "-strict", "experimental", str(source))
    assert codec_in(source) == codec
    containers = [name for name in CONTAINERS if holds(name, kind, codec)]  # type: ignore[arg-type]
    assert containers, f"nothing holds {codec}"
    outputs: list[str] = []
    for name in containers:
        outputs += ["-c", "copy", *muxer_arguments(name), str(folder / f"copy.{name}")]
    ffmpeg("-i", str(source), *outputs)
    found = {name: codec_in(folder / f"copy.{name}") for name in containers}
    assert {name: ALIKE.get(each, each) for name, each in found.items()} == dict.fromkeys(
        containers, ALIKE.get(codec, codec)
    )


@pytest.mark.parametrize("codec", VIDEO)
def test_pictures_that_a_container_holds_are_copied_into_it(tmp_path: Path, codec: str) -> None:
    check(tmp_path, "video", codec, VIDEO[codec], ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=0.4"))


@pytest.mark.parametrize("codec", AUDIO)
def test_sound_that_a_container_holds_is_copied_into_it(tmp_path: Path, codec: str) -> None:
    check(tmp_path, "audio", codec, AUDIO[codec], ("-f", "lavfi", "-i", "sine=r=48000:d=1"))
