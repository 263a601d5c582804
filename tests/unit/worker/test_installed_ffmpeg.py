"""What a binary can do is read from its own lists, which differ in form by version."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from videojobs_worker.errors import JobError
from videojobs_worker.process.ffmpeg_build import FfmpegBuild
from videojobs_worker.process.installed_ffmpeg import build_of, installed

FORM_OF_5 = {
    "-version": """\
ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers
configuration: --enable-gpl
libavutil      57. 28.100 / 57. 28.100
libavcodec     59. 37.100 / 59. 37.100""",
    "-filters": """\
Filters:
  T.. = Timeline support
  |   = Source or sink filter
 ..C acue              A->A       Delay filtering to match a cue.
 .S. xfade             VV->V      Cross fade one video with another video.
 .SC zscale            V->V       Apply resizing, colorspace and bit depth conversion.
 ... abuffer           |->A       Buffer audio frames.""",
    "-codecs": """\
Codecs:
 D..... = Decoding supported
 .E.... = Encoding supported
 -------
 D.VI.S 012v                 Uncompressed 4:2:2 10-bit
 .EVIL. a64_multi            Multicolor charset for Commodore 64 (encoders: a64multi )
 DEV.LS h264                 H.264 (MPEG-4 part 10) (decoders: h264 h264_cuvid ) (encoders: libx264 h264_nvenc )
 DEAIL. aac                  AAC (Advanced Audio Coding) (decoders: aac aac_fixed )
 ..D... dvd_nav_packet       DVD Nav packet""",
    "-formats": """\
File formats:
 D. = Demuxing supported
 .E = Muxing supported
 --
 D  mov,mp4,m4a     QuickTime / MOV
  E mp4             MP4 (MPEG-4 Part 14)
 DE h264            raw H.264 video""",
    "-h": """\
Advanced options:
-vsync              set video sync method globally; deprecated, use -fps_mode
-fps_mode           set framerate mode for matching video streams; overrides vsync""",
}
FORM_OF_9 = {
    "-version": """\
ffmpeg version N-123456-g2a571b6068 Copyright (c) 2000-2026 the FFmpeg developers
libavutil      61.  1.102 / 61.  1.102
libavcodec     63.  1.102 / 63.  1.102""",
    "-filters": """\
Filters:
  T.. = Timeline support
  ------
 .. abuffer           |->A       Buffer audio frames.
 .S xfade             VV->V      Cross fade one video with another video.""",
    "-codecs": """\
Codecs:
 D..... = Decoding supported
 DEV.LS h264                 H.264 / AVC (decoders: h264) (encoders: libx264)
 DEA.L. aac                  AAC (Advanced Audio Coding) (decoders: aac aac_fixed)""",
    "-formats": """\
Formats:
 D.. = Demuxing supported
 ..d = Is a device
 ---
 D   mov,mp4,m4a     QuickTime / MOV
  E  mp4             MP4 (MPEG-4 Part 14)
 D d lavfi           Libavfilter virtual input device""",
    "-h": """\
Advanced per-file options (input-only):
-readrate <speed>   read input at specified rate
-fps_mode[:<stream_spec>]  set framerate mode for matching video streams
-display_rotation[:<stream_spec>] <angle>  set pure counter-clockwise rotation in degrees for stream(s)""",
}


@dataclass(frozen=True)
class Fake:
    """A binary that answers from a table and keeps what it was asked."""

    path: Path
    log: Path

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines()


def fake(folder: Path, answers: dict[str, str], *, demux: bool) -> Fake:
    lists = "".join(f"{option}) cat <<'END'\n{text}\nEND\n;;\n" for option, text in answers.items())
    path, log = folder / "ffmpeg", folder / "asked"
    trial = f"*'-enc_time_base demux'*) exit {0 if demux else 1};;"
    script = f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in {trial} esac\ncase "$2" in\n{lists}*) exit 1;;\nesac\n'
    path.write_text(script)
    path.chmod(0o755)
    return Fake(path, log)


def test_reads_the_lists_of_ffmpeg_5(tmp_path: Path) -> None:
    assert build_of(fake(tmp_path, FORM_OF_5, demux=False).path) == FfmpegBuild(
        version="5.1.9-0+deb12u1",
        libavcodec=(59, 37),
        filters=frozenset({"acue", "xfade", "zscale", "abuffer"}),
        encoders=frozenset({"a64multi", "libx264", "h264_nvenc", "aac"}),
        decoded_codecs=frozenset({"012v", "h264", "aac"}),
        muxers=frozenset({"mp4", "h264"}),
        demuxers=frozenset({"mov", "mp4", "m4a", "h264"}),
        options=frozenset({"vsync", "fps_mode"}),
        encoder_time_bases=frozenset(),
    )


def test_reads_the_lists_of_ffmpeg_9(tmp_path: Path) -> None:
    assert build_of(fake(tmp_path, FORM_OF_9, demux=True).path) == FfmpegBuild(
        version="N-123456-g2a571b6068",
        libavcodec=(63, 1),
        filters=frozenset({"abuffer", "xfade"}),
        encoders=frozenset({"libx264", "aac"}),
        decoded_codecs=frozenset({"h264", "aac"}),
        muxers=frozenset({"mp4"}),
        demuxers=frozenset({"mov", "mp4", "m4a", "lavfi"}),
        options=frozenset({"readrate", "fps_mode", "display_rotation"}),
        encoder_time_bases=frozenset({"demux"}),
    )


@pytest.mark.parametrize(("demux", "value"), [(True, "demux"), (False, "-1")])
def test_the_time_base_of_the_source_has_the_name_that_the_binary_knows(
    tmp_path: Path, demux: bool, value: str
) -> None:
    assert build_of(fake(tmp_path, FORM_OF_5, demux=demux).path).source_time_base == value


def test_a_binary_is_asked_once_until_it_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fake(tmp_path, FORM_OF_5, demux=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    builds = {installed(), installed(), build_of(first.path)}
    assert len(builds) == 1
    assert len(first.asked()) == len(set(first.asked()))
    replaced = fake(tmp_path, FORM_OF_9, demux=True)
    os.utime(replaced.path, ns=(0, 0))
    assert installed().libavcodec == (63, 1)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, r"ffmpeg -version` failed with exit code 1"),
        ({"-version": "Not what you think"}, "ffmpeg: this is no version of ffmpeg: 'Not what you think"),
    ],
)
def test_a_binary_that_does_not_run_is_named(tmp_path: Path, answers: dict[str, str], message: str) -> None:
    with pytest.raises(JobError, match=message):
        build_of(fake(tmp_path, {**dict.fromkeys(FORM_OF_5, ""), **answers} if answers else {}, demux=False).path)


def test_without_a_binary_on_path_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JobError, match="not on the worker's PATH"):
        installed()
