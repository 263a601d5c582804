"""How a render is made: the plan is chosen from what its sources are, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from videojobs_protocol.work import Render
from videojobs_worker.media import encoders
from videojobs_worker.media.frame_index import FrameIndex, read_index
from videojobs_worker.media.picture import rate, timescale
from videojobs_worker.media.plan import Choice, Input, Plan
from videojobs_worker.media.render import plan_render
from videojobs_worker.media.scenes import ALONE_S, Cut, Shape, aligned, cuts_of, delay_s, graph_of, shape_of
from videojobs_worker.media.smart import SmartRender
from videojobs_worker.media.sound_index import Packets, packets_of, read_sound_index
from videojobs_worker.media.spans import WHOLE, Span, read_share, spans_of, window
from videojobs_worker.media.strategy import Needs, choose, obstacles, worth_asking
from videojobs_worker.media.subtitles import subtitles_of
from videojobs_worker.media.timeline import Shot, Timeline, joined, timeline_of
from videojobs_worker.media.transcode import video_of
from videojobs_worker.pipeline.remux import remuxed
from videojobs_worker.process.runner import Stopper


class _NotCopyableError(Exception):
    """A source of which nothing can be copied; the text says why."""


#: A source of which so much is needed is read whole, and so is one of which little is not.
MOSTLY: Final = 0.5
LITTLE_BYTES: Final = 2e7


@dataclass(frozen=True)
class Stretch:
    """A file that holds a span of a source."""

    span: Span
    source: Input
    index: FrameIndex


@dataclass(frozen=True)
class Rendering:
    """A render whose sources are fetched. ``subtitle_file`` lies in the scratch folder."""

    work: Render
    sources: Sequence[Input]
    target: Path
    scratch: Path
    threads: int
    subtitle_file: str = ""
    nvenc: bool = False
    stopper: Stopper = field(default_factory=Stopper)

    def full(self) -> Plan:
        """The plan that encodes every frame."""
        return plan_render(
            self.work, self.sources, self.target, self.scratch, self.threads,
            subtitle_file=self.subtitle_file, nvenc=self.nvenc,
        )  # fmt: skip

    def chosen(self) -> tuple[Choice, Plan]:
        """The cheapest plan that makes what was asked for.

        Raises:
            JobError: as :func:`plan_render`.
        """
        full = self.full()
        asked = cuts_of(self.work, self.sources)
        shape = shape_of(self.work.output, asked)
        cuts = aligned(asked, shape.fps)
        if found := obstacles(self.work, shape, cuts):
            return Choice("Full", "; ".join(found)), full
        needs = _needs(cuts)
        if not worth_asking(self.work, shape, cuts, list(needs.values())):
            return Choice(
                "Full", "encoding is quick: looking for frames to copy would cost more than it may save"
            ), full
        try:
            timeline = self._timeline(cuts, shape, needs)
            sound_copied = bool(_sound_rate(self.work, shape, timeline))
            choice = choose(self.work, shape, timeline, list(needs.values()), sound_copied=sound_copied)
            if choice.strategy == "Full":
                return choice, full
            at_hand, spans = self._at_hand(timeline, needs)
        except _NotCopyableError as error:
            return Choice("Full", str(error)), full
        return choice, replace(self._smart(shape, at_hand, spans), instead=full)

    def _timeline(self, cuts: Sequence[Cut], shape: Shape, needs: Mapping[Path, Needs]) -> Timeline:
        self.stopper.check()
        with ThreadPoolExecutor(max_workers=self.threads) as side_by_side:
            indexes = dict(zip(needs, side_by_side.map(_index, needs.values()), strict=True))
        frames = [indexes[cut.source.path] for cut in cuts]
        for cut, index in zip(cuts, frames, strict=True):
            _require_picture(cut, index)
        return timeline_of(cuts, frames, graph_of(self.work, shape).overlap_s)

    def _at_hand(
        self, timeline: Timeline, needs: Mapping[Path, Needs]
    ) -> tuple[Timeline, Mapping[Path, Sequence[Span]]]:
        """The same shots of files that can be joined, and what is needed of each of these."""
        moved = {path: self._moved(number, need) for number, (path, need) in enumerate(needs.items()) if need.moved}
        shots = [_in_stretch(shot, moved.get(shot.source.path)) for shot in timeline.shots]
        kept = {path: need.spans for path, need in needs.items() if not need.moved}
        new = {stretch.source.path: (stretch.span,) for stretches in moved.values() for stretch in stretches}
        return joined(shots, timeline.overlap), {**kept, **new}

    def _moved(self, number: int, need: Needs) -> list[Stretch]:
        """What is needed of a source, anew: files that are joined must all have the same ticks."""
        source, fps = need.source, rate(video_of(need.source).fps)
        stretches = []
        for part, span in enumerate(need.spans):
            target = self.scratch / f"stretch-{number:04d}-{part:04d}.mp4"
            only = () if span in WHOLE else window(span, source)
            copy = remuxed(source, target, self.stopper, timescale(fps), only)
            index = "its streams do not fit into mp4" if copy is None else read_index(copy, fps, (span,))
            if copy is None or isinstance(index, str):
                raise _NotCopyableError(f"{source.uri}: {index}")
            stretches.append(Stretch(span, copy, index))
        return stretches

    def _smart(self, shape: Shape, timeline: Timeline, spans: Mapping[Path, Sequence[Span]]) -> Plan:
        subtitles = subtitles_of(self.work, self.subtitle_file)
        packets = _packets(self.work, shape, timeline, spans)
        return SmartRender(self.work, shape, timeline, packets, subtitles, self.threads).plan(self.target)


def _require_picture(cut: Cut, index: FrameIndex) -> None:
    """Where only the sound goes on, the last picture must be held, which is encoding."""
    ends_s = delay_s(cut.source) + float(index.frames / index.fps)
    if cut.start_s + cut.duration_s > ends_s + ALONE_S:
        raise _NotCopyableError(f"{cut.source.uri}: its picture ends before its sound")


def _needs(cuts: Sequence[Cut]) -> dict[Path, Needs]:
    by_source: dict[Path, list[Cut]] = {}
    for cut in cuts:
        by_source.setdefault(cut.source.path, []).append(cut)
    return {path: _need(each[0].source, spans_of(each)) for path, each in by_source.items()}


def _need(source: Input, spans: Sequence[Span]) -> Needs:
    video, share = video_of(source), read_share(source, spans)
    joins = "mp4" in source.info.formats and video.timescale == timescale(rate(video.fps))
    mostly = share >= MOSTLY or source.info.bytes * (1 - share) <= LITTLE_BYTES
    return Needs(source, WHOLE if mostly else spans, moved=not (joins and mostly))


def _index(need: Needs) -> FrameIndex:
    found = read_index(need.source, rate(video_of(need.source).fps), need.spans)
    if isinstance(found, str):
        raise _NotCopyableError(f"{need.source.uri}: {found}")
    return found


def _in_stretch(shot: Shot, stretches: Sequence[Stretch] | None) -> Shot:
    if stretches is None:
        return shot
    begins_s = video_of(shot.source).start_s + float((shot.first + Fraction(1, 2)) / shot.index.fps)
    stretch = max((each for each in stretches if each.span.start_s <= begins_s), key=lambda each: each.span.start_s)
    moved = shot.moved(stretch.source, stretch.index)
    if moved.first < 0 or moved.last > moved.index.frames:
        raise _NotCopyableError(f"{shot.source.uri}: it cannot be taken apart")
    return moved


def _packets(
    work: Render, shape: Shape, timeline: Timeline, spans: Mapping[Path, Sequence[Span]]
) -> list[Packets] | None:
    """The sound's packets, where they can be copied."""
    sample_rate_hz = _sound_rate(work, shape, timeline)
    if sample_rate_hz is None:
        return None
    sources = {shot.source.path: shot.source for shot in timeline.shots}
    known = {path: read_sound_index(source, sample_rate_hz, spans[path]) for path, source in sources.items()}
    indexes = [index for shot in timeline.shots if (index := known[shot.source.path]) is not None]
    return packets_of(timeline.shots, indexes) if len(indexes) == len(timeline.shots) else None


def _sound_rate(work: Render, shape: Shape, timeline: Timeline) -> int | None:
    """Samples a second of sound that may be copied: hard cuts, and AAC of one kind that nothing is asked of."""
    if not shape.sound or work.transition or work.output.audio.bitrate_bps:
        return None
    if encoders.audio_codec(work.output, encoders.container_of(work.output)) not in ("aac", "copy"):
        return None
    sounds = {shot.source.path: shot.source.info.audio for shot in timeline.shots}
    kinds = {(sound.codec, sound.sample_rate_hz, sound.extradata) if sound else None for sound in sounds.values()}
    if len(kinds) != 1 or (kind := kinds.pop()) is None or kind[0] != "aac":
        return None
    return kind[1]
