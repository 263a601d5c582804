"""A plan: a graph of ffmpeg runs that make the outputs, as values.

Builders are pure: probe results and the work in, steps out. A step declares the sources and files that it reads and
the files that it writes, by names that the pipeline chose and never by what a user wrote; a step that reads what
another one writes runs after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from videojobs_worker.media.source import MediaInfo, Source
from videojobs_worker.process.demuxers import OPEN_MEDIA, OPEN_SERVED
from videojobs_worker.process.watchdog import Bound

#: How many times as fast as encoding pictures copying goes, and encoding sound; about.
COPYING_PACE: Final = 50.0
SOUND_PACE: Final = 10.0
#: How much may run at once, in weights of steps: while a light run starts or ends, another keeps the processors busy.
AT_ONCE: Final = 2
#: Each thread of a decoder holds a frame.
_DECODER_THREADS: Final = 8
#: How much more than planned a run may make: lengths are rounded, and a header may be a little wrong.
_SLACK: Final = 1.25
_MARGIN_S: Final = 30.0
_MARGIN_FRAMES: Final = 100
_MARGIN_BYTES: Final = 2**26
#: Bytes a second that no encoder makes more of: those of uncompressed 4K at 60 frames a second.
_MOST_BPS: Final = 8e8
#: The stage of a first pass, which writes statistics and no media; it is about so many times as fast as the second.
MEASURING: Final = "Measuring"
MEASURING_PACE: Final = 2.0


@dataclass(frozen=True)
class Step:
    """One ffmpeg run, in the scratch folder.

    Args:
        arguments: the command.
        duration_s: media seconds that its progress counts to; 0 where it counts frames.
        sources: what it reads of the job's sources.
        reads: names of files in the scratch folder that it reads, some of which other steps write.
        writes: names of files in the scratch folder that it writes; empty where it makes the plan's outputs. An
            attempt that finds them finished by an earlier one does not run the step again.
        weight: how much of AT_ONCE it takes up.
    """

    arguments: tuple[str, ...]
    duration_s: float
    stage: str = "Encoding"
    frames: int | None = None  # where pictures are made, progress counts them
    least_frames: int = 0  # fewer than these mean that a source broke off
    exact_frames: int | None = None  # any other number means that it went wrong
    failure: str = "EncoderFailed"  # the reason when it fails
    pace: float = 1.0  # how many times as fast as encoding it goes
    sources: tuple[Source, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    weight: int = AT_ONCE


def dependencies(steps: Sequence[Step]) -> list[frozenset[int]]:
    """For each step, the numbers of the earlier steps that write what it reads."""
    writers: dict[str, int] = {}
    found: list[frozenset[int]] = []
    for number, step in enumerate(steps):
        found.append(frozenset(writers[name] for name in step.reads if name in writers))
        writers |= dict.fromkeys(step.writes, number)
    return found


def bound_of(step: Step) -> Bound:
    """The most that a step can make of what it reads: more means that timestamps run away.

    What is copied may keep the times of its source, which begin anywhere.
    """
    ends = [max(0.0, source.info.start_s) + (source.info.duration_s or 0.0) for source in step.sources]
    planned_s = step.duration_s or max(ends, default=0.0)
    frames = step.exact_frames or step.frames
    read = sum(source.info.bytes for source in step.sources)
    return Bound(
        media_s=planned_s * _SLACK + _MARGIN_S if planned_s else None,
        frames=int(frames * _SLACK) + _MARGIN_FRAMES if frames else None,
        bytes=int(2 * read + _MARGIN_BYTES + planned_s * _SLACK * _MOST_BPS) if planned_s else None,
    )


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
    picture: bool = True  # whether it has one
    audio_codecs: tuple[str, ...] | None = None  # of all streams of sound, in order
    subtitles: int | None = None
    copied: bool = False  # its picture is the source's own
    #: The source's frames are, and headers of mp4 tell of decoding, which may end well before them; or its clock may
    #: jump, so that it lasts longer than its ends say.
    uneven: bool = False


#: Nothing is encoded; only what must be; everything.
Strategy = Literal["Copy", "Smart", "Full"]


@dataclass(frozen=True)
class Choice:
    """A strategy and the reason for it, for the status."""

    strategy: Strategy
    reason: str


@dataclass(frozen=True)
class Plan:
    """Steps in an order in which they can run, what they must have made, and files that they read."""

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


def seek_arguments(info: MediaInfo, since_start_s: float, ahead_s: float = 0.0) -> tuple[str, ...]:
    """Seek to a time since the file's start, which becomes the input's time 0; to ``ahead_s`` before it, where it can.

    ffmpeg adds the start to ``-ss`` itself, but not where it is unknown, nor since 8.1 where it is negative, as it is
    where an encoder's priming comes first. So the time is given as the file counts it.
    """
    before_s = min(ahead_s, max(0.0, since_start_s))
    earlier = ("-itsoffset", f"{-before_s:.6f}") if before_s else ()
    return (*earlier, "-seek_timestamp", "1", "-ss", f"{info.start_s + since_start_s - before_s:.6f}")


def input_arguments(path: Path | str, threads: int, *options: str) -> tuple[str, ...]:
    """Open a local file and nothing else: whatever stands inside it can name no other file or address.

    A text is the address of a source that the worker serves itself; packets of it are not read ahead.
    """
    if isinstance(path, str):
        opened: tuple[str, ...] = ("-thread_queue_size", "1", *OPEN_SERVED, "-i", path)
    else:
        opened = (*OPEN_MEDIA, "-i", f"file:{path}")
    return (*options, "-threads", str(min(threads, _DECODER_THREADS)), *opened)
