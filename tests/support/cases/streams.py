"""Files with streams that nobody asked for, in an order that nobody expects, or with too few of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.boxes import boxes
from tests.support.cases.case import AAC, H264, Case, copied, plain, played, shown
from tests.support.cases.times import starting_late
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT709, film

#: A sound without beeps.
TONE: Final = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3")


def cover_first(folder: Path) -> Case:
    """The first picture stream is cover art, of the film's own size."""
    return _with_cover(
        folder / "cover-first.mp4", plain(folder), "-map", "1:v", "-map", "0", "-disposition:v:1", "default"
    )


def cover_last(folder: Path) -> Case:
    """Cover art after picture and sound, as music shops write it."""
    return _with_cover(folder / "cover-last.m4v", plain(folder), "-map", "0", "-map", "1:v")


def _with_cover(path: Path, source: Case, *maps: str) -> Case:
    cover = path.with_suffix(".jpg")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=320x180", "-frames:v", "1", str(cover))
    number = "0" if maps[1] == "1:v" else "1"
    ffmpeg("-i", str(source.path), "-i", str(cover), *maps, "-c", "copy", f"-disposition:v:{number}", "attached_pic",
           "-f", "mp4", str(path))  # fmt: skip
    return Case(path, source.film)


def second_sound_is_default(folder: Path) -> Case:
    """Two sounds, of which the second is marked as the default one, and has the beeps."""
    path = folder / "second-sound.mp4"
    ffmpeg(*shown(), *TONE, *played(), "-map", "0", "-map", "1", "-map", "2", *H264, *BT709.tags, *AAC,
           "-disposition:a:0", "0", "-disposition:a:1", "default", str(path))  # fmt: skip
    return Case(path, film())


def unknown_first_sound(folder: Path) -> Case:
    """The first sound is of a codec that ffmpeg has no decoder for, as iPhones write beside AAC."""
    path = folder / "unknown-sound.mov"
    ffmpeg(*shown(), *TONE, *played(), "-map", "0", "-map", "1", "-map", "2", *H264, *BT709.tags,
           "-c:a:0", "alac", "-c:a:1", "aac", str(path))  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"alac", b"apac"))
    return Case(path, film())


def only_unknown_sound(folder: Path) -> Case:
    """The only sound is of a codec that ffmpeg has no decoder for."""
    path = folder / "only-unknown-sound.mov"
    ffmpeg(*shown(), *TONE, *H264, *BT709.tags, "-c:a", "alac", str(path))
    path.write_bytes(path.read_bytes().replace(b"alac", b"apac"))
    return Case(path, film(sound=False))


def two_sounds_in_ts(folder: Path) -> Case:
    """A transport stream with two sounds, as broadcasters send it; the first has the beeps."""
    path = folder / "two-sounds.ts"
    ffmpeg(
        "-i", str(starting_late(folder).path), *TONE, "-map", "0", "-map", "1", "-c", "copy", "-c:a:1", "mp2", str(path)
    )
    return Case(path, film())


def text_and_two_sounds(folder: Path) -> Case:
    """Two sounds and a subtitle stream, of which a transcode takes the first sound alone."""
    path, words = folder / "text.mkv", folder / "text.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,500\nwords\n")
    ffmpeg("-i", str(plain(folder).path), *TONE, "-i", str(words), "-map", "0", "-map", "1", "-map", "2",
           "-c", "copy", "-c:a:1", "aac", "-c:s", "subrip", str(path))  # fmt: skip
    return Case(path, plain(folder).film)


def timecode(folder: Path) -> Case:
    """A camera's QuickTime: a title, and a track of timecode that begins at an hour."""
    path = copied(folder / "timecode.mov", plain(folder).path, "-timecode", "01:00:00:00", "-metadata", "title=Reel 7")
    return Case(path, plain(folder).film)


def prores(folder: Path) -> Case:
    """ProRes and PCM in QuickTime: neither may be copied into MP4."""
    path = folder / "prores.mov"
    tags = "prores_metadata=color_primaries=bt709:color_trc=bt709:colorspace=bt709"  # which the encoder leaves out
    ffmpeg(*shown(), *played(), "-c:v", "prores_ks", *BT709.tags, "-bsf:v", tags, "-c:a", "pcm_s16le", str(path))
    return Case(path, film())


def sound_alone(folder: Path) -> Case:
    """No picture."""
    path = folder / "sound.m4a"
    ffmpeg(*played(), *AAC, str(path))
    return Case(path, replace(film(), frames=(), picture_ends_s=0.0))


def sound_with_cover(folder: Path) -> Case:
    """A song: its only picture is cover art."""
    path, cover = folder / "song.mp3", folder / "song.jpg"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=320x180", "-frames:v", "1", str(cover))
    ffmpeg(
        *played(),
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "copy",
        "-disposition:v",
        "attached_pic",
        str(path),
    )
    return Case(path, replace(film(), frames=(), picture_ends_s=0.0))


def header_alone(folder: Path) -> Case:
    """The index of a fragmented film without any fragment: a recording that never began."""
    path, source = folder / "header.mp4", folder / "whole.mp4"
    copied(source, plain(folder).path, "-movflags", "frag_keyframe+empty_moov")
    data = source.read_bytes()
    path.write_bytes(data[: next(box.body - 8 for box in boxes(data) if box.path == "moof")])
    return Case(path, replace(film(), frames=(), beeps_s=()))


def encrypted(folder: Path) -> Case:
    """Common Encryption: the index can be read, the samples cannot."""
    key = "00112233445566778899aabbccddeeff"
    options = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
    return Case(copied(folder / "encrypted.mp4", plain(folder).path, *options), film())
