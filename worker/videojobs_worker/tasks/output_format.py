"""``output_format``: the file that a plain client wants, as a media output. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from videojobs_protocol.limits import LIMITS, SELECTOR
from videojobs_protocol.work import (
    AUDIO_CONTAINERS,
    MAX_CRF,
    AudioCodec,
    AudioSettings,
    Container,
    Fit,
    MediaOutput,
    PixelFormat,
    VideoCodec,
    VideoSettings,
)
from videojobs_worker.storage.files import file_uri
from videojobs_worker.tasks import combinations
from videojobs_worker.tasks.argument import Argument, mapping

_LOUDNESS = LIMITS["AudioSettings", "loudness_lufs"]
_SELECTORS = "all, default, a number (0 is the first), or the ISO 639 code of a language, at most 16 of them"

CONTAINER = Argument(
    "container", "choice", "Kind of file; the last five hold sound alone.", "mp4", allowed=get_args(Container)
)
RENDER_CONTAINER = Argument(
    "container",
    "choice",
    "Kind of file.",
    "mp4",
    allowed=tuple(name for name in get_args(Container) if name not in AUDIO_CONTAINERS),
)
CODEC = Argument(
    "codec", "choice", "Codec of the picture; in webm vp9 is the default.", "h264", allowed=get_args(VideoCodec)
)
WIDTH = Argument("width", "whole", "One side given keeps the aspect; odd is made even.", None, "pixels", 16, 8192)
HEIGHT = Argument("height", "whole", "One side given keeps the aspect; odd is made even.", None, "pixels", 16, 8192)
FIT = Argument(
    "fit",
    "choice",
    "A picture of another aspect than width and height gets bars, is cut, is stretched, or gets blurred bars.",
    "Pad",
    allowed=get_args(Fit),
)
FPS = Argument("fps", "number", "Frame rate; left out: the source's.", None, "frames a second", 1, 240)
BITRATE = Argument("bitrate", "bit rate", "Such as 800k or 5M, from 1k; left out: by quality.", None, "bits a second")
CRF = Argument(
    "crf",
    "whole",
    "Quality, lower is better; at most 51 with h264 and h265. Left out: the codec's usual one.",
    None,
    "",
    0,
    max(MAX_CRF.values()),
)
PIXEL_FORMAT = Argument(
    "pixel_format",
    "choice",
    "Chroma and depth, by ffmpeg's name. HDR stays HDR in yuv420p10le, else it becomes SDR.",
    "yuv420p",
    allowed=get_args(PixelFormat),
)
AUDIO_CODEC = Argument(
    "audio_codec",
    "choice",
    "Codec of the sound; none drops it. Left out: what the container uses.",
    allowed=get_args(AudioCodec),
)
AUDIO_BITRATE = Argument("audio_bitrate", "bit rate", "Such as 128k, from 1k.", None, "bits a second")
LOUDNESS = Argument(
    "loudness",
    "whole",
    "Integrated loudness that the sound is brought to (EBU R 128). Left out: as it is.",
    None,
    "LUFS",
    _LOUDNESS.least,
    _LOUDNESS.most,
)
AUDIO_STREAMS = Argument(
    "audio_streams",
    "patterns",
    f"Streams of sound to take: {_SELECTORS}. Left out: the default one.",
    (),
    "a selector of streams",
    most=LIMITS["AudioSettings", "streams"].size,
    allowed=(SELECTOR,),
)
SUBTITLE_STREAMS = Argument(
    "subtitle_streams",
    "patterns",
    f"Streams of subtitles to take: {_SELECTORS}. Left out: none.",
    (),
    "a selector of streams",
    most=LIMITS["MediaOutput", "subtitle_streams"].size,
    allowed=(SELECTOR,),
)

_SETTINGS = (CODEC, WIDTH, HEIGHT, FIT, FPS, BITRATE, CRF, PIXEL_FORMAT, AUDIO_CODEC, AUDIO_BITRATE, LOUDNESS)
#: Of a render: its sound is that of its scenes.
RENDER_FORMAT = (RENDER_CONTAINER, *_SETTINGS)
#: Of a transcode.
FORMAT = (CONTAINER, *_SETTINGS, AUDIO_STREAMS, SUBTITLE_STREAMS)
_NAMES = tuple(argument.name for argument in FORMAT)


def render_output(form: Mapping[str, Any], folder: Path, task_id: str) -> MediaOutput:
    """What a render makes: everything in it is encoded.

    Raises:
        ArgumentError: an argument cannot be meant.
    """
    output = _output(form, RENDER_CONTAINER, folder, task_id)
    combinations.check_render(output)
    return output


def media_output(form: Mapping[str, Any], folder: Path, task_id: str) -> MediaOutput:
    """What a transcode makes.

    Raises:
        ArgumentError: an argument cannot be meant.
    """
    return _output(form, CONTAINER, folder, task_id)


def _output(form: Mapping[str, Any], containers: Argument, folder: Path, task_id: str) -> MediaOutput:
    container = containers.read(mapping("output_format", form, _NAMES))
    output = MediaOutput(
        uri=file_uri(folder / f"{task_id}.{container}"),
        container=container,
        video=_video(form, "vp9" if container == "webm" else "h264"),
        audio=AudioSettings(
            AUDIO_CODEC.read(form), AUDIO_BITRATE.read(form), LOUDNESS.read(form), AUDIO_STREAMS.read(form)
        ),
        subtitle_streams=SUBTITLE_STREAMS.read(form),
    )
    combinations.check(output)
    return output


def _video(form: Mapping[str, Any], usual: VideoCodec) -> VideoSettings:
    return VideoSettings(
        codec=CODEC.read(form, usual),
        width=WIDTH.read(form),
        height=HEIGHT.read(form),
        fps=FPS.read(form),
        crf=CRF.read(form),
        bitrate_bps=BITRATE.read(form),
        pixel_format=PIXEL_FORMAT.read(form),
        fit=FIT.read(form),
    )
