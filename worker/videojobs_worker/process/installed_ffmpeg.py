"""Asks the ffmpeg that is installed what it can do, once for each binary."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.process import ffmpeg_build
from videojobs_worker.process.ffmpeg_build import FfmpegBuild
from videojobs_worker.process.runner import capture

TIMEOUT_S: Final = 20.0
#: Encodes a tenth of a second with the time base that the demuxer gave its stream, and throws it away.
_DEMUX_TRIAL: Final = (
    "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=size=64x64:duration=0.1",
    "-enc_time_base", "demux", "-c:v", "rawvideo", "-f", "null", "-",
)  # fmt: skip


def installed() -> FfmpegBuild:
    """The build that ``ffmpeg`` on PATH is. It is asked once, and again where the binary is replaced.

    Raises:
        JobError: there is none, or it does not run.
    """
    found = shutil.which("ffmpeg")
    if found is None:
        raise JobError("EncoderFailed", "ffmpeg is not on the worker's PATH: install it", retryable=True)
    return build_of(Path(found))


def build_of(path: Path) -> FfmpegBuild:
    """The build that a binary is. Raises JobError where it does not run."""
    return _asked(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _asked(path: Path, _mtime_ns: int) -> FfmpegBuild:
    lists = {option: _answer(path, option) for option in ffmpeg_build.LISTS}
    demux = capture([str(path), *_DEMUX_TRIAL], TIMEOUT_S)[0] == 0
    try:
        return ffmpeg_build.read(lists, {"demux"} if demux else ())
    except ValueError as error:
        raise JobError("EncoderFailed", f"{path}: {error}", retryable=True) from error


def _answer(path: Path, option: str) -> str:
    code, text, tail = capture([str(path), "-hide_banner", *option.split()], TIMEOUT_S)
    if code:
        message = f"`{path} {option}` failed with exit code {code}: install an ffmpeg that runs here"
        raise JobError("EncoderFailed", message, retryable=True, log_tail=tail)
    return text
