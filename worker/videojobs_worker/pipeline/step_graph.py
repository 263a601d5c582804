"""Runs the steps of a plan as soon as what they read is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from videojobs_worker.errors import StoppedError
from videojobs_worker.media.plan import AT_ONCE, Step, dependencies
from videojobs_worker.process.stopper import Stopper

RunStep = Callable[[int, Stopper], None]


def run_steps(steps: Sequence[Step], run: RunStep, stopper: Stopper, on_last: Callable[[], None]) -> None:
    """Run all steps in an order that their reads and writes allow, those that fit into AT_ONCE side by side.

    Args:
        steps: each after those that it depends on.
        run: runs the step of a number; the stopper that it is given ends it.
        stopper: ends all of them.
        on_last: called once when the last step has started.

    Raises:
        JobError: of the first step that failed; the others have ended.
        StoppedError: it was stopped.
    """
    halt = Stopper()

    def end() -> None:
        halt.stop(StoppedError("InternalError", "a run beside this one failed"))

    with stopper.ending(end), ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        try:
            _Schedule(steps, lambda number: threads.submit(run, number, halt), on_last).follow()
        except BaseException:
            end()
            stopper.check()
            raise
    stopper.check()


class _Schedule:
    """Which steps wait, run and have ended. Steps start in their order: a heavy one is not overtaken for ever."""

    def __init__(
        self, steps: Sequence[Step], start: Callable[[int], Future[None]], on_last: Callable[[], None]
    ) -> None:
        self._steps, self._start, self._on_last = steps, start, on_last
        self._needs = dependencies(steps)
        self._waiting = list(range(len(steps)))
        self._running: dict[Future[None], int] = {}
        self._ended: set[int] = set()

    def follow(self) -> None:
        """Until all have ended, or one has failed."""
        while self._waiting or self._running:
            self._start_ready()
            ended, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in ended:
                self._ended.add(self._running.pop(future))
                future.result()

    def _start_ready(self) -> None:
        for number in [number for number in self._waiting if self._needs[number] <= self._ended]:
            if self._steps[number].weight > self._free:
                return
            self._waiting.remove(number)
            self._running[self._start(number)] = number
            if not self._waiting:
                self._on_last()

    @property
    def _free(self) -> int:
        return AT_ONCE - sum(self._steps[number].weight for number in self._running.values())
