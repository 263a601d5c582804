"""What every part of the pipeline needs of the job that it works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from videojobs_protocol.work import kind_of
from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.opening import OpenSources
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.probe.prober import PROBER
from videojobs_worker.process.processors import thread_count
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import Settings
from videojobs_worker.storage.reservation import Room, require_room


@dataclass(frozen=True)
class JobContext:
    """A job with its worker's settings and its scratch folder.

    Args:
        fetched: sources by URI, which a second try (on the CPU after the GPU) need not fetch again.
        room: reserves disk space before anything large is written.
        open_sources: those that are read where they lie.
    """

    job: Job
    settings: Settings
    scratch: Path
    stopper: Stopper
    reporter: Reporter
    nvenc: bool = False
    fetched: dict[str, Source] = field(default_factory=dict)
    room: Room = require_room
    open_sources: OpenSources = field(default_factory=OpenSources)

    @property
    def threads(self) -> int:
        """How many threads its runs may use: jobs of one worker share the processors."""
        return max(1, thread_count() // self.settings.slots)

    @property
    def stall_s(self) -> float:
        """After how many seconds without progress a run is ended."""
        return self.settings.stall_timeouts_s[kind_of(self.job.work)]

    def start_ffprobes(self) -> None:
        """Start ffprobes ahead, which will inspect the outputs."""
        PROBER.prepare(self.settings.temp_dir)
