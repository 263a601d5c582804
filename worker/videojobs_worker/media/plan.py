"""A plan: the ffmpeg runs that make the outputs, as values.

Builders are pure: probe results and the work in, steps out. A step names its files by absolute paths that the
pipeline chose, never by what a user wrote, and could run apart from the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from videojobs_worker.media.source import MediaInfo
from videojobs_worker.process.demuxers import OPEN_MEDIA, OPEN_SERVED

#: How many times as fast as encoding pictures copying goes, and encoding sound; about.
COPYING_PACE: Final = 50.0
SOUND_PACE: Final = 10.0
#: Runs side by side: while one begins or ends, or has work for one processor alone, another keeps the rest busy.
AT_ONCE: Final = 2


@dataclass(frozen=True)
class Step:
    """One ffmpeg run; ``duration_s`` is what progress counts to."""

    arguments: tuple[str, ...]
    duration_s: float
    stage: str = "Encoding"
    frames: int | None = None  # where pictures are made, progress counts them
    least_frames: int = 0  # fewer than these mean that a source broke off
    exact_frames: int | None = None  # any other number means that it went wrong
    failure: str = "EncoderFailed"  # the reason when it fails
    pace: float = 1.0  # how many times as fast as encoding it goes
    beside: bool = False  # it may run at the same time as the step before it


@dataclass(frozen=True)
class Expectation:
    """What an output must be to be committed. ``None`` is not asked."""

    path: Path
    duration_s: float | None = None
    video_codecs: tuple[str, ...] = ()
    audio: bool | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    text: bool = False  # a file of text, that no probe can read
    known: MediaInfo | None = None  # what it is, where it has been looked at already
    uneven: bool = False  # the source's frames are; headers of mp4 tell of decoding, which may end well before them


#: Nothing is encoded; only what must be; everything.
Strategy = Literal["Copy", "Smart", "Full"]


@dataclass(frozen=True)
class Choice:
    """A strategy and the reason for it, for the status."""

    strategy: Strategy
    reason: str


@dataclass(frozen=True)
class Plan:
    """Steps in order, what they must have made, and what must lie in the scratch folder first."""

    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...]
    scratch_files: Mapping[str, str] = field(default_factory=dict)  # fixed name -> text
    scratch_links: Mapping[str, Path] = field(default_factory=dict)  # fixed name -> source
    texts: Mapping[Path, str] = field(default_factory=dict)  # outputs that the plan itself writes
    instead: Plan | None = None  # what to do when it fails


def common_arguments(threads: int) -> tuple[str, ...]:
    """What every ffmpeg run begins with: no questions, no chatter, machine-readable progress."""
    count = str(threads)
    return (
        "ffmpeg", "-nostdin", "-hide_banner", "-y", "-loglevel", "repeat+level+warning",
        "-progress", "pipe:1", "-nostats", "-stats_period", "0.25",
        "-filter_threads", count, "-filter_complex_threads", count,
    )  # fmt: skip


def input_arguments(path: Path | str, threads: int, *options: str) -> tuple[str, ...]:
    """Open a local file and nothing else: whatever stands inside it can name no other file or address.

    A text is the address of a source that the worker serves itself; packets of it are not read ahead.
    """
    if isinstance(path, str):
        opened: tuple[str, ...] = ("-thread_queue_size", "1", *OPEN_SERVED, "-i", path)
    else:
        opened = (*OPEN_MEDIA, "-i", f"file:{path}")
    return (*options, "-threads", str(threads), *opened)
