"""Room for an index is left where it can be told, and is never too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ffmpeg import ffmpeg
from videojobs_worker.media.mp4_index import REWRITTEN, in_front


def test_little_room_is_left_in_a_large_file() -> None:
    assert in_front(10_000, 1e9) == ("-moov_size", "505536")


def test_much_room_is_not_left_in_a_small_one() -> None:
    assert in_front(10_000, 1e7) == REWRITTEN


@pytest.mark.parametrize("gop", [1, 250])
def test_the_room_is_enough_for_the_worst_that_ffmpeg_writes(tmp_path: Path, gop: int) -> None:
    """Frames of uneven length and out of order, and sound between them: a chunk for each packet."""
    source, made = tmp_path / "source.mp4", tmp_path / "made.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=375/8:duration=20")
    sound = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=20")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", str(gop), "-c:a", "aac")
    ffmpeg(*picture, *sound, *coded, str(source))
    uneven = "setts=pts=PTS+floor(random(0)*9):dts=DTS-floor(random(1)*9)"
    packets = 940 + 940
    options = in_front(packets, 1e12)
    ffmpeg("-i", str(source), "-c", "copy", "-bsf:v", uneven, *options, str(made))
    data = made.read_bytes()
    at = int.from_bytes(data[:4])
    assert (data[4:8], data[at + 4 : at + 8]) == (b"ftyp", b"moov")
    assert int.from_bytes(data[at : at + 4]) > 12 * packets, "of 44 that it may have"
