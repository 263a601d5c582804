"""A VideoJob's spec as the work that is sent to workers: seconds, pixels, bits per second."""

from __future__ import annotations

from dataclasses import replace

from videojobs_operator.api import media, output, render
from videojobs_operator.api.types import bits_per_second, decibels, frames_per_second, seconds
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
        return work.Transcode(spec.transcode.source.uri, outputs, spec.transcode.damage)
    if spec.caption:
        return _caption(spec.caption)
    raise ValueError("spec holds no work")


def _render(spec: render.Render) -> work.Render:
    transition, subtitles = spec.transition, spec.subtitles
    return work.Render(
        scenes=tuple(map(_scene, spec.scenes)),
        output=_render_output(spec.output),
        transition=work.Transition(transition.type, seconds(transition.duration)) if transition else None,
        subtitles=work.Subtitles(subtitles.uri, subtitles.mode) if subtitles else None,
        overlays=tuple(map(_overlay, spec.overlays)),
        titles=tuple(map(_title, spec.titles)),
        music=_music(spec.music) if spec.music else None,
        damage=spec.damage,
    )


def _scene(spec: render.Scene) -> work.Scene:
    audio, joint = spec.audio or render.SceneAudio(), spec.transition
    return work.Scene(
        uri=spec.source.uri,
        start_s=seconds(spec.start),
        end_s=_seconds(spec.end),
        duration_s=_seconds(spec.duration),
        speed=float(spec.speed or 1),
        gain_db=decibels(audio.gain) if audio.gain else 0.0,
        audio_stream=audio.stream or "",
        transition=work.Transition(joint.type, seconds(joint.duration)) if joint else None,
        chapter=spec.chapter or "",
    )


def _overlay(spec: render.Overlay) -> work.Overlay:
    return work.Overlay(
        uri=spec.source.uri,
        position=spec.position,
        margin=spec.margin,
        width=spec.width,
        opacity=spec.opacity,
        start_s=seconds(spec.start),
        end_s=_seconds(spec.end),
    )


def _title(spec: render.Title) -> work.Title:
    return work.Title(
        text=spec.text,
        font=spec.font,
        size=spec.size,
        color=spec.color,
        position=spec.position,
        margin=spec.margin,
        start_s=seconds(spec.start),
        end_s=_seconds(spec.end),
    )


def _music(spec: render.Music) -> work.Music:
    return work.Music(
        uri=spec.source.uri,
        gain_db=decibels(spec.gain) if spec.gain else 0.0,
        ducking_db=decibels(spec.ducking) if spec.ducking else None,
        loop=spec.loop,
        fade_out_s=seconds(spec.fade_out),
    )


def _seconds(duration: str | None) -> float | None:
    return None if duration is None else seconds(duration)


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
        audio_stream=spec.audio_stream or "",
    )


def _output(spec: output.MediaOutput) -> work.MediaOutput:
    streams = tuple(spec.audio.streams or ())
    return work.MediaOutput(
        uri=spec.uri,
        container=spec.container,
        video=_video(spec.video) if spec.video else work.VideoSettings(),
        audio=replace(_audio(spec.audio), streams=streams),
        subtitle_streams=tuple(spec.subtitles.streams) if spec.subtitles else (),
    )


def _render_output(spec: output.RenderOutput) -> work.MediaOutput:
    title = spec.metadata.title if spec.metadata else None
    return work.MediaOutput(spec.uri, spec.container, _video(spec.video), _audio(spec.audio), title=title or "")


def _video(video: output.Video) -> work.VideoSettings:
    return work.VideoSettings(
        codec=video.codec,
        width=video.width,
        height=video.height,
        fps=frames_per_second(video.fps) if video.fps else None,
        crf=video.crf,
        bitrate_bps=bits_per_second(video.bitrate) if video.bitrate else None,
        pixel_format=video.pixel_format,
        fit=video.fit,
    )


def _audio(audio: output.RenderAudio | output.Audio) -> work.AudioSettings:
    bitrate = bits_per_second(audio.bitrate) if audio.bitrate else None
    return work.AudioSettings(audio.codec, bitrate, audio.loudness.target if audio.loudness else None)
