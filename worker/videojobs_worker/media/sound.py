"""How sound is encoded: the encoder, its bit rate, and a channel layout that encoders and players know. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from videojobs_protocol.work import AUDIO_CODECS, AudioCodec, Container, MediaOutput
from videojobs_worker.media.source import AudioStream


@dataclass(frozen=True)
class Encoder:
    """An encoder of ffmpeg.

    Args:
        name: ffmpeg's.
        bitrate_bps: bits a second of each pair of channels; None where all of the sound is kept.
        highest_bps: the most bits a second of each channel that it takes.
        channels: the most that it takes.
        stream_codec: what ffprobe calls what it makes.
        options: others that it always gets, each with its value.
    """

    name: str
    bitrate_bps: int | None
    channels: int
    stream_codec: str
    highest_bps: int | None = None
    options: tuple[tuple[str, str], ...] = ()


#: Noise that stands for what is hardly heard: ffmpeg's makes short tones louder by up to 2 dB.
_WITHOUT_NOISE: Final = (("aac_pns", "0"),)
ENCODERS: Final[Mapping[AudioCodec, Encoder]] = {
    "aac": Encoder("aac", 128_000, 8, "aac", options=_WITHOUT_NOISE),
    "opus": Encoder("libopus", 96_000, 8, "opus", 256_000),
    "mp3": Encoder("libmp3lame", 192_000, 2, "mp3"),
    "flac": Encoder("flac", None, 8, "flac"),
    "pcm": Encoder("pcm_s16le", None, 8, "pcm_s16le"),
}
#: Layouts that all encoders and players know, by their channels. What lies between becomes the next larger one.
LAYOUTS: Final[Mapping[int, str]] = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


#: Ambisonics have no channels of places: two cardioids, to the left and to the right, of W and Y (ACN, SN3D).
_AMBISONIC_STEREO: Final = "pan=stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0-0.5*c1"


def audio_codec(output: MediaOutput, container: Container) -> AudioCodec:
    """What was asked for, or what the container usually holds."""
    return output.audio.codec or AUDIO_CODECS[container][0]


def standard_channels(channels: int, most: int = 8) -> int:
    """How many channels sound of so many gets: of the smallest standard layout that has room for all of them."""
    allowed = [count for count in LAYOUTS if count <= most]
    return next((count for count in allowed if count >= channels), allowed[-1])


def encoded_channels(codec: AudioCodec, stream: AudioStream) -> int:
    """Channels of a stream once it is encoded."""
    if _is_ambisonic(stream) or (_unknown(stream) and stream.channels not in LAYOUTS):
        return 2
    return standard_channels(stream.channels, ENCODERS[codec].channels)


def layout_filter(stream: AudioStream, channels: int) -> str:
    """The filter that brings a stream into a standard layout.

    swresample mixes layouts by the places of their channels. It has none for a single channel of another place than
    the middle, or where the file does not say which channel is which: then channels are taken by their numbers.
    """
    mixed = f"aformat=channel_layouts={LAYOUTS[channels]}"
    if _is_ambisonic(stream):
        placed = _AMBISONIC_STEREO if stream.channels > 1 else "pan=mono|c0=c0"
    elif stream.channels == 1:
        placed = "pan=mono|c0=c0"
    elif _unknown(stream):
        taken = stream.channels if stream.channels in LAYOUTS else 2
        placed = f"pan={LAYOUTS[taken]}|{'|'.join(f'c{number}=c{number}' for number in range(taken))}"
    else:
        return mixed
    return placed if placed.startswith(f"pan={LAYOUTS[channels]}|") else f"{placed},{mixed}"


def layout_note(stream: AudioStream, channels: int) -> str:
    """Which channels of a stream are lost in a layout of so many, in words; empty where all are mixed into it."""
    if not _unknown(stream) or stream.channels in LAYOUTS:
        return ""
    return f"nothing says where the {stream.channels} channels of its sound belong: the first {channels} are taken"


def filter_input(number: int, stream: AudioStream) -> str:
    """How a filter graph begins that takes a stream of an input; left and right that are apart are joined."""
    if stream.right is None:
        return f"[{number}:{stream.index}]"
    return f"[{number}:{stream.index}][{number}:{stream.right}]join=inputs=2:channel_layout=stereo,"


def _is_ambisonic(stream: AudioStream) -> bool:
    return stream.layout.startswith("ambisonic")


def _unknown(stream: AudioStream) -> bool:
    return not stream.layout or stream.layout.endswith(" channels")


def audio_arguments(
    output: MediaOutput, container: Container, channels: int = 2, stream: int | None = None
) -> tuple[str, ...]:
    """Encoder and bit rate of the sound.

    Args:
        output: what is asked for.
        container: what it is written into.
        channels: how many it has.
        stream: the number of the output's stream of sound; None for all.
    """
    codec = audio_codec(output, container)
    if codec == "none":
        return ("-an",)
    which = "" if stream is None else f":{stream}"
    if codec == "copy":
        return (f"-c:a{which}", "copy")
    encoder = ENCODERS[codec]
    usual_bps = None if encoder.bitrate_bps is None else encoder.bitrate_bps * math.ceil(channels / 2)
    bitrate_bps = output.audio.bitrate_bps or usual_bps
    if bitrate_bps and encoder.highest_bps:
        bitrate_bps = min(bitrate_bps, encoder.highest_bps * channels)
    rate = () if encoder.bitrate_bps is None else (f"-b:a{which}", str(bitrate_bps))
    options = [word for name, value in encoder.options for word in (f"-{name}:a{which}", value)]
    return (f"-c:a{which}", encoder.name, *rate, *options)
