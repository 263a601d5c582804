"""A run of a render takes no more memory than it may, as far as its scenes can be shared out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source, video
from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.render.run_size import MOST_SCENES, RUN_BYTES, decoder_threads, run_bytes, scenes_a_run

FULL_HD, UHD = (1920, 1080), (3840, 2160)


def scenes(size: tuple[int, int], threads: int) -> int:
    width, height = size
    return scenes_a_run([Cut(source(picture=video(width=width, height=height)), 0.0, 1.0)], threads)


@pytest.mark.parametrize(
    ("size", "threads", "count"),
    [((1280, 720), 2, 16), (FULL_HD, 1, 13), (FULL_HD, 2, 11), (FULL_HD, 4, 9), (FULL_HD, 8, 3), (UHD, 1, 2)],
)
def test_how_many_scenes(size: tuple[int, int], threads: int, count: int) -> None:
    assert scenes(size, threads) == count


@given(st.integers(16, 7680), st.integers(16, 4320), st.integers(1, 8))
def test_it_fits_or_is_as_small_as_can_be(width: int, height: int, threads: int) -> None:
    count = scenes((width, height), threads)
    assert 2 <= count <= MOST_SCENES
    assert count == 2 or run_bytes(width * height, count, threads) <= RUN_BYTES


#: Megabytes that ffmpeg 5.1 took at most for scenes of two seconds in Full HD, by scenes and threads of the encoder.
MEASURED = {(16, 8): 667, (8, 8): 537, (6, 8): 504, (4, 8): 473, (16, 4): 579, (4, 4): 386}


@pytest.mark.parametrize(("row", "measured_mb"), MEASURED.items())
def test_the_estimate_is_near_what_was_measured(row: tuple[int, int], measured_mb: float) -> None:
    assert run_bytes(1920 * 1080, *row) == pytest.approx(measured_mb * 1e6, rel=0.1)


@given(st.integers(1, 64), st.integers(1, 64))
def test_decoders_share_threads_and_each_has_one(decoders: int, threads: int) -> None:
    each = decoder_threads(decoders, threads)
    assert 1 <= each <= threads
    assert each == 1 or each * decoders <= 2 * threads + decoders
