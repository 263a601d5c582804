"""Scenes of 60 s of ten clips with nine fades: encoding the blends against encoding everything."""

from __future__ import annotations

from pathlib import Path

from bench.rendering import Cuts, clip, compare
from bench.result import Result
from videojobs_protocol.work import Transition

SCENES, LENGTH, BLEND = 10, 1800, 30  # frames


def _ten(folder: Path) -> Cuts:
    clips = [clip(folder / f"clip-{number}.mp4", 62) for number in range(SCENES)]
    return [(each, number / 10, 60.0 + number / 10) for number, each in enumerate(clips)]


def _frames() -> list[int | None]:
    frames: list[int | None] = []
    for number in range(SCENES):
        first = number * 3
        if number:
            frames[-BLEND:] = [None] * BLEND
        frames += range(first + (BLEND if number else 0), first + LENGTH)
    return frames


def main() -> None:
    """Run it."""
    ratio = compare(_ten, "Smart", Transition("fade", 1.0), frames=_frames())
    Result("transitions", ratio, "times as fast", 5, "higher").show()


if __name__ == "__main__":
    main()
