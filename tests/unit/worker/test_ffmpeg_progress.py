"""ffmpeg's progress is read whatever it holds, and never believed when it is no number."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.process.ffmpeg_progress import FfmpegProgress, ProgressParser

BLOCK = "frame=50\nfps=25.0\nout_time_us=2000000\nout_time=00:00:02.000000\nspeed=1.5x\nprogress={end}\n"


def read(text: str) -> list[FfmpegProgress]:
    parser = ProgressParser()
    return [block for line in text.splitlines() if (block := parser.feed(line))]


def test_a_block_ends_with_its_progress_line() -> None:
    blocks = read(BLOCK.format(end="continue") + BLOCK.format(end="end"))
    assert blocks == [
        FfmpegProgress(2.0, 1.5, 50, ended=False),
        FfmpegProgress(2.0, 1.5, 50, ended=True),
    ]


@pytest.mark.parametrize("unknown", ["N/A", "", "nan", "inf", "-inf", "what"])
def test_what_is_no_number_is_unknown(unknown: str) -> None:
    (block,) = read(f"frame={unknown}\nout_time_us={unknown}\nspeed={unknown}x\nprogress=continue\n")
    assert block == FfmpegProgress(None, None, None, ended=False)


def test_a_time_before_the_start_is_the_start() -> None:
    (block,) = read("out_time_us=-23220\nprogress=continue\n")
    assert block.out_time_s == 0.0


def test_blocks_do_not_leak_into_each_other() -> None:
    first, second = read(BLOCK.format(end="continue") + "progress=continue\n")
    assert first.frame == 50
    assert second == FfmpegProgress()


@given(st.lists(st.text(max_size=40) | st.sampled_from(["progress=continue", "frame=1e999", "speed=-1x"])))
def test_any_text_is_read_without_error_into_json_numbers(lines: list[str]) -> None:
    parser = ProgressParser()
    for line in lines:
        block = parser.feed(line)
        if block:
            json.dumps([block.out_time_s, block.speed, block.frame], allow_nan=False)
            assert block.out_time_s is None or (block.out_time_s >= 0 and math.isfinite(block.out_time_s))
