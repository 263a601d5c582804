"""Which streams of a source already are what an output asks for, and are copied; why the others are not. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from videojobs_protocol.work import Container, MediaOutput, PixelFormat, VideoCodec
from videojobs_worker.media import encoders, sound
from videojobs_worker.media.colour import Colour, colour_of, is_mapped, same
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import target_size
from videojobs_worker.media.source import AudioStream, VideoStream


@dataclass(frozen=True)
class WantedPicture:
    """What a picture stream must be. ``fps=None`` and ``colour=None`` are not asked."""

    codec: VideoCodec
    size: tuple[int, int]
    fps: float | None
    pixel_format: PixelFormat
    colour: Colour | None = None


def differences(stream: VideoStream, wanted: WantedPicture) -> list[str]:
    """What a picture stream is and should not be, field by field; empty where it can be taken as it is."""
    width, height = wanted.size
    rows: list[tuple[str, object, object]] = [
        ("codec", stream.codec, encoders.PROBE_NAMES.get(wanted.codec)),
        ("size", f"{stream.width}x{stream.height}", f"{width}x{height}"),
        ("sample aspect", f"{stream.sample_aspect:g}", "1"),
        ("pixel format", stream.pixel_format, wanted.pixel_format),
        ("light", "HDR" if is_mapped(stream, wanted.pixel_format) else "SDR", "SDR"),
        ("rotation", stream.rotation, 0),
        ("orientation", "mirrored" if stream.mirrored else "upright", "upright"),
        ("field order", "interlaced" if stream.interlaced else "progressive", "progressive"),
    ]
    if wanted.colour is not None and not same(own := colour_of(stream), wanted.colour):
        rows.append(("colour", own.name, wanted.colour.name))
    if wanted.fps is not None:
        rows.append(("frame rate", str(rate(stream.fps)), str(rate(wanted.fps))))
    found = [f"its {name} is {has}, not {should}" for name, has, should in rows if has != should]
    if stream.changes_size:
        found.append("its size changes midway")
    if not stream.times.timed:
        found.append("its frames have no timestamps")
    return found if wanted.fps is None or stream.times.constant else [*found, "its frame rate is not constant"]


def picture_differences(output: MediaOutput, stream: VideoStream) -> list[str]:
    """Why a transcode encodes the picture; empty where it is copied."""
    video = output.video
    if video.codec == "copy":
        return []
    size = target_size(stream, video.width, video.height)
    asked = {"a quality": video.crf, "a bit rate": video.bitrate_bps}
    found = [f"{name} was asked for" for name, value in asked.items() if value is not None]
    return found + differences(stream, WantedPicture(video.codec, size, video.fps, video.pixel_format))


def sound_differences(output: MediaOutput, container: Container, audio: AudioStream) -> list[str]:
    """Why a transcode encodes the sound; empty where it is copied."""
    codec = sound.audio_codec(output, container)
    if codec == "copy":
        return []
    encoder = sound.ENCODERS[codec]
    bitrate_bps = None if encoder.bitrate_bps is None else output.audio.bitrate_bps  # lossless codecs have none
    asked = {"a bit rate": bitrate_bps, "a loudness": output.audio.loudness_lufs}
    found = [f"{name} was asked for" for name, value in asked.items() if value is not None]
    if audio.right is not None:
        found.append("its left and right channels are two streams")
    return found if audio.codec == encoder.stream_codec else [*found, f"its codec is {audio.codec}, not {codec}"]
