"""Sound comes out in a layout that players know, at a bit rate that fits its channels."""

from __future__ import annotations

import pytest

from tests.unit.worker.builders import after, audio
from videojobs_protocol.work import AUDIO_CODECS, AudioCodec, AudioSettings, MediaOutput
from videojobs_worker.media.containers import CONTAINERS
from videojobs_worker.media.sound import (
    ENCODERS,
    LAYOUTS,
    audio_arguments,
    encoded_channels,
    filter_input,
    layout_filter,
    layout_note,
)


@pytest.mark.parametrize(
    ("channels", "layout", "codec", "becomes", "text"),
    [
        (1, "mono", "aac", 1, "pan=mono|c0=c0"),
        (1, "FL", "aac", 1, "pan=mono|c0=c0"),
        (2, "stereo", "aac", 2, "aformat=channel_layouts=stereo"),
        (2, "2 channels (FC+LFE)", "aac", 2, "aformat=channel_layouts=stereo"),
        (3, "2.1", "aac", 6, "aformat=channel_layouts=5.1"),
        (6, "5.1(side)", "opus", 6, "aformat=channel_layouts=5.1"),
        (6, "hexagonal", "aac", 6, "aformat=channel_layouts=5.1"),
        (8, "octagonal", "flac", 8, "aformat=channel_layouts=7.1"),
        (16, "hexadecagonal", "opus", 8, "aformat=channel_layouts=7.1"),
        (16, "16 channels", "aac", 2, "pan=stereo|c0=c0|c1=c1"),
        (2, "", "pcm", 2, "pan=stereo|c0=c0|c1=c1"),
        (6, "", "aac", 6, "pan=5.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c4|c5=c5"),
        (6, "5.1", "mp3", 2, "aformat=channel_layouts=stereo"),
        (6, "", "mp3", 2, "pan=5.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c4|c5=c5,aformat=channel_layouts=stereo"),
        (4, "", "aac", 2, "pan=stereo|c0=c0|c1=c1"),
        (4, "ambisonic 1", "aac", 2, "pan=stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0-0.5*c1"),
        (9, "ambisonic 2", "opus", 2, "pan=stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0-0.5*c1"),
    ],
)
def test_layouts(channels: int, layout: str, codec: AudioCodec, becomes: int, text: str) -> None:
    stream = audio(channels=channels, layout=layout)
    assert encoded_channels(codec, stream) == becomes
    assert layout_filter(stream, becomes) == text


@pytest.mark.parametrize(
    ("codec", "channels", "bitrate"),
    [
        ("aac", 1, "128000"), ("aac", 2, "128000"), ("aac", 6, "384000"), ("aac", 8, "512000"),
        ("opus", 2, "96000"), ("opus", 6, "288000"), ("mp3", 2, "192000"), ("flac", 6, None), ("pcm", 2, None),
    ],
)  # fmt: skip
def test_a_pair_of_channels_has_its_bit_rate(codec: AudioCodec, channels: int, bitrate: str | None) -> None:
    made = audio_arguments(MediaOutput("file:///a.mkv", audio=AudioSettings(codec)), "mkv", channels)
    assert after(made, "-b:a") == ([bitrate] if bitrate else [])


@pytest.mark.parametrize(
    ("channels", "layout", "note"),
    [
        (2, "", ""),
        (6, "", ""),
        (4, "quad", ""),
        (4, "", "nothing says where the 4 channels of its sound belong: the first 2 are taken"),
        (16, "16 channels", "nothing says where the 16 channels of its sound belong: the first 2 are taken"),
    ],
)
def test_channels_that_are_lost_are_reported(channels: int, layout: str, note: str) -> None:
    stream = audio(channels=channels, layout=layout)
    assert layout_note(stream, encoded_channels("aac", stream)) == note


@pytest.mark.parametrize(
    ("codec", "channels", "asked", "given"),
    [
        ("opus", 1, 500_000, "256000"), ("opus", 2, 512_000, "512000"), ("opus", 6, 2_000_000, "1536000"),
        ("aac", 2, 2_000_000, "2000000"), ("mp3", 2, 64_000, "64000"),
    ],
)  # fmt: skip
def test_a_bit_rate_is_no_higher_than_the_encoder_takes(
    codec: AudioCodec, channels: int, asked: int, given: str
) -> None:
    output = MediaOutput("file:///a.mkv", audio=AudioSettings(codec, bitrate_bps=asked))
    assert after(audio_arguments(output, "mkv", channels), "-b:a") == [given]


def test_two_streams_that_are_left_and_right_are_joined() -> None:
    assert filter_input(2, audio(index=1)) == "[2:1]"
    assert filter_input(2, audio(index=1, right=3)) == "[2:1][2:3]join=inputs=2:channel_layout=stereo,"


def test_whatever_a_container_is_given_it_holds() -> None:
    for container, codecs in AUDIO_CODECS.items():
        assert {ENCODERS[codec].stream_codec for codec in codecs} <= CONTAINERS[container].audio
        assert all(ENCODERS[codec].channels in LAYOUTS for codec in codecs)
