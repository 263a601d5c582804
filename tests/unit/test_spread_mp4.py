"""The film of bench/run ranged-render: large, full of holes, and the same film."""

from __future__ import annotations

from pathlib import Path

from bench.spread_mp4 import spread
from tests.support import clips, measure

SIZE = 6 * 10**9  # more than offsets of 32 bits reach


def test_a_film_with_holes_shows_and_says_the_same(tmp_path: Path) -> None:
    small, large = clips.clip(tmp_path / "small.mp4"), tmp_path / "large.mp4"
    spread(small, large, SIZE)
    state = large.stat()
    assert state.st_size == SIZE
    assert state.st_blocks * 512 < 10 * small.stat().st_size + 10**7
    assert measure.frame_hashes(large) == measure.frame_hashes(small)
    assert measure.probe(large)["audio"]["nb_read_frames"] == measure.probe(small)["audio"]["nb_read_frames"]
