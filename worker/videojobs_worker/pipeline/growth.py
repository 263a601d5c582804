"""Whether a source that seems to be broken is only not written yet."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_protocol.work import Work, sources_of
from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.files import uri_path

#: Whoever writes a file writes more of it within so many seconds.
_WAIT_S: Final = 1.5
#: As a file that is half written can make a job fail.
_REASONS: Final = frozenset({
    "SourceNotMedia", "SourceEmpty", "SourceTruncated", "SourceCorrupt", "NoVideoStream", "NoAudioStream",
    "SceneOutOfRange", "TimeOutOfRange", "EncoderFailed", "OutputInvalid",
})  # fmt: skip


@dataclass(frozen=True)
class _State:
    bytes: int
    modified: float  # Unix seconds


class Growth:
    """The local sources of a work, as they are when it begins."""

    def __init__(self, work: Work) -> None:
        self._uris = sources_of(work)
        self._before = self._states()

    def check(self, error: JobError, stopper: Stopper) -> None:
        """Look again after a failure that a half-written source explains. It takes _WAIT_S where one is that new.

        Raises:
            JobError: SourceGrowing (retryable), a source has changed meanwhile.
            StoppedError: it was stopped.
        """
        if error.reason not in _REASONS or error.retryable:
            return
        after = self._states()
        if self._before == after and (left_s := _left_s(after)):
            stopper.wait(left_s)
            after = self._states()
        for uri, state in after.items():
            if state != (before := self._before.get(uri, state)):
                how = f"from {before.bytes} to {state.bytes} bytes" if before.bytes != state.bytes else "in place"
                text = f"{uri} is still being written ({how} while it was read): send the job when it is whole"
                raise JobError("SourceGrowing", text, retryable=True, log_tail=error.log_tail) from error

    def _states(self) -> dict[str, _State]:
        found = {}
        for uri in self._uris:
            if uri.startswith("file://"):
                try:
                    state = Path(uri_path(uri)).stat()
                except (OSError, ValueError):  # what is not there does not grow
                    continue
                found[uri] = _State(state.st_size, state.st_mtime)
        return found


def _left_s(states: Mapping[str, _State]) -> float:
    """How long until the newest has not changed for _WAIT_S; the clocks of a file server and ours may differ."""
    newest = max((state.modified for state in states.values()), default=0.0)
    return min(_WAIT_S, max(0.0, newest + _WAIT_S - time.time()))
