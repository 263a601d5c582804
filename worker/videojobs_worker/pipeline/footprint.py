"""How many bytes a job will write: told by bit rates and copied streams, else a sensible most. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_protocol.work import AUDIO_CONTAINERS, Caption, MediaOutput, Preview, Render, Scene, Transcode, Work
from videojobs_worker.media.containers import container_of
from videojobs_worker.media.encoders import PROBE_NAMES
from videojobs_worker.media.picture import target_size
from videojobs_worker.media.plan import MEASURING, SOUND_PACE, Plan, Step
from videojobs_worker.media.preview.pictures import picture_names
from videojobs_worker.media.source import MediaInfo, Source, VideoStream
from videojobs_worker.storage.ledger import Need

#: What whisper hears: 16,000 samples a second of two bytes.
WAV_BYTES_S: Final = 32_000
#: Of a quality that is asked for: more than x264 makes of films at its default, and less than of noise.
_BITS_A_PIXEL: Final = 0.2
_SOUND_BPS: Final = 128_000
#: More than AAC has in films.
_COPIED_SOUND_BPS: Final = 320_000
#: Of one channel at 48 kHz.
_PCM_BYTES_S: Final = 96_000
#: For a macroblock and frame, since about half of the frames are referred to.
_STATISTICS_BYTES: Final = 1.0
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


def scratch_needs(plan: Plan, sources: Sequence[Source], scratch: Path, output_bytes: int) -> list[Need]:
    """What a plan's steps write into the scratch folder: parts, joined files, sounds and statistics.

    Args:
        plan: the steps.
        sources: all of the job's.
        scratch: the folder.
        output_bytes: how large the output will be, which a part has its share of.
    """
    lasts_s = plan.expectations[0].duration_s or 0.0 if plan.expectations else 0.0
    found = []
    for step in plan.steps:
        share = min(1.0, step.duration_s / lasts_s) if lasts_s else 1.0
        size = _measured(step, plan, sources) if step.stage == MEASURING else _written(step, share * output_bytes)
        found += [Need(scratch / name, int(size / len(step.writes))) for name in step.writes]
    return found


def _written(step: Step, picture_bytes: float) -> float:
    """Of a step that makes sound alone that, and of one without a length, which copies; a part's is not compressed."""
    sounds = [source.info for source in step.sources if source.info.audio]
    if step.pace == SOUND_PACE:
        return _COPIED_SOUND_BPS * step.duration_s / 8
    if not step.duration_s:
        return sum(_COPIED_SOUND_BPS * (info.duration_s or 0.0) / 8 for info in sounds)
    if "pcm_s16le" not in step.arguments:
        return picture_bytes
    channels = max((info.audio.channels for info in sounds if info.audio), default=2)
    return picture_bytes + _PCM_BYTES_S * max(2, channels) * step.duration_s


def _measured(step: Step, plan: Plan, sources: Sequence[Source]) -> float:
    """Statistics of a first pass: x264 writes two bytes a macroblock of every frame that others refer to."""
    video = sources[0].info.video
    pixels = sum((each.width or 0) * (each.height or 0) for each in plan.expectations)
    return pixels / 256 * _STATISTICS_BYTES * (video.fps if video else 0.0) * step.duration_s


#: Seconds, and the source's bytes of them.
_Stretch = tuple[float, float]


def _stretch(info: MediaInfo, seconds: float | None = None) -> _Stretch:
    whole = info.duration_s or 0.0
    taken = whole if seconds is None else min(seconds, whole)
    return taken, info.bytes * (taken / whole if whole else 1.0)


def _scenes(work: Render, infos: Sequence[MediaInfo]) -> _Stretch:
    """Transitions overlap, which makes it a little shorter than this."""
    cuts = [_scene(scene, info) for scene, info in zip(work.scenes, infos, strict=False)]
    return sum(seconds for seconds, _ in cuts), sum(size for _, size in cuts)


def _scene(scene: Scene, info: MediaInfo) -> _Stretch:
    if scene.duration_s is not None and not info.duration_s:  # a still image
        return scene.duration_s, 0.0
    end_s = info.duration_s if scene.asked_end_s is None else scene.asked_end_s
    seconds, size = _stretch(info, max(0.0, (end_s or 0.0) - scene.start_s))
    return seconds / scene.speed, size


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
