"""Ten scenes of 60 s with nine fades: encoding the blends against encoding everything."""

from __future__ import annotations

from pathlib import Path

from bench.rendering import Cuts, clip, compare
from bench.result import Result
from videojobs_protocol.work import Transition


def _ten(folder: Path) -> Cuts:
    source = clip(folder / "clip.mp4", 62)
    return [(source, 0.0 + number / 10, 60.0 + number / 10) for number in range(10)]


def main() -> None:
    """Run it."""
    Result("transitions", compare(_ten, "Smart", Transition("fade", 1.0)), "times as fast", 5, "higher").show()


if __name__ == "__main__":
    main()
