"""Sound of every layout: an encoder's standard layout, a bit rate that fits, the same loudness."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support import filmed, measure
from tests.support.agreement import differences
from tests.support.cases import pictures, sounds
from tests.support.cases.case import Case, Maker
from tests.support.cases.trial import Library, Trial

STANDARD = ("mono", "stereo", "5.1", "7.1")
LAYOUTS = list(sounds.LAYOUTS)
CODECS = {"aac": "out.mp4", "opus": "out.mkv"}


@pytest.mark.parametrize("maker", rows(sounds.mono_left, sounds.side51, sounds.telephone, sounds.studio))
def test_a_transcode_keeps_the_sound_of_unusual_files(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    made = trial.transcode(case.path)
    packet_s = 1024 / int(filmed.stream_of(case.path, "a")["sample_rate"])
    assert differences(case.film, made.film, 0.04 + packet_s) == []
    assert measure.loudness_lufs(made.path) == pytest.approx(measure.loudness_lufs(case.path), abs=0.5)


def test_short_tones_are_as_loud_in_aac(trial: Trial, library: Library) -> None:
    """Of MPEG's layer 2: ffmpeg's noise substitution made the first of them louder by 2 dB."""
    case: Case = library.get(pictures.interlaced)
    made = trial.transcode(case.path)
    assert measure.loudness_lufs(made.path) == pytest.approx(measure.loudness_lufs(case.path), abs=0.5)


@pytest.mark.ffmpeg_matrix
def test_sound_of_which_packets_were_lost_stays_with_its_picture(trial: Trial, library: Library) -> None:
    case: Case = library.get(sounds.lost_packets)
    assert differences(case.film, trial.transcode(case.path).film) == []
    assert differences(case.film.cut(0.1, 2.9), trial.render((case.path, 0.1, 2.9)).film) == []


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_brought_to_a_standard_one(trial: Trial, library: Library, layout: str, codec: str) -> None:
    case: Case = library.get(sounds.of_layout, layout)
    made = trial.transcode(case.path, CODECS[codec], audio={"codec": codec})
    assert filmed.stream_of(made.path, "a").get("channel_layout") in STANDARD
    assert len(made.film.beeps_s) == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_rendered(trial: Trial, library: Library, layout: str) -> None:
    case: Case = library.get(sounds.of_layout, layout)
    made = trial.render((case.path, 0.1, 1.1))
    assert filmed.stream_of(made.path, "a").get("channel_layout") in STANDARD
    assert differences(case.film.cut(0.1, 1.1), made.film) == []


@pytest.mark.parametrize(("codec", "bits"), [("aac", 48_000), ("opus", 32_000)])
def test_six_channels_have_the_bits_of_six(trial: Trial, library: Library, codec: str, bits: int) -> None:
    """So many a second and channel; counted in the packets, as containers may not say."""
    case: Case = library.get(sounds.noise51)
    made = trial.transcode(case.path, CODECS[codec], audio={"codec": codec}).path
    assert filmed.stream_of(made, "a")["channels"] == 6
    assert bits_a_second(made) > 6 * bits


def bits_a_second(path: Path) -> float:
    packets = filmed.packets(path, "a")
    return sum(int(packet["size"]) for packet in packets) * 8 / 3


def test_the_worker_maps_a_left_channel_to_mono(worker_trial: Trial, library: Library) -> None:
    case: Case = library.get(sounds.mono_left)
    made = worker_trial.transcode(case.path)
    assert differences(case.film, made.film) == []
    assert filmed.stream_of(made.path, "a")["channel_layout"] == "mono"
