"""What an output may not ask for together, in the words of a VideoJob's admission rules."""

from __future__ import annotations

from collections.abc import Iterator

from videojobs_protocol.work import MAX_CRF, MediaOutput, VideoSettings
from videojobs_worker.tasks.argument import ArgumentError


def check(output: MediaOutput) -> None:
    """Refuse it before anything is fetched for it.

    Raises:
        ArgumentError: the first thing that cannot be meant.
    """
    for problem in (*_of_the_picture(output.video), *_of_the_container(output)):
        raise ArgumentError(problem)


def check_encoded(output: MediaOutput) -> None:
    """What a render makes is encoded in any case.

    Raises:
        ArgumentError: it should be copied.
    """
    if output.video.codec == "copy":
        raise ArgumentError("codec: a render encodes: choose h264, h265, vp9 or av1")
    if output.audio.codec == "copy":
        raise ArgumentError("audio_codec: a render joins sounds: choose aac, opus or none")


def _of_the_picture(video: VideoSettings) -> Iterator[str]:
    if video.crf is not None and video.bitrate_bps is not None:
        yield "set crf or bitrate, not both"
    if video.codec == "copy" and video != VideoSettings("copy"):
        yield (
            "codec copy changes nothing: leave out width, height, fps, crf, bitrate and pixel_format, "
            "or choose another codec"
        )
    highest = MAX_CRF.get(video.codec)
    if video.crf is not None and highest is not None and video.crf > highest:
        yield f"crf: {video.crf} is more than {highest}, the highest of {video.codec}"
    if video.codec == "av1" and video.pixel_format not in ("yuv420p", "yuv420p10le"):
        yield "av1 is encoded as yuv420p or yuv420p10le: choose one of them, or another codec"


def _of_the_container(output: MediaOutput) -> Iterator[str]:
    if output.container == "webm" and output.video.codec not in ("vp9", "av1", "copy"):
        yield "webm holds vp9 or av1: set codec, or choose mp4 or mkv"
    if output.container == "webm" and output.audio.codec == "aac":
        yield "webm holds opus: set audio_codec to opus, copy or none, or choose mp4 or mkv"
