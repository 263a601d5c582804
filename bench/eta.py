"""How far the announced end of an encode is from its real one, from the first quarter on, over its whole time."""

from __future__ import annotations

from bench.celery_worker import served
from bench.result import Result
from bench.story import encode


def main() -> None:
    """Run it."""
    with served() as worker:
        story = encode(worker)
    begun, ended = story[0][0], story[-1][0]
    errors = [
        abs(moment + status.eta_s - ended) / (ended - begun)
        for moment, status in story
        if status.eta_s is not None and moment - begun >= (ended - begun) / 4
    ]
    print(f"{len(errors)} announcements over {ended - begun:.1f} s", flush=True)
    Result("eta", max(errors), "ratio", 0.3, "lower").show()


if __name__ == "__main__":
    main()
