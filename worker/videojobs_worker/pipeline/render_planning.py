"""How a render is made: the plan is chosen from what its sources are, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from videojobs_protocol.work import Render
from videojobs_worker.media import containers, sound
from videojobs_worker.media.frame_rate import rate, timescale
from videojobs_worker.media.plan import Choice, Plan
from videojobs_worker.media.render.composition import Composition
from videojobs_worker.media.render.cuts import ALONE_S, Cut, delay_s
from videojobs_worker.media.render.frame_index import FrameIndex, index_frames
from videojobs_worker.media.render.full import plan_render
from videojobs_worker.media.render.smart import SmartRender
from videojobs_worker.media.render.sound_index import SAMPLES_A_PACKET, SoundIndex, index_sound, packets_of
from videojobs_worker.media.render.spans import WHOLE, Span, read_share, spans_of, window
from videojobs_worker.media.render.strategy import SourceNeeds, choose, obstacles, scene_differences, worth_asking
from videojobs_worker.media.render.timeline import Shot, Timeline, joined, timeline_of
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.pipeline.fetching import FETCHED_AT_ONCE
from videojobs_worker.pipeline.ranged_reading import is_mostly
from videojobs_worker.pipeline.remux import remuxed
from videojobs_worker.probe.packet_reader import read_packet_times
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import LIMITS, Limits
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.reservation import Room, require_room


class _NotCopyableError(Exception):
    """A source of which nothing can be copied; the text says why."""


@dataclass(frozen=True)
class IndexedFile:
    """A file that holds a span of a source, and where in it frames and, to be copied, packets of sound are."""

    source: Source
    span: Span
    frames: FrameIndex
    sound: SoundIndex | None


@dataclass(frozen=True)
class Rendering:
    """A render that is settled, and whose sources are fetched."""

    composition: Composition
    target: Path
    scratch: Path
    threads: int
    nvenc: bool = False
    stopper: Stopper = field(default_factory=Stopper)
    limits: Limits = LIMITS
    room: Room = require_room

    def full(self) -> Plan:
        """The plan that encodes every frame."""
        return plan_render(self.composition, self.target, self.threads, nvenc=self.nvenc)

    def chosen(self) -> tuple[Choice, Plan]:
        """The cheapest plan that makes what was asked for.

        Raises:
            JobError: as :func:`plan_render`.
        """
        full, work, shape, cuts = self.full(), self._work, self.composition.shape, self.composition.cuts
        if found := obstacles(work, shape, cuts):
            return Choice("Full", "; ".join(found)), full
        needs = _needs([cut for cut in cuts if self._may_be_copied(cut)])
        if not worth_asking(work, shape, cuts, list(needs.values())):
            return Choice(
                "Full", "encoding is quick: looking for frames to copy would cost more than it may save"
            ), full
        sound_rate_hz = _sound_rate(self.composition, needs) if all(map(self._may_be_copied, cuts)) else None
        try:
            indexed = self._indexed(needs, sound_rate_hz)
            timeline = self._timeline(indexed)
            copied = sound_rate_hz is not None
            choice = choose(work, shape, timeline, list(needs.values()), sound_copied=copied)
            if choice.strategy == "Full":
                return choice, full
            smart = self._smart(timeline, self._at_hand(needs, indexed, sound_rate_hz))
        except _NotCopyableError as error:
            return Choice("Full", str(error)), full
        return choice, replace(smart, instead=full)

    @property
    def _work(self) -> Render:
        return self.composition.work

    def _may_be_copied(self, cut: Cut) -> bool:
        return not scene_differences(self._work, self.composition.shape, cut)

    def _indexed(self, needs: Mapping[Path, SourceNeeds], sound_rate_hz: int | None) -> dict[Path, IndexedFile]:
        """The sources, read side by side."""
        self.stopper.check()
        with ThreadPoolExecutor(max_workers=min(self.threads, FETCHED_AT_ONCE)) as side_by_side:
            read = side_by_side.map(
                lambda need: _index(need.source, need.source, need.spans, sound_rate_hz, self.stopper), needs.values()
            )
            return dict(zip(needs, read, strict=True))

    def _timeline(self, indexed: Mapping[Path, IndexedFile]) -> Timeline:
        cuts = self.composition.cuts
        indexes = [indexed[cut.source.path].frames if self._may_be_copied(cut) else None for cut in cuts]
        for cut, index in zip(cuts, indexes, strict=True):
            if index:
                _require_picture(cut, index)
        return timeline_of(cuts, indexes, self.composition.shape.rate, self.composition.layers.covered)

    def _at_hand(
        self, needs: Mapping[Path, SourceNeeds], indexed: Mapping[Path, IndexedFile], sound_rate_hz: int | None
    ) -> dict[Path, Sequence[IndexedFile]]:
        """Files that can be joined, which hold what is needed of each source."""
        return {
            path: self._moved(number, need, sound_rate_hz) if need.moved else (indexed[path],)
            for number, (path, need) in enumerate(needs.items())
        }

    def _moved(self, number: int, need: SourceNeeds, sound_rate_hz: int | None) -> list[IndexedFile]:
        """What is needed of a source, anew: files that are joined must all have the same ticks."""
        source, fps = need.source, rate(video_of(need.source).fps)
        stretches = []
        for part, span in enumerate(need.spans):
            target = self.scratch / f"stretch-{number:04d}-{part:04d}.mp4"
            share = 1.0 if span in WHOLE else read_share(source, [span])
            self.room([Need(target, int(source.info.bytes * share))])
            only = () if span in WHOLE else window(span, source)
            copy = remuxed(source, target, self.stopper, self.limits, timescale(fps), only)
            if copy is None:
                raise _NotCopyableError(f"{source.uri}: its streams do not fit into mp4")
            stretches.append(_index(source, copy, (span,), sound_rate_hz, self.stopper))
        return stretches

    def _smart(self, timeline: Timeline, at_hand: Mapping[Path, Sequence[IndexedFile]]) -> Plan:
        rows = [
            _in_stretch(shot, shot.index, at_hand[shot.source.path]) if shot.index else (shot, None)
            for shot in timeline.shots
        ]
        shots = [shot for shot, _ in rows]
        sounds = [sound for _, sound in rows if sound]
        packets = packets_of(shots, sounds, timeline.fps) if len(sounds) == len(shots) else None
        moved = joined(shots, timeline.fps, timeline.covered)
        return SmartRender(self.composition, moved, packets, self.threads).plan(self.target)


def _require_picture(cut: Cut, index: FrameIndex) -> None:
    """Where only the sound goes on, the last picture must be held, which is encoding."""
    ends_s = delay_s(cut.source) + float(index.frames / index.fps)
    if cut.start_s + cut.duration_s > ends_s + ALONE_S:
        raise _NotCopyableError(f"{cut.source.uri}: its picture ends before its sound")


def _needs(cuts: Sequence[Cut]) -> dict[Path, SourceNeeds]:
    by_source: dict[Path, list[Cut]] = {}
    for cut in cuts:
        by_source.setdefault(cut.source.path, []).append(cut)
    return {path: _need(each[0].source, spans_of(each)) for path, each in by_source.items()}


def _need(source: Source, spans: Sequence[Span]) -> SourceNeeds:
    video, share = video_of(source), read_share(source, spans)
    joins = "mp4" in source.info.formats and video.timescale == timescale(rate(video.fps))
    mostly = not source.served and is_mostly(share, source.info.bytes)
    return SourceNeeds(source, WHOLE if mostly else spans, moved=not (joins and mostly))


def _index(
    source: Source, copy: Source, spans: Sequence[Span], sound_rate_hz: int | None, stopper: Stopper
) -> IndexedFile:
    """Of a source, or of what was copied of it."""
    video = video_of(copy)
    times = read_packet_times(copy, stopper, spans, sound=sound_rate_hz is not None)
    if times is None:
        raise _NotCopyableError(f"{source.uri}: its packets cannot be read")
    frames = index_frames(times.picture, rate(video_of(source).fps), video.times.first_pts_s, spans)
    if isinstance(frames, str):
        raise _NotCopyableError(f"{source.uri}: {frames}")
    sound = index_sound(times.sound, SAMPLES_A_PACKET / sound_rate_hz, spans) if sound_rate_hz else None
    return IndexedFile(copy, spans[0], frames, sound)


def _in_stretch(shot: Shot, index: FrameIndex, files: Sequence[IndexedFile]) -> tuple[Shot, SoundIndex | None]:
    """The shot in that of its source's files which holds it, and where its sound is."""
    begins_s = video_of(shot.source).times.first_pts_s + float((shot.first + Fraction(1, 2)) / index.fps)
    file = max(
        (each for each in files if each.span.start_s <= begins_s), key=lambda each: each.span.start_s, default=files[0]
    )
    moved = shot.moved(file.source, file.frames)
    if moved.first < 0 or moved.last > file.frames.frames:
        raise _NotCopyableError(f"{shot.source.uri}: it cannot be taken apart")
    return moved, file.sound


def _sound_rate(composition: Composition, needs: Mapping[Path, SourceNeeds]) -> int | None:
    """Samples a second of sound that may be copied: hard cuts, and AAC of one kind that nothing is asked of."""
    work = composition.work
    chosen = any(scene.audio_stream for scene in work.scenes)
    changed = composition.bed or chosen or any(cut.blend or cut.gain_db for cut in composition.cuts)
    asked = work.output.audio.bitrate_bps or work.output.audio.loudness_lufs is not None
    if not composition.shape.sound or changed or asked:
        return None
    if sound.audio_codec(work.output, containers.container_of(work.output)) not in ("aac", "copy"):
        return None
    sounds = [need.source.info.audio for need in needs.values()]
    kinds = {(sound.codec, sound.sample_rate_hz, sound.extradata) if sound else None for sound in sounds}
    if len(kinds) != 1 or (kind := kinds.pop()) is None or kind[0] != "aac":
        return None
    return kind[1]
