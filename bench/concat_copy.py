"""Ten matching clips of 60 s joined: the worker's copy against encoding."""

from __future__ import annotations

from pathlib import Path

from bench.rendering import Cuts, clip, compare
from bench.result import Result


def _ten(folder: Path) -> Cuts:
    return [(clip(folder / f"clip-{number}.mp4", 60), 0.0, 60.0) for number in range(10)]


def main() -> None:
    """Run it."""
    Result("concat-copy", compare(_ten, "Copy"), "times as fast", 60, "higher").show()


if __name__ == "__main__":
    main()
