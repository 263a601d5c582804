"""The worker's side of :mod:`videojobs_worker.speech.service`: starts it, keeps it warm, ends it on a cancel."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.process import child
from videojobs_worker.process.runner import TAIL_LINES
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.speech.models import Models
from videojobs_worker.speech.transcript import Transcript, Word

OnEvent = Callable[[dict[str, Any]], None]


class Listener:
    """One service process for one worker process, started when first needed and again after it ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)

    def listen(
        self, audio: Path, work: Caption, models: Models, stopper: Stopper, on_event: OnEvent, threads: int
    ) -> Transcript:
        """What is said in a 16 kHz mono WAV file.

        Args:
            on_event: told of ``loading`` and ``progress``, as the service tells them.

        Raises:
            JobError: the service's reasons; OutOfMemory or EngineFailed, both retryable, where it ended.
            StoppedError: it was stopped; the service has ended then.
        """
        request = {
            "audio": str(audio), "engine": work.engine, "model": work.model, "folder": str(models.folder),
            "language": work.language, "translate": work.translate, "download": models.download, "threads": threads,
        }  # fmt: skip
        process = self._running()
        try:
            with stopper.ending(lambda: child.end_group(process)):
                return self._ask(process, request, on_event)
        except _ServiceError as error:
            raise error.error from None
        except BaseException:
            self.close()  # what it still says would be taken for the next answer
            raise
        finally:
            stopper.check()

    def close(self) -> None:
        """End the service."""
        process, self._process = self._process, None
        if process is None:
            return
        child.end_group(process)
        for pipe in (process.stdin, process.stdout):  # who drains the third closes it
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, "-m", "videojobs_worker.speech.service"]
            self._process = child.start(command, stdin=subprocess.PIPE)
            self._tail.clear()
            threading.Thread(target=_drain, args=(self._process.stderr, self._tail), daemon=True).start()
        return self._process

    def _ask(self, process: subprocess.Popen[str], request: dict[str, Any], on_event: OnEvent) -> Transcript:
        try:
            assert process.stdin is not None  # noqa: S101
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                event = json.loads(line)
                if "error" in event:
                    raise _ServiceError(JobError(**event["error"], log_tail="".join(self._tail)))
                if "words" in event:
                    return Transcript(tuple(Word(*word) for word in event["words"]), event["language"])
                on_event(event)
        except BrokenPipeError:
            pass  # it ended before it read the request
        raise self._ended(process.wait())

    def _ended(self, code: int) -> JobError:
        tail = "".join(self._tail)
        if code == -9:
            text = "Whisper was killed, most likely for lack of memory: give the pool more, or take a smaller model"
            return JobError("OutOfMemory", text, retryable=True, log_tail=tail)
        return JobError("EngineFailed", f"Whisper ended with exit code {code}", retryable=True, log_tail=tail)


class _ServiceError(Exception):
    """What the service said of a request; it is ready for the next one."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.error = error


def _drain(stream: TextIO, tail: deque[str]) -> None:
    with stream:
        tail.extend(stream)
