"""Files put one behind the other without encoding: lists for ffmpeg's concat demuxer, and times on a grid. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from videojobs_protocol.work import Container
from videojobs_worker.media.frame_rate import timescale
from videojobs_worker.process.demuxers import OPEN_LIST


def list_input(name: str) -> tuple[str, ...]:
    """The input of a list in the scratch folder."""
    return (*OPEN_LIST, "-i", f"file:{name}")


def list_of(files: Iterable[tuple[str, float]]) -> str:
    """A list of whole files, by names that no user wrote, and how many seconds each is."""
    entries = (f"file '{name}'\nduration {duration_s:.6f}\n" for name, duration_s in files)
    return "ffconcat version 1.0\n" + "".join(entries)


def sound_file(label: str, name: str) -> tuple[str, ...]:
    """The output of a filter's sound in a file that is joined with others: samples, which no encoder delays."""
    return ("-map", label, "-c:a", "pcm_s16le", "-f", "w64", f"file:{name}")


def on_grid(ticks: int) -> str:
    """Every packet on a multiple of ``ticks``, the first at 0: without what the lists' microseconds rounded away."""
    return f"setts=pts=round((PTS-STARTPTS)/{ticks})*{ticks}:dts=round((DTS-STARTPTS)/{ticks})*{ticks}"


def frames_on_grid(fps: Fraction, container: Container) -> tuple[str, ...]:
    """Options of an output whose frames are copied from files with the ticks of :func:`timescale`."""
    scale = timescale(fps)
    ticks = ("-video_track_timescale", str(scale)) if container == "mp4" else ()
    return ("-bsf:v", on_grid(int(scale / fps)), *ticks)
