"""Which streams an output of a transcode gets, and which of them are copied because they fit already. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from videojobs_protocol.work import AUDIO_CONTAINERS, Container, MediaOutput, Transcode
from videojobs_worker.errors import JobError
from videojobs_worker.media.compatibility import picture_differences, sound_differences
from videojobs_worker.media.containers import CONTAINERS, TEXT_SUBTITLES, check_copied, container_of
from videojobs_worker.media.plan import Choice
from videojobs_worker.media.sound import ENCODERS, audio_codec, encoded_channels, layout_filter, layout_note
from videojobs_worker.media.source import AudioStream, Source, SubtitleStream, VideoStream, video_of
from videojobs_worker.media.streams import dropped, select_audio, select_subtitles
from videojobs_worker.media.transcode.frame_timing import check_timed

_FAILED: Final = ("copying did not work out",)


@dataclass(frozen=True)
class SoundPlan:
    """A stream of sound.

    Args:
        differences: what about it differs from what was asked, in words; it is copied where nothing does.
        gain: filters that bring it to the loudness that was asked for.
    """

    stream: AudioStream
    differences: tuple[str, ...]
    gain: str = ""


@dataclass(frozen=True)
class SubtitlePlan:
    """A stream of subtitles and the codec that it gets, by ffmpeg's name; ``copy`` for its own."""

    stream: SubtitleStream
    codec: str


@dataclass(frozen=True)
class OutputPlan:
    """How an output comes to its streams.

    Args:
        picture: what about the picture differs from what was asked, in words; empty where it is copied, None where
            the output has none.
    """

    output: MediaOutput
    container: Container
    picture: tuple[str, ...] | None
    sounds: tuple[SoundPlan, ...] = ()
    subtitles: tuple[SubtitlePlan, ...] = ()

    @property
    def copies_picture(self) -> bool:
        """Whether there is a picture, and it is taken as it is."""
        return self.picture == ()

    @property
    def encodes_picture(self) -> bool:
        """Whether there is a picture, and it is not taken as it is."""
        return bool(self.picture)

    def encoding(self) -> OutputPlan:
        """The same with everything encoded that was not asked to be copied."""
        picture = self.picture
        if picture == () and self.output.video.codec != "copy":
            picture = _FAILED
        if self.output.audio.codec == "copy":
            return replace(self, picture=picture)
        sounds = tuple(replace(each, differences=each.differences or _FAILED) for each in self.sounds)
        return replace(self, picture=picture, sounds=sounds)

    def description(self) -> str:
        """What is encoded and why, for the status."""
        streams = [] if self.picture is None else [("picture", self.picture)]
        streams += [("sound", each.differences) for each in self.sounds]
        words = [f"{name} encoded ({'; '.join(found)})" if found else f"{name} copied" for name, found in streams]
        return ", ".join(words)


def output_plans(work: Transcode, source: Source) -> list[OutputPlan]:
    """How each output is best made.

    Raises:
        JobError: NoVideoStream, NoAudioStream, StreamNotFound or InvalidOutput.
    """
    return [_output_plan(output, source) for output in work.outputs]


def _output_plan(output: MediaOutput, source: Source) -> OutputPlan:
    container = container_of(output)
    sounds = _sounds(output, container, source)
    subtitles = _subtitles(output, container, source)
    return OutputPlan(output, container, _picture(output, container, source), sounds, subtitles)


def _picture(output: MediaOutput, container: Container, source: Source) -> tuple[str, ...] | None:
    if container in AUDIO_CONTAINERS:
        return None
    video = video_of(source)
    if output.video.codec == "copy":
        check_copied(output, container, "video", video.codec)
        check_timed(output, video)
        _check_one_size(output, video)
    return tuple(picture_differences(output, video))


def _check_one_size(output: MediaOutput, stream: VideoStream) -> None:
    """Refuse to copy what hardly any player shows as it is: containers and their readers know one size."""
    if stream.changes_size:
        text = f"{output.uri}: the size of the source's picture changes midway: choose a codec instead of copy"
        raise JobError("InvalidOutput", text)


def _sounds(output: MediaOutput, container: Container, source: Source) -> tuple[SoundPlan, ...]:
    codec = audio_codec(output, container)
    streams = _chosen_sounds(output, source) if codec != "none" else []
    if container in AUDIO_CONTAINERS:
        _check_one_sound(output, container, source, streams)
    if codec == "copy":
        for stream in streams:
            check_copied(output, container, "audio", stream.codec)
    return tuple(SoundPlan(stream, tuple(sound_differences(output, container, stream))) for stream in streams)


def _chosen_sounds(output: MediaOutput, source: Source) -> list[AudioStream]:
    """Without selectors the default one, of which there may be none: that is reported, and no error."""
    copied = output.audio.codec == "copy"
    if output.audio.streams:
        return select_audio(source, output.audio.streams, copied=copied)
    audio = source.info.audio
    if audio is None or (audio.right is not None and copied):  # what is two streams is copied as the first of them
        return [stream for stream in source.info.sounds if audio and stream.index == audio.index]
    return [audio]


def _check_one_sound(output: MediaOutput, container: Container, source: Source, streams: Sequence[AudioStream]) -> None:
    if not streams:
        text = f"{source.uri} has no sound that can be decoded: there is nothing for {output.uri}"
        raise JobError("NoAudioStream", text)
    if len(streams) > 1:
        text = f"{output.uri}: {container} holds one stream of sound, {len(streams)} were chosen: choose one, or mkv"
        raise JobError("InvalidOutput", text)


def _subtitles(output: MediaOutput, container: Container, source: Source) -> tuple[SubtitlePlan, ...]:
    if not output.subtitle_streams:
        return ()
    held = CONTAINERS[container]
    plans = []
    for stream in select_subtitles(source, output.subtitle_streams):
        if stream.codec in held.subtitles:
            plans.append(SubtitlePlan(stream, "copy"))
        elif stream.codec in TEXT_SUBTITLES and held.text_codec:
            plans.append(SubtitlePlan(stream, held.text_codec))
        elif "all" not in output.subtitle_streams:
            text = f"{output.uri}: {container} cannot hold the source's {stream.codec} subtitles: choose mkv"
            raise JobError("InvalidOutput", text)
    return tuple(plans)


def made_codec(plan: OutputPlan, sound: SoundPlan) -> str:
    """The codec of a sound in the output, by ffprobe's name."""
    codec = audio_codec(plan.output, plan.container)
    return sound.stream.codec if not sound.differences or codec == "copy" else ENCODERS[codec].stream_codec


def sound_filters(plan: OutputPlan, sound: SoundPlan) -> str:
    """The filters of a sound that is encoded: a standard layout, and the loudness that was asked for."""
    channels = encoded_channels(audio_codec(plan.output, plan.container), sound.stream)
    return ",".join(filter(None, (layout_filter(sound.stream, channels), sound.gain)))


def layout_notes(plans: Sequence[OutputPlan]) -> list[str]:
    """What is lost of sounds that are encoded, in words."""
    rows = [(audio_codec(plan.output, plan.container), each) for plan in plans for each in plan.sounds]
    notes = [layout_note(each.stream, encoded_channels(codec, each.stream)) for codec, each in rows if each.differences]
    return list(dict.fromkeys(filter(None, notes)))


def choice_of(plans: Sequence[OutputPlan]) -> Choice:
    """What is encoded, and why."""
    streams = [found for plan in plans for found in (plan.picture, *(each.differences for each in plan.sounds))]
    made = [found for found in streams if found is not None]
    several = len(plans) > 1
    reason = ". ".join(
        (f"outputs[{number}]: " if several else "") + plan.description() for number, plan in enumerate(plans)
    )
    if not any(made):
        return Choice("Copy", reason)
    return Choice("Full" if all(made) else "Smart", reason)


def left_out(plans: Sequence[OutputPlan], source: Source) -> str:
    """What no output has of the source, in words."""
    sounds = {each.stream.index: each.stream for plan in plans for each in plan.sounds}
    subtitles = {each.stream.index: each.stream for plan in plans for each in plan.subtitles}
    return dropped(source.info, list(sounds.values()), list(subtitles.values()))
