"""Peak memory of a worker that joins 16 scenes of Full HD where 16 threads are allowed, in MB: all its processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from bench.result import Result
from tests.support import clips
from tests.support.pipeline import pipeline
from videojobs_protocol.work import MediaOutput, Render, Scene, VideoSettings
from videojobs_worker.pipeline import context
from videojobs_worker.process.memory import used_bytes

SCENES, THREADS, RUNS = 16, 16, 3
_INTERVAL_S = 0.05


@contextmanager
def peak() -> Iterator[list[int]]:
    """The most bytes that this process and its children have used meanwhile, as the only item."""
    most, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(_INTERVAL_S):
            most[0] = max(most[0], used_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def main() -> None:
    """Run it."""
    with pipeline() as through, mock.patch.object(context, "thread_count", return_value=THREADS):
        films = [clips.clip(through.folder / f"{number}.mp4", seconds=3, size="1920x1080") for number in range(SCENES)]
        scenes = tuple(Scene(f"file://{film}", 0.5, 2.5) for film in films)
        output = MediaOutput(f"file://{through.folder}/out.mp4", video=VideoSettings(crf=23))
        found = []
        for _ in range(RUNS):
            with peak() as most:
                status = through.attempt(Render(scenes, output))
            assert status.status == "completed", status.failure
            found.append(most[0] / 1e6)
            print(f"  {found[-1]:.0f} MB", flush=True)
    Result("memory", max(found), "MB", 600, "lower").show()


if __name__ == "__main__":
    main()
