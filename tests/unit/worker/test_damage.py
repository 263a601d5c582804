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


def heard(count: int, frames: int) -> Damage:
    damage = Damage()
    for _ in range(count):
        damage.hear(LINES[0][0])
    damage.add(0, "", frames)
    return damage


@pytest.mark.parametrize(
    ("count", "frames", "corrupt"),
    [
        (1, 10, False),  # a short clip with a glitch
        (10, 30, False),
        (11, 30, True),
        (11, 1099, True),
        (11, 1100, False),
        (900, 90_000, False),
        (901, 90_000, True),
        (5, 10, True),  # half of it
        (2, 0, True),  # nothing could be made
    ],
)
def test_a_share_and_a_number_are_let_pass_and_told(count: int, frames: int, corrupt: bool) -> None:
    damage, reporter = heard(count, frames), Noting()
    if corrupt:
        with pytest.raises(JobError, match=f"{count} pictures or sounds of a source are damaged") as error:
            damage.judge(reporter)  # type: ignore[arg-type]
        assert (error.value.reason, error.value.retryable) == ("SourceCorrupt", False)
    else:
        damage.judge(reporter)  # type: ignore[arg-type]
        assert reporter.notes == [f"{count} pictures or sounds of a source are damaged"]


def test_who_wants_none_gets_none() -> None:
    with pytest.raises(JobError, match="set it to Tolerate") as error:
        heard(1, 90_000).judge(Noting(), "Fail")  # type: ignore[arg-type]
    assert error.value.reason == "SourceCorrupt"
    heard(0, 90_000).judge(Noting(), "Fail")  # type: ignore[arg-type]


def test_nothing_is_said_of_whole_sources() -> None:
    reporter = Noting()
    Damage().judge(reporter)  # type: ignore[arg-type]
    assert reporter.notes == []
