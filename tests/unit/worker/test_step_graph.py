"""Steps run after what they read is written, and never more at once than fits."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.plan import AT_ONCE, Step, dependencies
from videojobs_worker.pipeline.step_graph import run_steps
from videojobs_worker.process.stopper import Stopper


@st.composite
def plans(draw: st.DrawFn) -> list[Step]:
    """Steps that write a file each and read some of those before."""
    count = draw(st.integers(1, 8))
    return [
        Step(
            (), 1.0, reads=tuple(draw(st.lists(st.sampled_from([f"file-{n}" for n in range(number)] or ["given"])))),
            writes=(f"file-{number}",), weight=draw(st.integers(1, AT_ONCE)),
        )
        for number in range(count)
    ]  # fmt: skip


class Recorded:
    """What ran, and what ran when."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps, self.lock = steps, threading.Lock()
        self.running: set[int] = set()
        self.ended: list[int] = []
        self.wrong: list[str] = []

    def run(self, number: int, _: Stopper) -> None:
        with self.lock:
            self.running.add(number)
            if sum(self.steps[each].weight for each in self.running) > AT_ONCE:
                self.wrong.append(f"too much at once: {self.running}")
            if not dependencies(self.steps)[number] <= set(self.ended):
                self.wrong.append(f"{number} before what it reads")
        with self.lock:
            self.running.discard(number)
            self.ended.append(number)


@settings(max_examples=60, deadline=None)
@given(plans())
def test_every_step_runs_once_in_an_order_that_its_reads_allow(steps: list[Step]) -> None:
    recorded, last = Recorded(steps), list[int]()
    run_steps(steps, recorded.run, Stopper(), lambda: last.append(len(recorded.ended)))
    assert sorted(recorded.ended) == list(range(len(steps)))
    assert recorded.wrong == []
    assert len(last) == 1


def test_what_reads_a_failed_steps_file_does_not_run() -> None:
    steps = [Step((), 1.0, writes=("a",)), Step((), 1.0, reads=("a",))]
    ran = []

    def run(number: int, _: Stopper) -> None:
        ran.append(number)
        raise JobError("EncoderFailed", "broken")

    with pytest.raises(JobError, match="broken"):
        run_steps(steps, run, Stopper(), lambda: None)
    assert ran == [0]


def test_one_that_was_stopped_says_why() -> None:
    stopper = Stopper()

    def run(_: int, halt: Stopper) -> None:
        stopper.stop(StoppedError("Cancelled", "nobody wants it"))
        halt.wait(60)

    with pytest.raises(StoppedError, match="nobody wants it"):
        run_steps([Step((), 1.0)], run, stopper, lambda: None)
