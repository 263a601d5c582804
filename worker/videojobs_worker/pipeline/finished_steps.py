"""Steps that an earlier attempt of the same job has finished in the same scratch folder: they are not run again.

A step's key is a hash of all that its result follows from: the content of what it reads, its arguments, and ffmpeg
itself. The record of a finished step is written after its files, so that a process killed between the two loses the
step and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from glob import escape
from pathlib import Path

from videojobs_worker.media.plan import Step, dependencies
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.hashing import sha256_of


@dataclass(frozen=True)
class StepResult:
    """What a finished step is remembered by: frames that it made, and damaged pictures and sounds that it read."""

    frames: int
    damaged: int = 0
    damage: str = ""  # ffmpeg's last line about it


class FinishedSteps:
    """The finished steps of a plan. ``scratch`` holds what the steps read."""

    def __init__(self, scratch: Path, steps: Sequence[Step]) -> None:
        self._scratch, self._steps = scratch, steps
        self._needs = dependencies(steps)
        self._keys: dict[int, str] = {}

    def find(self, number: int) -> StepResult | None:
        """The result of a step whose files are there, just as it wrote them."""
        if not self._steps[number].writes or not (key := self._key(number)):
            return None
        try:
            record = json.loads(self._record(key).read_text())
            return StepResult(**record["result"]) if record["files"] == self._files(number) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def add(self, number: int, result: StepResult) -> None:
        """Remember a step that has just ended well."""
        if self._steps[number].writes and (key := self._key(number)):
            partial = self._record(key).with_suffix(".partial")
            partial.write_text(json.dumps({"result": asdict(result), "files": self._files(number)}))
            partial.rename(self._record(key))

    def _record(self, key: str) -> Path:
        return self._scratch / f"finished-{key}.json"

    def _files(self, number: int) -> list[list[str | int]]:
        """Name, bytes and time of modification of each file that it wrote; two-pass logs begin with the given name."""
        paths = sorted({path for name in self._steps[number].writes for path in self._scratch.glob(f"{escape(name)}*")})
        return [[path.name, (state := path.stat()).st_size, state.st_mtime_ns] for path in paths]

    def _key(self, number: int) -> str:
        """Empty where it is not known what a source holds."""
        if number not in self._keys:
            self._keys[number] = self._computed_key(number)
        return self._keys[number]

    def _computed_key(self, number: int) -> str:
        step = self._steps[number]
        before = [self._key(each) for each in sorted(self._needs[number])]
        sources = [source.identity for source in step.sources]
        if not all((*before, *sources)):
            return ""
        written = {name for each in self._needs[number] for name in self._steps[each].writes}
        files = [sha256_of(self._scratch / name, Stopper()) for name in step.reads if name not in written]
        served = {source.served for source in step.sources}  # an address of this attempt's: its identity is known
        arguments = ["" if each in served else each.replace(f"{self._scratch}/", "") for each in step.arguments]
        return hashlib.sha256(json.dumps([_program(), arguments, sources, files, before]).encode()).hexdigest()


def _program() -> list[str | int]:
    path = shutil.which("ffmpeg") or ""
    state = Path(path).stat() if path else None
    return [path, state.st_size, state.st_mtime_ns] if state else []
