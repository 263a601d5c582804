"""Renders for which copying hardly pays or does not: the chosen way against encoding everything; the worst ratio."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from bench.films import film
from bench.pipeline import Pipeline, pipeline
from bench.rendering import Cuts
from bench.result import Result
from tests.support import clips
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition

RUNS = 6


@dataclass(frozen=True)
class Case:
    """Scenes of clips that ``make`` makes in a folder."""

    name: str
    make: Callable[[Path], Cuts]
    transition: Transition | None = None


def main() -> None:
    """Run it."""
    with pipeline() as through:
        ratios = [_ratio(through, case) for case in CASES]
    Result("smart-worst", max(ratios), "times as long", 1.05, "lower").show()


def _ratio(through: Pipeline, case: Case) -> float:
    folder = through.folder / case.name
    folder.mkdir()
    scenes = tuple(Scene(path.as_uri(), start, end) for path, start, end in case.make(folder))
    work = Render(scenes, MediaOutput((folder / "out.mp4").as_uri()), case.transition)
    through.run(work)
    pairs = [_pair(through, work, number) for number in range(RUNS)]
    chosen, full = (statistics.median(took) for took in zip(*pairs, strict=True))
    plan = through.run(work)[1].details["plan"]
    shutil.rmtree(folder)
    print(f"{case.name}: {chosen:.2f} s, in full {full:.2f} s: {plan['strategy']}, {plan['reason']}", flush=True)
    return float(chosen / full)


def _pair(through: Pipeline, work: Render, number: int) -> tuple[float, float]:
    """Seconds of the chosen way and of encoding everything; which comes first alternates, as one heats the other."""
    if number % 2:
        return through.run(work)[0], _in_full(through, work)
    full = _in_full(through, work)
    return through.run(work)[0], full


def _in_full(through: Pipeline, work: Render) -> float:
    with mock.patch("videojobs_worker.pipeline.render_planning.obstacles", return_value=["encoding was asked for"]):
        return through.run(work)[0]


def _clips(count: int, seconds: float, size: str, ending: str, gop: int = 25) -> Callable[[Path], Cuts]:
    def make(folder: Path) -> Cuts:
        paths = [clips.clip(folder / f"{n}.{ending}", seconds, size, gop=gop) for n in range(count)]
        return [(path, 0.2, seconds - 0.2) for path in paths]

    return make


def _pieces(
    count: int, piece_s: float, seconds: float, size: str, ending: str, gop: int = 25
) -> Callable[[Path], Cuts]:
    def make(folder: Path) -> Cuts:
        path = clips.clip(folder / f"clip.{ending}", seconds, size, gop=gop)
        starts = [number * (seconds - piece_s) / max(1, count - 1) for number in range(count)]
        return [(path, start, start + piece_s) for start in starts]

    return make


def _of_a_long_film(ending: str, scenes: Sequence[tuple[float, float]]) -> Callable[[Path], Cuts]:
    def make(folder: Path) -> Cuts:
        path = film(folder / f"film.{ending}", "1280x720", "8M", 20, 900)
        return [(path, start, end) for start, end in scenes]

    return make


CASES = (
    Case("short-small", _clips(1, 3, "160x90", "mp4")),
    Case("short-small-mkv", _clips(1, 3, "160x90", "mkv")),
    Case("long-small-mkv", _clips(1, 120, "160x90", "mkv")),
    Case("many-sources", _clips(20, 2, "320x180", "mp4")),
    Case("many-sources-mkv", _clips(20, 2, "320x180", "mkv")),
    Case("many-larger-sources-mkv", _clips(10, 4, "1280x720", "mkv")),
    Case("many-cuts", _pieces(60, 1.5, 60, "640x360", "mp4")),
    Case("many-cuts-long-groups", _pieces(30, 3, 60, "640x360", "mp4", 50)),
    Case("no-keyframes", _pieces(1, 20, 24, "1280x720", "mp4", 2000)),
    Case("no-keyframes-mkv", _pieces(3, 6, 24, "1280x720", "mkv", 2000)),
    Case("fades", _pieces(10, 2.5, 30, "1280x720", "mp4"), Transition("fade", 0.5)),
    Case("fades-mkv", _pieces(10, 4, 45, "640x360", "mkv"), Transition("fade", 0.5)),
    Case("short-scene-of-a-long-film", _of_a_long_film("mp4", [(600.3, 602.3)])),
    Case("short-scene-of-a-long-film-mkv", _of_a_long_film("mkv", [(600.3, 602.3)])),
    Case("scenes-of-a-long-film-mkv", _of_a_long_film("mkv", [(60.3, 75.3), (450.1, 465.2), (700.0, 730.0)])),
)

if __name__ == "__main__":
    main()
