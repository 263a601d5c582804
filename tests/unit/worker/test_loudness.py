"""One gain brings sound to a loudness; peaks that would be too high then are limited, and that is reported."""

from __future__ import annotations

import pytest

from videojobs_worker.media.loudness import Gain, Loudness, gain_to, read_loudness

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


LIMITED = "aresample=192000,alimiter=limit=0.8913:level=false:latency=true,aresample=48000"


class Sound:
    """A sound that the limiter makes quieter by so much; what is louder by the gain is not."""

    def __init__(self, lufs: float, peak_db: float, lost_lu: float = 0.0) -> None:
        self.lufs, self.peak_db, self.lost_lu = lufs, peak_db, lost_lu
        self.measured: list[str] = []

    def measure(self, filters: str) -> Loudness:
        self.measured.append(filters)
        gain_db = float(filters.removeprefix("volume=").partition("dB")[0]) if filters else 0.0
        lost_lu = self.lost_lu if "alimiter" in filters else 0.0
        return Loudness(max(-70.0, self.lufs + gain_db - lost_lu), self.peak_db + gain_db)


@pytest.mark.parametrize(
    ("sound", "filters", "note"),
    [
        (Sound(-21.0, -18.0), "volume=5.00dB", ""),
        (Sound(-10.0, -0.5), "volume=-6.00dB", ""),
        (Sound(-21.0, -6.0), "volume=5.00dB", ""),
        (Sound(-70.0, -70.0), "", "the sound is silent: its loudness is left as it is"),
        (
            Sound(-30.0, -6.0),
            f"volume=14.00dB,{LIMITED}",
            "at -16 LUFS peaks would reach 8.0 dBTP: they are limited to -1",
        ),
        (
            Sound(-30.0, -6.0, lost_lu=1.5),
            f"volume=15.50dB,{LIMITED}",
            "at -16 LUFS peaks would reach 8.0 dBTP: they are limited to -1",
        ),
    ],
)
def test_one_gain_and_a_limiter_where_need_be(sound: Sound, filters: str, note: str) -> None:
    assert gain_to(-16, 48_000, sound.measure) == Gain(filters, note)


def test_what_a_limiter_cannot_reach_is_reported() -> None:
    class Stubborn(Sound):
        def measure(self, filters: str) -> Loudness:
            heard = super().measure(filters)
            return Loudness(min(heard.integrated_lufs, -20.0), heard.peak_db)

    sound = Stubborn(-30.0, -6.0)
    assert gain_to(-16, 48_000, sound.measure).note.endswith("limited to -1, which makes it -20.0 LUFS")
    assert len(sound.measured) == 6


@pytest.mark.parametrize(("rate_hz", "higher_hz"), [(8000, 184_000), (44_100, 176_400), (96_000, 192_000)])
def test_peaks_are_limited_at_a_multiple_of_the_rate(rate_hz: int, higher_hz: int) -> None:
    assert f"aresample={higher_hz}," in gain_to(-16, rate_hz, Sound(-30.0, -6.0).measure).filters
