"""A case sent through a worker, and what came out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support import filmed
from tests.support.film import Film
from videojobs_protocol.progress import Failure, TaskStatus
from videojobs_protocol.work import (
    AudioSettings,
    MediaOutput,
    Preview,
    Render,
    Scene,
    Transcode,
    VideoSettings,
    Work,
)


def uri(path: Path) -> str:
    """As a user writes it: a name may have any bytes."""
    return f"file://{quote(os.fsencode(path))}"


@dataclass(frozen=True)
class Outcome:
    """How a job ended, and its files in order."""

    status: TaskStatus
    paths: tuple[Path, ...]

    @property
    def failure(self) -> Failure:
        """Why it failed, which it must have."""
        assert self.status.failure is not None, f"it was done: {self.status.message}"
        return self.status.failure

    @property
    def path(self) -> Path:
        """The file that it made, or the first of them; it must have been done."""
        assert self.status.failure is None, f"{self.status.failure.reason}: {self.status.failure.message}"
        return self.paths[0]

    @property
    def film(self) -> Film:
        """What that file shows and plays."""
        return filmed.read(self.path)

    @property
    def numbers(self) -> list[int]:
        """The number that each picture of a preview shows."""
        assert self.path.exists()
        return [filmed.frame_numbers(path)[0] for path in self.paths]

    @property
    def note(self) -> str:
        """What the user was told of how it was done."""
        return str(self.status.details.get("note", ""))


@dataclass
class Trial:
    """Sends work to whoever runs it; the outputs go to folders under ``folder``."""

    folder: Path
    attempt: Callable[[Work], TaskStatus]
    count: int = field(default=0)

    def _output(self) -> Path:
        self.count += 1
        folder = self.folder / f"out-{self.count}"
        folder.mkdir()
        return folder

    def transcode(
        self, source: Path, name: str = "out.mp4", *, audio: Mapping[str, Any] | None = None, **video: Any
    ) -> Outcome:
        """To H.264 of 180 lines, where ``video`` asks for nothing else."""
        path = self._output() / name
        settings = VideoSettings(**(video or {"height": 180}))
        output = MediaOutput(uri(path), video=settings, audio=AudioSettings(**(audio or {})))
        return Outcome(self.attempt(Transcode(uri(source), (output,))), (path,))

    def preview(self, source: Path, frames: int = 4) -> Outcome:
        """Pictures, evenly spread."""
        folder = self._output()
        status = self.attempt(Preview(uri(source), uri(folder / "p"), frames))
        return Outcome(status, tuple(folder / "p" / f"frame-{number + 1:03}.jpg" for number in range(frames)))

    def pictures_at(self, source: Path, times_s: Sequence[float]) -> Outcome:
        """Pictures of given times."""
        folder = self._output()
        status = self.attempt(Preview(uri(source), uri(folder / "p"), times_s=tuple(times_s)))
        return Outcome(status, tuple(folder / "p" / f"frame-{number:03}.jpg" for number in range(1, len(times_s) + 1)))

    def render(
        self, *scenes: tuple[Path, float, float | None], name: str = "out.mp4", more: Mapping[str, Any] | None = None,
        **video: Any,
    ) -> Outcome:  # fmt: skip
        """Scenes of files, each with its start and end."""
        path = self._output() / name
        cuts = tuple(Scene(uri(source), start_s, end_s) for source, start_s, end_s in scenes)
        output = MediaOutput(uri(path), video=VideoSettings(**video))
        return Outcome(self.attempt(Render(cuts, output, **(more or {}))), (path,))


class Library:
    """Cases, each made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[object, Any] = {}

    def get(self, maker: Callable[..., Any], *arguments: str | int) -> Any:
        """What a maker makes."""
        key = (maker, arguments)
        if key not in self._made:
            folder = self._folder / f"{len(self._made)}-{maker.__name__}"
            folder.mkdir(parents=True)
            self._made[key] = maker(folder, *arguments)
        return self._made[key]
