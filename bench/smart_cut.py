"""120 s cut out of the middle of a 600 s clip, to the frame: encoding around the cuts against encoding."""

from __future__ import annotations

from pathlib import Path

from bench.rendering import Cuts, clip, compare
from bench.result import Result


def _middle_out(folder: Path) -> Cuts:
    source = clip(folder / "clip.mp4", 600)
    return [(source, 0.0, 241.3), (source, 361.7, 600.0)]


def main() -> None:
    """Run it."""
    frames = [*range(7239), *range(10851, 18000)]
    Result("smart-cut", compare(_middle_out, "Smart", frames=frames), "times as fast", 15, "higher").show()


if __name__ == "__main__":
    main()
