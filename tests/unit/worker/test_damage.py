"""Glitches are told of, broken films fail."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_worker.errors import JobError
from videojobs_worker.pipeline.damage import Damage


class Noting:
    """A reporter that remembers what it was to note."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str, **_: Any) -> None:
        self.notes.append(message)


LINES = [
    ("film.mp4: corrupt decoded frame in stream 0", 1),
    ("[warning] film.mp4: corrupt decoded frame in stream 0", 1),
    ("[error] Error while decoding stream #0:0: Invalid data found when processing input", 1),
    ("[dec:h264 @ 0x1] Error submitting packet to decoder: Invalid data found when processing input", 1),
    ("[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x2] [warning] corrupt decoded frame", 1),
    ("[vist#0:0/av1 @ 0x1] [dec:libdav1d @ 0x2] [error] Decoding error: Invalid data found when processing input", 1),
    ("[error] Error while decoding stream #0:0: Resource temporarily unavailable", 0),
    ("[h264 @ 0x1] [error] error while decoding MB 9 3, bytestream 1418", 0),
]


@pytest.mark.parametrize(("line", "count"), LINES)
def test_only_what_a_decoder_gave_up_counts(line: str, count: int) -> None:
    damage = Damage()
    damage.hear(line)
    assert damage.count == count


@pytest.mark.parametrize(("frames", "corrupt"), [(0, True), (199, True), (200, False), (90_000, False)])
def test_one_in_a_hundred_is_let_pass_and_told(frames: int, corrupt: bool) -> None:
    damage, reporter = Damage(), Noting()
    damage.frames = frames
    for _ in range(2):
        damage.hear(LINES[0][0])
    if corrupt:
        with pytest.raises(JobError, match="2 pictures or sounds of a source are damaged") as error:
            damage.judge(reporter)  # type: ignore[arg-type]
        assert (error.value.reason, error.value.retryable) == ("SourceCorrupt", False)
    else:
        damage.judge(reporter)  # type: ignore[arg-type]
        assert reporter.notes == ["2 pictures or sounds of a source are damaged"]


def test_nothing_is_said_of_whole_sources() -> None:
    reporter = Noting()
    Damage().judge(reporter)  # type: ignore[arg-type]
    assert reporter.notes == []
