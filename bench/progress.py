"""The longest time without news of an encode of half a minute or more."""

from __future__ import annotations

from itertools import pairwise

from bench.celery_worker import served
from bench.result import Result
from bench.story import encode


def main() -> None:
    """Run it."""
    with served() as worker:
        story = encode(worker)
    if [status.progress for _, status in story] != sorted(status.progress for _, status in story):
        raise SystemExit("progress went back")
    moved = [moment for (moment, status), (_, before) in zip(story[1:], story, strict=False)
             if status.progress > before.progress or status.final]  # fmt: skip
    gap = max(after - before for before, after in pairwise([story[0][0], *moved]))
    print(f"{len(moved)} moves in {story[-1][0] - story[0][0]:.1f} s", flush=True)
    Result("progress", gap, "s", 1.0, "lower").show()


if __name__ == "__main__":
    main()
