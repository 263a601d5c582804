"""A command that is started before there is work for it: to start ffprobe takes longer than to probe a file.

It writes to a FIFO, and opening that waits for a reader (fifo(7)); only then does it open what it reads, which is a
link that nobody has laid before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_worker.process import child
from videojobs_worker.process.stopper import Stopper

#: What the command writes and reads, in its working folder.
REPORT: Final = "report"
SOURCE: Final = "source"
#: How the folder's name begins.
PREFIX: Final = "standby-"


class Standby:
    """One run of a command, started at once, for one question. Its folder is taken away with it.

    Args:
        folder: where it gets a folder of its own.
        command: opens REPORT for writing, then reads SOURCE.

    Raises:
        OSError: it could not be started.
    """

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        self._name = command[0]
        os.mkfifo(self._folder / REPORT)
        try:
            self._process = child.start(command, stdout=subprocess.DEVNULL, folder=self._folder)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def ask(self, path: Path, timeout_s: float, stopper: Stopper) -> tuple[int, str, str] | None:
        """As :func:`runner.capture`, of one file; None where it was ended by others or its folder is gone.

        Raises:
            StoppedError: it was stopped.
        """
        try:
            with stopper.ending(lambda: child.end_group(self._process)):
                answer = self._asked(path, timeout_s)
        except OSError:
            answer = None
        finally:
            self.close()
        stopper.check()
        return None if answer and child.was_killed(answer[0]) else answer

    def _asked(self, path: Path, timeout_s: float) -> tuple[int, str, str] | None:
        (self._folder / SOURCE).symlink_to(path.absolute())
        report = os.open(self._folder / REPORT, os.O_RDONLY | os.O_NONBLOCK)
        self._process.stdout = os.fdopen(report, errors="replace")
        if self._process.poll() is not None:
            return None
        return child.answer(self._process, self._name, timeout_s)

    def close(self) -> None:
        """End it, whatever it does."""
        child.end(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)
