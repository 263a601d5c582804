"""Which streams of a source are taken: by number, by language, the default one, or all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from videojobs_protocol.work import Scene
from videojobs_worker.errors import JobError
from videojobs_worker.media.languages import language_of
from videojobs_worker.media.source import AudioStream, MediaInfo, Source, SubtitleStream

Stream = TypeVar("Stream", AudioStream, SubtitleStream)
#: What a broadcaster's file is, whose streams of one channel are numbered left, right, and so on (EBU R 123).
_NUMBERED_CHANNELS: Final = "mxf"
#: By ffmpeg's names of layouts, which differ by its version.
_LEFT: Final = frozenset({"FL", "1 channels (FL)"})
_RIGHT: Final = frozenset({"FR", "1 channels (FR)"})


def default_audio(streams: Sequence[AudioStream], formats: Sequence[str] = ()) -> AudioStream | None:
    """The default stream, else the first, of those that can be decoded; with its right channel where that is apart."""
    readable = [stream for stream in streams if stream.decodable]
    chosen = next((stream for stream in readable if stream.default), readable[0] if readable else None)
    return None if chosen is None else _stereo(chosen, streams, formats)


def _stereo(left: AudioStream, streams: Sequence[AudioStream], formats: Sequence[str]) -> AudioStream:
    right = next((stream for stream in streams if stream.number == left.number + 1), None)
    if right is None or _form(left) != _form(right) or left.channels != 1:
        return left
    numbered = _NUMBERED_CHANNELS in formats and left.number == 0
    if not numbered and not (left.layout in _LEFT and right.layout in _RIGHT):
        return left
    return replace(left, channels=2, layout="stereo", right=right.index)


def _form(stream: AudioStream) -> tuple[str, int, int]:
    return stream.codec, stream.channels, stream.sample_rate_hz


def audio_of(source: Source, selector: str) -> AudioStream | None:
    """The one stream of sound that a selector names; the default one where it is empty.

    Raises:
        JobError: StreamNotFound.
    """
    if selector in ("", "default"):
        return source.info.audio
    return select_audio(source, [selector])[0]


def select_audio(source: Source, selectors: Sequence[str], *, copied: bool = False) -> list[AudioStream]:
    """The streams of sound that selectors name, in the order of the file.

    Those that cannot be decoded are left out, where they need not only be ``copied``.

    Raises:
        JobError: StreamNotFound, also where all that a selector names cannot be decoded.
    """
    sounds = [stream for stream in source.info.sounds if stream.decodable or copied]
    return _select(source, sounds, selectors, source.info.audio, "sound")


def select_subtitles(source: Source, selectors: Sequence[str]) -> list[SubtitleStream]:
    """The streams of subtitles that selectors name, in the order of the file.

    Raises:
        JobError: StreamNotFound.
    """
    streams = source.info.subtitles
    default = next((stream for stream in streams if stream.default), streams[0] if streams else None)
    return _select(source, streams, selectors, default, "subtitles")


def with_audio(source: Source, selector: str) -> Source:
    """The source with the stream of sound that a selector names as its sound.

    Raises:
        JobError: StreamNotFound.
    """
    audio = audio_of(source, selector)
    return source if audio == source.info.audio else replace(source, info=replace(source.info, audio=audio))


def _select(
    source: Source, streams: Sequence[Stream], selectors: Sequence[str], default: Stream | None, kind: str
) -> list[Stream]:
    found: dict[int, Stream] = {}
    for selector in selectors:
        matching = [stream for stream in streams if _matches(selector, stream)]
        if selector == "default" and default:
            matching = [default]
        if not matching and selector != "all":
            raise _not_found(source, streams, selector, kind)
        found |= {stream.index: stream for stream in matching}
    return [found[index] for index in sorted(found)]


def _matches(selector: str, stream: AudioStream | SubtitleStream) -> bool:
    if selector.isdecimal():
        return stream.number == int(selector)
    return selector == "all" or language_of(stream.language) == language_of(selector)


def _not_found(source: Source, streams: Sequence[AudioStream | SubtitleStream], selector: str, kind: str) -> JobError:
    there = ", ".join(
        f"{stream.number} ({stream.codec}{f' in {stream.language}' if stream.language else ''})" for stream in streams
    )
    unreadable = kind == "sound" and any(not stream.decodable for stream in source.info.sounds)
    usable = " that can be decoded" if unreadable else ""
    text = f"{source.uri} has no stream of {kind} {selector!r}{usable}: it has {there or 'none'}"
    return JobError("StreamNotFound", text)


def dropped(info: MediaInfo, sounds: Sequence[AudioStream], subtitles: Sequence[SubtitleStream]) -> str:
    """What of a source is not taken, in words; and which sound is, where it is not the first one."""
    taken = {stream.index for stream in sounds} | {stream.right for stream in sounds}
    left = {
        "picture": info.pictures - 1,
        "sound": len([stream for stream in info.sounds if stream.index not in taken]),
        "subtitle": len(info.subtitles) - len({stream.index for stream in subtitles}),
    }
    words = [f"{count} {kind} stream{'s' if count > 1 else ''}" for kind, count in left.items() if count > 0]
    return "; ".join([*([f"left out: {' and '.join(words)} of the source"] if words else ()), *taking(info, sounds)])


def dropped_of_scenes(scenes: Sequence[Scene], sources: Sequence[Source]) -> list[str]:
    """The same of a render's sources, which are in the order of its scenes.

    Raises:
        JobError: StreamNotFound.
    """
    taken: dict[str, list[AudioStream]] = {}
    for scene, source in zip(scenes, sources, strict=True):
        audio = audio_of(source, scene.audio_stream)
        taken.setdefault(source.uri, []).extend([audio] if audio else [])
    infos = {source.uri: source.info for source in sources}
    texts = {uri: dropped(infos[uri], sounds, ()) for uri, sounds in taken.items()}
    return [f"{uri}: {text}" for uri, text in texts.items() if text]


def taking(info: MediaInfo, sounds: Sequence[AudioStream]) -> list[str]:
    """Which sound of a source is taken, where that is not plain, in words."""
    unreadable = sum(not stream.decodable for stream in info.sounds)
    found = [f"{unreadable} of its sound streams cannot be decoded by this ffmpeg"] if unreadable else []
    pairs = [stream for stream in sounds if stream.right is not None]
    if pairs:
        number = pairs[0].number
        found.append(f"its sound streams {number} and {number + 1} are taken as left and right")
    elif len(sounds) == 1 and sounds[0].number:
        found.append(f"its sound stream {sounds[0].number} is taken")
    return found
