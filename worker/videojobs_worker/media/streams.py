"""Which streams of a source are taken: by number, by language, the default one, or all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from videojobs_worker.errors import JobError
from videojobs_worker.media.source import AudioStream, MediaInfo, Source, SubtitleStream

Stream = TypeVar("Stream", AudioStream, SubtitleStream)
#: ISO 639-1 codes of languages and what containers call them, the bibliographic codes of ISO 639-2 included.
_LANGUAGES: Final = (
    ("ar", "ara"), ("cs", "ces", "cze"), ("da", "dan"), ("de", "deu", "ger"), ("el", "ell", "gre"), ("en", "eng"),
    ("es", "spa"), ("fa", "fas", "per"), ("fi", "fin"), ("fr", "fra", "fre"), ("he", "heb"), ("hi", "hin"),
    ("hu", "hun"), ("id", "ind"), ("is", "isl", "ice"), ("it", "ita"), ("ja", "jpn"), ("ko", "kor"),
    ("mk", "mkd", "mac"), ("ms", "msa", "may"), ("nb", "nob"), ("nl", "nld", "dut"), ("no", "nor"), ("pl", "pol"),
    ("pt", "por"), ("ro", "ron", "rum"), ("ru", "rus"), ("sk", "slk", "slo"), ("sq", "sqi", "alb"), ("sv", "swe"),
    ("th", "tha"), ("tr", "tur"), ("uk", "ukr"), ("vi", "vie"), ("zh", "zho", "chi"),
)  # fmt: skip
_SAME_LANGUAGE: Final = {code: frozenset(codes) for codes in _LANGUAGES for code in codes}


def default_audio(streams: Sequence[AudioStream]) -> AudioStream | None:
    """The default stream, else the first, of those that can be decoded."""
    readable = [stream for stream in streams if stream.decodable]
    return next((stream for stream in readable if stream.default), readable[0] if readable else None)


def audio_of(source: Source, selector: str) -> AudioStream | None:
    """The one stream of sound that a selector names; the default one where it is empty.

    Raises:
        JobError: StreamNotFound.
    """
    if selector in ("", "default"):
        return source.info.audio
    return select_audio(source, [selector])[0]


def select_audio(source: Source, selectors: Sequence[str]) -> list[AudioStream]:
    """The streams of sound that selectors name, in the order of the file.

    Raises:
        JobError: StreamNotFound.
    """
    return _select(source, source.info.sounds, selectors, source.info.audio, "sound")


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
    found: set[int] = set()
    for selector in selectors:
        matching = [stream.index for number, stream in enumerate(streams) if _matches(selector, number, stream)]
        if selector == "default" and default:
            matching = [default.index]
        if not matching and selector != "all":
            raise _not_found(source, streams, selector, kind)
        found.update(matching)
    return [stream for stream in streams if stream.index in found]


def _matches(selector: str, number: int, stream: AudioStream | SubtitleStream) -> bool:
    if selector.isdecimal():
        return number == int(selector)
    return selector == "all" or stream.language in _SAME_LANGUAGE.get(selector, {selector})


def _not_found(source: Source, streams: Sequence[AudioStream | SubtitleStream], selector: str, kind: str) -> JobError:
    there = ", ".join(
        f"{number} ({stream.codec}{f' in {stream.language}' if stream.language else ''})"
        for number, stream in enumerate(streams)
    )
    text = f"{source.uri} has no stream of {kind} {selector!r}: it has {there or 'none'}"
    return JobError("StreamNotFound", text)


def dropped(info: MediaInfo, sounds: Sequence[AudioStream], subtitles: Sequence[SubtitleStream]) -> str:
    """What of a source is not taken, in words; and which sound is, where it is not the first one."""
    left = {
        "picture": info.pictures - 1,
        "sound": len(info.sounds) - len({stream.index for stream in sounds}),
        "subtitle": len(info.subtitles) - len({stream.index for stream in subtitles}),
    }
    words = [f"{count} {kind} stream{'s' if count > 1 else ''}" for kind, count in left.items() if count > 0]
    text = f"left out: {' and '.join(words)} of the source" if words else ""
    unreadable = [stream for stream in info.sounds if not stream.decodable]
    if unreadable:
        text += f"{'; ' if text else ''}{len(unreadable)} of its sound streams cannot be decoded by this ffmpeg"
    if len(sounds) == 1 and info.sounds and sounds[0].index != info.sounds[0].index:
        number = [stream.index for stream in info.sounds].index(sounds[0].index)
        text += f"{'; ' if text else ''}its sound stream {number} is taken"
    return text
