"""A run that makes nothing for a while, or far more than it can, is ended; one that works is not."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests.unit.worker.builders import source
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.clocks import FileTime
from videojobs_worker.media.plan import Step, bound_of
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import Bound, Limits

STALL_S = 1.0
#: Says again and again that it has made one frame.
HANGING = """
import time
while True:
    print("frame=1\\nout_time_us=40000\\ntotal_size=48\\nprogress=continue", flush=True)
    time.sleep(0.05)
"""
#: Makes nothing that it would say for three times as long as it may, but reads.
READING = """
import sys, time
until = time.monotonic() + 3
while time.monotonic() < until:
    open(sys.executable, "rb").read(1 << 16)
    time.sleep(0.05)
"""
#: Says that it has come ever further.
RUNNING_AWAY = """
import time
for number in range(1, 10**9):
    made = f"frame={25 * number}\\nout_time_us={1000000 * number}\\ntotal_size={1000 * number}"
    print(f"{made}\\nprogress=continue", flush=True)
    time.sleep(0.001)
"""


def ended(code: str, limits: Limits) -> JobError:
    with pytest.raises(JobError) as caught:
        run([sys.executable, "-c", code], Stopper(), limits=limits)
    return caught.value


@pytest.mark.parametrize("code", [HANGING, "import time; time.sleep(600)", "while True: pass"])
def test_a_run_without_progress_is_ended_and_tried_again(code: str) -> None:
    error = ended(code, Limits(STALL_S))
    assert (error.reason, error.retryable) == ("RunStalled", True)
    assert "no progress for 1 s" in error.message


def test_a_run_that_reads_or_makes_something_is_not_ended() -> None:
    assert run([sys.executable, "-c", READING], Stopper(), limits=Limits(STALL_S))[0] == 0


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (Bound(media_s=50), "s of at most 50"),
        (Bound(frames=500), "frames of at most 500"),
        (Bound(bytes=5000), "bytes of at most 5000"),
    ],
)
def test_a_run_that_makes_too_much_is_ended_for_good(bound: Bound, words: str) -> None:
    error = ended("import sys; sys.stderr.write('odd times')\n" + RUNNING_AWAY, Limits(600, bound))
    assert (error.reason, error.retryable) == ("RunawayOutput", False)
    assert words in error.message
    assert error.log_tail == "odd times"


def test_what_is_not_known_is_not_bounded() -> None:
    assert Bound(1.0, 1, 1).exceeded(FfmpegProgress()) == ""
    assert Bound().exceeded(FfmpegProgress(out_time_s=9e9, frame=10**9, bytes=10**18)) == ""


def test_who_stops_it_is_heard_before_the_watchdog() -> None:
    stopper = Stopper()

    def stop(_: object) -> None:
        stopper.stop(StoppedError("Cancelled", "cancelled"))

    with pytest.raises(StoppedError, match="cancelled"):
        run([sys.executable, "-c", RUNNING_AWAY], stopper, stop, limits=Limits(600, Bound(frames=1)))


def test_a_step_is_bounded_by_what_it_makes_or_reads() -> None:
    made = bound_of(Step(("ffmpeg",), 100.0, exact_frames=2500))
    assert made.media_s is not None
    assert 100 < made.media_s < 200
    assert made.frames is not None
    assert 2500 < made.frames < 4000
    copied = bound_of(Step(("ffmpeg",), 0.0, sources=(source(duration_s=60.0), source(duration_s=10.0))))
    assert copied.media_s is not None
    assert 60 < copied.media_s < 120
    assert bound_of(Step(("ffmpeg",), 0.0)) == Bound()


def test_what_is_copied_may_keep_times_that_begin_late() -> None:
    late = source(duration_s=60.0)
    late = replace(late, info=replace(late.info, start_s=FileTime(100.0)))
    copied = bound_of(Step(("ffmpeg",), 0.0, sources=(late,)))
    assert copied.media_s is not None
    assert copied.media_s > 160
