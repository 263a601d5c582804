"""What an output may not ask for together, in the words of a VideoJob's admission rules."""

from __future__ import annotations

from collections.abc import Iterator

from videojobs_protocol.work import AUDIO_CODECS, AUDIO_CONTAINERS, MAX_CRF, AudioSettings, MediaOutput, VideoSettings
from videojobs_worker.tasks.argument import ArgumentError


def check(output: MediaOutput) -> None:
    """Refuse it before anything is fetched for it.

    Raises:
        ArgumentError: the first thing that cannot be meant.
    """
    for problem in (*_of_the_picture(output.video), *_of_the_sound(output.audio), *_of_the_container(output)):
        raise ArgumentError(problem)


def check_render(output: MediaOutput) -> None:
    """What a render makes is encoded in any case, and its scenes have their own streams.

    Raises:
        ArgumentError: the first thing that cannot be meant.
    """
    if output.video.codec == "copy":
        raise ArgumentError("codec: a render encodes: choose h264, h265, vp9 or av1")
    if output.audio.codec == "copy":
        raise ArgumentError("audio_codec: a render joins sounds: choose another, or none")
    if output.audio.streams:
        raise ArgumentError("audio_streams: a render takes the default sound of its scenes: leave it out")
    if output.subtitle_streams:
        raise ArgumentError("subtitle_streams: a render takes none of its scenes' subtitles: leave it out")


def _of_the_picture(video: VideoSettings) -> Iterator[str]:
    if video.crf is not None and video.bitrate_bps is not None:
        yield "set crf or bitrate, not both"
    if video.codec == "copy" and video != VideoSettings("copy", fit=video.fit):
        yield (
            "codec copy changes nothing: leave out width, height, fps, crf, bitrate and pixel_format, "
            "or choose another codec"
        )
    highest = MAX_CRF.get(video.codec)
    if video.crf is not None and highest is not None and video.crf > highest:
        yield f"crf: {video.crf} is more than {highest}, the highest of {video.codec}"
    if video.codec == "av1" and video.pixel_format not in ("yuv420p", "yuv420p10le"):
        yield "av1 is encoded as yuv420p or yuv420p10le: choose one of them, or another codec"


def _of_the_sound(audio: AudioSettings) -> Iterator[str]:
    if audio.loudness_lufs is not None and audio.codec in ("copy", "none"):
        yield "loudness changes the sound: choose an audio_codec instead of copy and none, or leave loudness out"


def _of_the_container(output: MediaOutput) -> Iterator[str]:
    container, codec = output.container or "mp4", output.audio.codec
    if container == "webm" and output.video.codec not in ("vp9", "av1", "copy"):
        yield "webm holds vp9 or av1: set codec, or choose mp4 or mkv"
    if container in AUDIO_CONTAINERS:
        yield from _of_sound_alone(output)
    if codec and codec not in (*AUDIO_CODECS[container], "copy", "none"):
        held = " or ".join(AUDIO_CODECS[container])
        yield f"{container} holds {held}: leave audio_codec out, or choose another container"


def _of_sound_alone(output: MediaOutput) -> Iterator[str]:
    alone = f"{output.container} holds sound alone"
    if output.video != VideoSettings():
        yield (
            f"{alone}: leave out codec, width, height, fit, fps, bitrate, crf and pixel_format, "
            "or choose mp4, webm or mkv"
        )
    if output.subtitle_streams:
        yield f"{alone}: leave out subtitle_streams, or choose mp4, webm or mkv"
    if output.audio.codec == "none":
        yield f"{alone}: leave out audio_codec none, or choose mp4, webm or mkv"
