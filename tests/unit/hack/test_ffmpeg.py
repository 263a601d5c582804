"""Which ffmpeg `make test-ffmpeg` takes for a VERSION."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hack.ffmpeg import PACKAGED, PROGRAMS, ROOT, FfmpegError, folder_of


def put(folder: Path, version: str, *programs: str) -> Path:
    """Programs that call themselves by a version."""
    folder.mkdir(exist_ok=True)
    for name in programs:
        (folder / name).write_text(f"#!/bin/sh\necho '{name} version {version} Copyright (c)'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("which", ["", "ffmpeg"], ids=["folder", "file"])
def test_a_path_is_its_folder(tmp_path: Path, which: str) -> None:
    folder = put(tmp_path / "own", "8.1", *PROGRAMS)
    assert folder_of(str(folder / which)) == folder


@pytest.mark.parametrize(
    ("there", "asked", "fits"),
    [
        ("5.1.9-0+deb12u1", "5.1", True),
        ("5.1.9-0+deb12u1", "5", True),
        ("n8.0-23-gd1f31a829d", "8.0", True),
        ("5.10", "5.1", False),
        ("15.1", "5.1", False),
        ("7.1", "5.1", False),
        ("501", "5.1", False),
    ],
)
def test_a_number_is_the_beginning_of_the_version_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, asked: str, fits: bool
) -> None:
    folder = put(tmp_path / "bin", there, *PROGRAMS)
    monkeypatch.setenv("PATH", str(folder))
    if fits:
        assert folder_of(asked) == folder
        return
    choices = f"there is no such ffmpeg here; choose 7, latest, a path, or the version on PATH, which is {there}"
    with pytest.raises(FfmpegError, match=re.escape(f"VERSION={asked!r}: {choices}")):
        folder_of(asked)


def test_a_folder_without_ffprobe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FfmpegError, match="ffprobe does not run"):
        folder_of(str(put(tmp_path / "half", "9.0", "ffmpeg")))


def test_what_is_no_ffmpeg_is_refused(tmp_path: Path) -> None:
    folder = put(tmp_path / "other", "9.0", *PROGRAMS)
    (folder / "ffmpeg").write_text("#!/bin/sh\necho 'libc.so.6: version GLIBC_2.38 not found' >&2\nexit 1\n")
    with pytest.raises(FfmpegError, match=r"ffmpeg -version: libc\.so\.6"):
        folder_of(str(folder))


@pytest.mark.parametrize("version", PACKAGED)
def test_a_packaged_version_is_pinned_by_hashes(version: str) -> None:
    pins = (ROOT / "requirements" / f"ffmpeg-{version}.txt").read_text()
    packages = re.findall(r"^([a-z0-9-]+)==", pins, re.MULTILINE)
    assert packages
    assert len(re.findall(r"== ?\S+ \\\n +--hash=sha256:[0-9a-f]{64}", pins)) == len(packages)
