"""A VideoJob's spec as the work that is sent to workers: seconds, pixels, bits per second."""

from __future__ import annotations

from videojobs_operator.api import media
from videojobs_operator.api.types import bits_per_second, frames_per_second, seconds
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_protocol import work


def work_of(spec: VideoJobSpec) -> work.Work:
    """The one piece of work that a valid spec holds."""
    if spec.render:
        return _render(spec.render)
    if spec.preview:
        return _preview(spec.preview)
    if spec.transcode:
        outputs = tuple(_output(output) for output in spec.transcode.outputs)
        return work.Transcode(spec.transcode.source.uri, outputs)
    if spec.caption:
        return _caption(spec.caption)
    raise ValueError("spec holds no work")


def _render(spec: media.Render) -> work.Render:
    transition, subtitles = spec.transition, spec.subtitles
    return work.Render(
        scenes=tuple(
            work.Scene(scene.source.uri, seconds(scene.start), seconds(scene.end) if scene.end else None)
            for scene in spec.scenes
        ),
        output=_output(spec.output),
        transition=work.Transition(transition.type, seconds(transition.duration)) if transition else None,
        subtitles=work.Subtitles(subtitles.uri, subtitles.mode) if subtitles else None,
    )


def _preview(spec: media.Preview) -> work.Preview:
    return work.Preview(
        uri=spec.source.uri,
        output_uri=spec.output.uri,
        frames=spec.frames or 10,
        times_s=tuple(seconds(time) for time in spec.times or ()),
        width=spec.output.width,
        format=spec.output.format,
        sprite=work.Sprite(spec.output.sprite.columns, spec.output.sprite.width) if spec.output.sprite else None,
    )


def _caption(spec: media.Caption) -> work.Caption:
    return work.Caption(
        uri=spec.source.uri,
        output_uri=spec.output.uri,
        model=spec.model,
        language=spec.language,
        translate=spec.translate,
        format=spec.output.format,
        engine=spec.engine,
        word_times=spec.output.word_timestamps,
    )


def _output(spec: media.MediaOutput) -> work.MediaOutput:
    video, audio = spec.video, spec.audio
    return work.MediaOutput(
        uri=spec.uri,
        container=spec.container,
        video=work.VideoSettings(
            codec=video.codec,
            width=video.width,
            height=video.height,
            fps=frames_per_second(video.fps) if video.fps else None,
            crf=video.crf,
            bitrate_bps=bits_per_second(video.bitrate) if video.bitrate else None,
            pixel_format=video.pixel_format,
        ),
        audio=work.AudioSettings(audio.codec, bits_per_second(audio.bitrate) if audio.bitrate else None),
    )
