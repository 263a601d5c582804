"""Files whose clocks are unusual: headers that lie or are silent, streams that begin late, uneven frames."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.boxes import boxes, changed, set_durations
from tests.support.cases.case import AAC, H264, Case, copied, made, plain, played, shown
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT601_525, BT709, FPS, Film, Frame, film, picture

_FRAGMENTS: Final = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")


def late_sound(folder: Path) -> Case:
    """The sound begins two seconds in, and goes on after the picture."""
    path = folder / "late-sound.mkv"
    made(path, inputs=(*shown(), "-itsoffset", "2", *played()))
    return Case(path, film(sound_at_s=2))


def late_sound_mp4(folder: Path) -> Case:
    """The same by an empty edit of the sound's track."""
    path = folder / "late-sound.mp4"
    made(path, inputs=(*shown(), "-itsoffset", "2", *played()))
    return Case(path, film(sound_at_s=2))


def late_picture(folder: Path) -> Case:
    """The picture begins a second after the sound, by an empty edit of its track."""
    path = folder / "late-picture.mp4"
    made(path, "-fps_mode", "passthrough", inputs=("-itsoffset", "1", *shown(2), *played()))
    late = film(2, sound=False).later(1)
    return Case(path, replace(film(), frames=late.frames, picture_ends_s=3.0))


def short_sound(folder: Path) -> Case:
    """The sound ends a second before the picture."""
    path = folder / "short-sound.mp4"
    made(path, inputs=(*shown(), *played(2)))
    return Case(path, film(sound_s=2))


def negative(folder: Path) -> Case:
    """All timestamps begin below zero, as cutters and recorders leave them."""
    source = plain(folder)
    before = ("-itsoffset", "-0.7")
    path = copied(folder / "negative.mkv", source.path, "-avoid_negative_ts", "disabled", before=before)
    return Case(path, source.film)


def stale_tags(folder: Path) -> Case:
    """Matroska's DURATION tags say nine seconds, the container and the packets three."""
    source = plain(folder)
    path = copied(folder / "stale-tags.mkv", source.path)
    path.write_bytes(path.read_bytes().replace(b"00:00:03.0", b"00:00:09.0"))
    return Case(path, source.film)


def stale_container(folder: Path) -> Case:
    """Matroska's Duration and its tags say nine seconds, as of a recorder that was stopped; there are three."""
    source = plain(folder)
    path = copied(folder / "stale-container.mkv", source.path)
    data = path.read_bytes().replace(b"00:00:03.0", b"00:00:09.0")
    at = data.index(b"\x44\x89\x88") + 3  # the element Duration, a float of eight bytes
    path.write_bytes(data[:at] + struct.pack(">d", 9000.0) + data[at + 8 :])
    return Case(path, source.film)


def fragments(folder: Path) -> Path:
    """The plain film in fragments of a second."""
    path = folder / "fragments.mp4"
    return path if path.exists() else copied(path, plain(folder).path, *_FRAGMENTS)


def stale_fragments(folder: Path) -> Case:
    """The header of a fragmented file says nine seconds, the fragments have three."""
    path = changed(
        folder / "stale-fragments.mp4", fragments(folder), lambda data: set_durations(data, 9000, tracks=False)
    )
    return Case(path, plain(folder).film)


def unknown_duration(folder: Path) -> Case:
    """All durations of a fragmented file are ones, which means unknown: read as a number they are two days."""
    path = changed(folder / "unknown.mp4", fragments(folder), lambda data: set_durations(data, 0xFFFFFFFF))
    return Case(path, plain(folder).film)


def untold_duration(folder: Path) -> Case:
    """A fragmented file as it is streamed: its durations are zero, and it has no index of its fragments."""
    path = copied(folder / "streamed.mp4", plain(folder).path, "-movflags", "frag_keyframe+empty_moov+skip_trailer")
    return Case(path, plain(folder).film)


def overlong_tracks(folder: Path) -> Case:
    """Movie and tracks say a day, the tables of samples three seconds."""
    path = changed(folder / "overlong.mp4", plain(folder).path, lambda data: set_durations(data, 0x7FFFFFFF))
    return Case(path, plain(folder).film)


def still_at_end_gif(folder: Path) -> Case:
    """A GIF of uneven frames, the last of which stands for a second and a half."""
    path = folder / "vfr.gif"
    uneven = "settb=1/100,setpts='round(if(lt(N,10),N*0.04,0.4+(N-10)*0.5)/TB)'"
    ffmpeg(
        "-f", "lavfi", "-i", f"{picture(0.6)},{uneven}", "-fps_mode", "passthrough", "-enc_time_base", "1/100",
        "-final_delay", "150", str(path),
    )  # fmt: skip
    times = [number * 0.04 if number < 10 else 0.4 + (number - 10) * 0.5 for number in range(15)]
    return Case(path, _uneven(times, 1.5))


def _uneven(times: list[float], last_s: float) -> Film:
    frames = tuple(Frame(at_s, number) for number, at_s in enumerate(times))
    return Film(frames, (), times[-1] + last_s, times[-1] + last_s)


def still_at_end(folder: Path) -> Case:
    """A film whose last picture stands for two seconds, as screen recorders write them."""
    path = folder / "still.mp4"
    late = "setpts='round(if(lt(N,49),N/25,2)/TB)'"  # of its own length, which has an entry of its own in the table
    ffmpeg("-f", "lavfi", "-i", f"{picture(2)},{BT709.filters},{late}", "-fps_mode", "passthrough", *H264, "-bf", "0",
           "-enc_time_base", "1/25", *BT709.tags, str(path))  # fmt: skip
    changed(path, path, _stand_for_two_seconds)
    return Case(path, _uneven([*(number / FPS for number in range(49)), 2.0], 2.0))


def _stand_for_two_seconds(data: bytearray) -> None:
    found = {box.path: box for box in boxes(data)}
    ticks = struct.unpack_from(">I", data, found["moov/trak/mdia/mdhd"].body + 12)[0]
    struct.pack_into(">I", data, found["moov/trak/mdia/minf/stbl/stts"].end - 4, 2 * ticks)
    struct.pack_into(">I", data, found["moov/trak/mdia/mdhd"].body + 16, 4 * ticks)
    for name, offset in (("moov/mvhd", 16), ("moov/trak/tkhd", 20), ("moov/trak/edts/elst", 8)):
        struct.pack_into(">I", data, found[name].body + offset, 4000)


def live(folder: Path) -> Case:
    """WebM as browsers record it: no duration, no index, clusters of unknown size."""
    path = folder / "live.webm"
    _streamed(path, "webm", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
              "-live", "1")  # fmt: skip
    return Case(path, film())


def live_matroska(folder: Path) -> Case:
    """Matroska as a live encoder sends it, with H.264."""
    path = folder / "live.mkv"
    _streamed(path, "matroska", *H264, *AAC, "-live", "1")
    return Case(path, film())


def flv_without_duration(folder: Path) -> Case:
    """FLV as a server records it, without a duration."""
    path = folder / "live.flv"
    _streamed(path, "flv", *H264, *AAC, "-flvflags", "no_duration_filesize")
    return Case(path, film())


def _streamed(path: Path, form: str, *coded: str) -> None:
    """Through a pipe, so that no muxer can go back and write what it knows at the end."""
    command = ["ffmpeg", "-nostdin", "-v", "error", *shown(colour=BT601_525), *played(), *coded, *BT601_525.tags]
    path.write_bytes(subprocess.run([*command, "-f", form, "-"], capture_output=True, check=True).stdout)


def raw_h264(folder: Path) -> Case:
    """No container and no timestamps: a stream of H.264 alone."""
    path = folder / "raw.h264"
    made(path, "-f", "h264", inputs=shown())
    return Case(path, film(sound=False))


def raw_hevc(folder: Path) -> Case:
    """A stream of H.265 alone."""
    path = folder / "raw.hevc"
    ffmpeg(*shown(), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", *BT709.tags,
           "-f", "hevc", str(path))  # fmt: skip
    return Case(path, film(sound=False))


def raw_mpeg2(folder: Path) -> Case:
    """A stream of MPEG-2 alone."""
    path = folder / "raw.m2v"
    ffmpeg(*shown(), "-c:v", "mpeg2video", "-q:v", "2", *BT709.tags, str(path))
    return Case(path, film(sound=False))


def edit_list(folder: Path) -> Case:
    """Picture and sound whose edit lists leave out the first 0.6 s, which is in the file nevertheless."""
    path = changed(folder / "edit-list.mp4", plain(folder).path, _leave_out_the_beginning)
    whole = film()
    frames = tuple(Frame(frame.at_s - 0.6, frame.number) for frame in whole.frames if frame.at_s > 0.599)
    return Case(path, Film(frames, tuple(beep_s - 0.6 for beep_s in whole.beeps_s if beep_s > 0.6), 2.4, 2.4))


def _leave_out_the_beginning(data: bytearray) -> None:
    found = list(boxes(data))
    rates = [struct.unpack_from(">I", data, box.body + 12)[0] for box in found if box.path == "moov/trak/mdia/mdhd"]
    edits = [box.body + 8 for box in found if box.path == "moov/trak/edts/elst"]
    for rate_hz, at in zip(rates, edits, strict=True):
        lasts_ms, begins = struct.unpack_from(">II", data, at)
        struct.pack_into(">II", data, at, lasts_ms - 600, begins + rate_hz * 6 // 10)


def chapters_past_the_end(folder: Path) -> Case:
    """Chapters reach past the film: the last ends at nineteen seconds."""
    described = folder / "chapters.txt"
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    texts = [chapter.format(0, 1000, "One"), chapter.format(1000, 2500, "Two"), chapter.format(2500, 19000, "Three")]
    described.write_text(";FFMETADATA1\ntitle=Of the source\n" + "".join(texts))
    path = folder / "chapters.mp4"
    ffmpeg("-i", str(plain(folder).path), "-i", str(described), "-map", "0", "-map_metadata", "1", "-map_chapters", "1",
           "-c", "copy", str(path))  # fmt: skip
    return Case(path, plain(folder).film)


def fragmented_television(folder: Path) -> Case:
    """30000/1001 frames a second in fragments: the mean over them is another rate."""
    path = folder / "television.mp4"
    made(path, *_FRAGMENTS, inputs=(*shown(3, "30000/1001"), *played()))
    return Case(path, film(3, 30000 / 1001))


def wrapped(folder: Path) -> Case:
    """An MPEG transport stream whose 33 bits of timestamp begin again in its middle."""
    path = copied(folder / "wrapped.ts", plain(folder).path, "-output_ts_offset", "95442.2")
    return Case(path, plain(folder).film)


def starting_late(folder: Path) -> Case:
    """An MPEG transport stream, which begins at 1.4 s on its own clock."""
    return Case(copied(folder / "starting-late.ts", plain(folder).path), plain(folder).film)


def joined(folder: Path) -> Case:
    """Two recordings in one file, end to end: the clock jumps back in the middle."""
    part, path = starting_late(folder).path.read_bytes(), folder / "joined.ts"
    path.write_bytes(part + part)
    one = film()
    again = one.later(3)
    return Case(path, Film((*one.frames, *again.frames), (*one.beeps_s, *again.beeps_s), 6.0, 6.0))


def fast(folder: Path) -> Case:
    """Half a second of 960 frames a second, as cameras for slow motion write it."""
    path = folder / "fast.mp4"
    made(path, inputs=shown(0.5, "960"))
    return Case(path, film(0.5, 960, sound=False))


def slow(folder: Path) -> Case:
    """A frame every 25 seconds, as of a lecture's slides: its rate rounds to zero."""
    path = folder / "slow.mp4"
    made(path, inputs=shown(100, "1/25"))
    return Case(path, film(100, 1 / 25, sound=False))


def jittering(folder: Path) -> Case:
    """Frames some milliseconds off their times, as telephones record them: the rate claimed is that of the clock."""
    path = folder / "jitter.mp4"
    times = [number / FPS + 0.003 * (number * 7 % 5 - 2) * (number > 0) for number in range(75)]
    late = "setpts='round((N/25+0.003*(mod(N*7,5)-2)*gt(N,0))/TB)'"
    ffmpeg("-f", "lavfi", "-i", f"{picture()},{BT709.filters},settb=1/90000,{late}", *played(),
           "-fps_mode", "passthrough", *H264, "-enc_time_base", "1/90000", "-video_track_timescale", "90000",
           *BT709.tags, *AAC, str(path))  # fmt: skip
    uneven = _uneven(times, 1 / FPS)
    return Case(path, replace(film(), frames=uneven.frames, picture_ends_s=uneven.ends_s, ends_s=uneven.ends_s))


def open_groups(folder: Path) -> Case:
    """Open groups of pictures: a keyframe is stored long before the frames that are shown before it."""
    path = folder / "open-groups.mp4"
    coded = ("-bf", "8", "-x264-params", "open-gop=1:keyint=9:min-keyint=9:scenecut=0:b-adapt=0:b-pyramid=none")
    made(path, *coded)
    return Case(path, film())
