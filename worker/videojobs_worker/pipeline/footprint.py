"""How many bytes a job will write: told by bit rates and copied streams, else a sensible most. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_protocol.work import AUDIO_CONTAINERS, Caption, MediaOutput, Preview, Render, Transcode, Work
from videojobs_worker.media.containers import container_of
from videojobs_worker.media.encoders import PROBE_NAMES
from videojobs_worker.media.picture import target_size
from videojobs_worker.media.preview.pictures import picture_names
from videojobs_worker.media.source import MediaInfo, Source, VideoStream
from videojobs_worker.storage.ledger import Need

#: What whisper hears: 16,000 samples a second of two bytes.
WAV_BYTES_S: Final = 32_000
#: Of a quality that is asked for: more than x264 makes of films at its default, and less than of noise.
_BITS_A_PIXEL: Final = 0.2
_SOUND_BPS: Final = 128_000
_BYTES_A_PIXEL: Final = {"jpg": 0.5, "webp": 0.5, "png": 3.0}


def needs_of(work: Work, sources: Sequence[Source], drafts: Sequence[Path], scratch: Path) -> list[Need]:
    """What will lie where, besides the sources."""
    infos = [source.info for source in sources]
    match work:
        case Transcode():
            sizes = [_output(output, infos[0].video, _stretch(infos[0])) for output in work.outputs]
        case Render():
            sizes = [_output(work.output, infos[0].video, _scenes(work, infos))]
        case Preview():
            sizes = _pictures(work, infos[0].video)
        case Caption():
            return [Need(scratch / "speech.wav", int(WAV_BYTES_S * (infos[0].duration_s or 0.0)))]
    return [Need(draft, size) for draft, size in zip(drafts, sizes, strict=False)]


#: Seconds, and the source's bytes of them.
_Stretch = tuple[float, float]


def _stretch(info: MediaInfo, seconds: float | None = None) -> _Stretch:
    whole = info.duration_s or 0.0
    taken = whole if seconds is None else min(seconds, whole)
    return taken, info.bytes * (taken / whole if whole else 1.0)


def _scenes(work: Render, infos: Sequence[MediaInfo]) -> _Stretch:
    """Transitions overlap, which makes it a little shorter than this."""
    cuts = []
    for scene, info in zip(work.scenes, infos, strict=False):
        end_s = info.duration_s if scene.end_s is None else scene.end_s
        cuts.append(_stretch(info, max(0.0, (end_s or 0.0) - scene.start_s)))
    return sum(seconds for seconds, _ in cuts), sum(size for _, size in cuts)


def _output(output: MediaOutput, stream: VideoStream | None, of: _Stretch) -> int:
    picture = _picture(output, stream, of) if stream and container_of(output) not in AUDIO_CONTAINERS else 0.0
    return int(picture + _sound(output, of))


def _picture(output: MediaOutput, stream: VideoStream, of: _Stretch) -> float:
    seconds, source_bytes = of
    video = output.video
    if video.bitrate_bps:
        return video.bitrate_bps * seconds / 8
    size = target_size(stream, video.width, video.height)
    same = size == target_size(stream, None, None)
    if video.codec == "copy" or (same and PROBE_NAMES[video.codec] == stream.codec):
        return source_bytes  # it is, or may be, copied
    pixels = size[0] * size[1]
    most = _BITS_A_PIXEL * pixels * (video.fps or stream.fps) * seconds / 8
    scaled = source_bytes * pixels / max(1, stream.width * stream.height)
    return min(most, scaled) if seconds else scaled


def _sound(output: MediaOutput, of: _Stretch) -> float:
    """What is copied is within the source's bytes, which the picture counts already where that is copied too."""
    if output.audio.codec == "none" or (output.video.codec == "copy" and output.audio.codec == "copy"):
        return 0.0
    return (output.audio.bitrate_bps or _SOUND_BPS) * of[0] / 8


def _pictures(work: Preview, stream: VideoStream | None) -> list[int]:
    if stream is None:
        return []
    width, height = target_size(stream, work.width, None)
    count = len(picture_names(work))
    sizes = [int(width * height * _BYTES_A_PIXEL[work.format])] * count
    if work.sprite:
        tile = target_size(stream, work.sprite.width, None)
        sizes.append(int(tile[0] * tile[1] * count * _BYTES_A_PIXEL["jpg"]))
    return sizes
