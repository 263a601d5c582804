"""One gain brings sound to a loudness; peaks that would be too high then are limited, and that is reported."""

from __future__ import annotations

import pytest

from videojobs_worker.media.loudness import Loudness, gain_filters, loudness_note, read_loudness

SUMMARY = """\
[info] [Parsed_ebur128_1 @ 0x55d] Summary:
[info]
[info]   Integrated loudness:
[info]     I:         {integrated} LUFS
[info]     Threshold: -31.8 LUFS
[info]
[info]   Loudness range:
[info]     LRA:         0.0 LU
[info]
[info]   True peak:
[info]     Peak:      {peak} dBFS
"""


@pytest.mark.parametrize(
    ("integrated", "peak", "read"),
    [
        ("-21.8", "-18.1", Loudness(-21.8, -18.1)),
        ("-70.0", "-inf", Loudness(-70.0, -70.0)),
        ("nan", "nan", Loudness(-70, -70)),
    ],
)
def test_the_meters_summary_is_read(integrated: str, peak: str, read: Loudness) -> None:
    lines = SUMMARY.format(integrated=integrated, peak=peak).splitlines()
    assert read_loudness(["[info]     I:  -3.0 LUFS", *lines]) == read


def test_a_run_without_a_summary_has_measured_nothing() -> None:
    assert read_loudness(["[error] Invalid data found"]) is None


@pytest.mark.parametrize(
    ("measured", "filters", "note"),
    [
        (Loudness(-21.0, -18.0), "volume=5.00dB", ""),
        (Loudness(-10.0, -0.5), "volume=-6.00dB", ""),
        (
            Loudness(-30.0, -6.0),
            "volume=14.00dB,alimiter=limit=0.8913:level=false",
            "at -16 LUFS peaks would reach 8.0 dBTP: they are limited to -1",
        ),
        (Loudness(-70.0, -70.0), "", "the sound is silent: its loudness is left as it is"),
    ],
)
def test_gain(measured: Loudness, filters: str, note: str) -> None:
    assert (gain_filters(measured, -16), loudness_note(measured, -16)) == (filters, note)
