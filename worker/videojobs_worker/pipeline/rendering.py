"""How a render is made: the plan is chosen from what its sources are, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from videojobs_protocol.work import Render
from videojobs_worker.media import encoders
from videojobs_worker.media.frame_index import FrameIndex, read_index
from videojobs_worker.media.picture import rate, timescale
from videojobs_worker.media.plan import Choice, Input, Plan
from videojobs_worker.media.render import plan_render
from videojobs_worker.media.scenes import ALONE_S, Cut, Shape, aligned, cuts_of, delay_s, graph_of, shape_of
from videojobs_worker.media.smart import SmartRender
from videojobs_worker.media.sound_index import Packets, packets_of, read_sound_index
from videojobs_worker.media.strategy import choose, obstacles
from videojobs_worker.media.subtitles import subtitles_of
from videojobs_worker.media.timeline import Timeline, timeline_of
from videojobs_worker.media.transcode import video_of
from videojobs_worker.pipeline.remux import remuxed
from videojobs_worker.process.runner import Stopper


class _NotCopyableError(Exception):
    """A source of which nothing can be copied; the text says why."""


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
        try:
            timeline = self._timeline(cuts, shape)
        except _NotCopyableError as error:
            return Choice("Full", str(error)), full
        choice = choose(self.work, shape, timeline)
        return choice, full if choice.strategy == "Full" else replace(self._smart(shape, timeline), instead=full)

    def _timeline(self, cuts: Sequence[Cut], shape: Shape) -> Timeline:
        sources = {cut.source.path: cut.source for cut in cuts}
        same = {path: self._same_ticks(number, source) for number, (path, source) in enumerate(sources.items())}
        indexes = {path: self._index(source) for path, source in same.items()}
        moved = [replace(cut, source=same[cut.source.path]) for cut in cuts]
        frames = [indexes[cut.source.path] for cut in cuts]
        for cut, index in zip(moved, frames, strict=True):
            _require_picture(cut, index)
        return timeline_of(moved, frames, graph_of(self.work, shape).overlap_s)

    def _same_ticks(self, number: int, source: Input) -> Input:
        """The source, anew where its ticks are not the output's: files that are joined must all have the same."""
        video = video_of(source)
        ticks = timescale(rate(video.fps))
        if "mp4" in source.info.formats and video.timescale == ticks:
            return source
        made = remuxed(source, self.scratch / f"same-ticks-{number:04d}.mp4", self.stopper, ticks)
        if made is None:
            raise _NotCopyableError(f"{source.uri}: its streams do not fit into mp4")
        return made

    def _index(self, source: Input) -> FrameIndex:
        self.stopper.check()
        found = read_index(source.path, rate(video_of(source).fps))
        if isinstance(found, str):
            raise _NotCopyableError(f"{source.uri}: {found}")
        return found

    def _smart(self, shape: Shape, timeline: Timeline) -> Plan:
        subtitles = subtitles_of(self.work, self.subtitle_file)
        packets = _packets(self.work, shape, timeline)
        return SmartRender(self.work, shape, timeline, packets, subtitles, self.threads).plan(self.target)


def _require_picture(cut: Cut, index: FrameIndex) -> None:
    """Where only the sound goes on, the last picture must be held, which is encoding."""
    ends_s = delay_s(cut.source) + float(index.frames / index.fps)
    if cut.start_s + cut.duration_s > ends_s + ALONE_S:
        raise _NotCopyableError(f"{cut.source.uri}: its picture ends before its sound")


def _packets(work: Render, shape: Shape, timeline: Timeline) -> list[Packets] | None:
    """The sound's packets, where they can be copied: hard cuts, and AAC of one kind that nothing is asked of."""
    if not shape.sound or work.transition or work.output.audio.bitrate_bps:
        return None
    if encoders.audio_codec(work.output, encoders.container_of(work.output)) not in ("aac", "copy"):
        return None
    sounds = {shot.source.path: shot.source.info.audio for shot in timeline.shots}
    kinds = {(sound.codec, sound.sample_rate_hz, sound.extradata) if sound else None for sound in sounds.values()}
    if len(kinds) != 1 or (kind := kinds.pop()) is None or kind[0] != "aac":
        return None
    known = {path: read_sound_index(path, kind[1]) for path in sounds}
    indexes = [index for shot in timeline.shots if (index := known[shot.source.path]) is not None]
    return packets_of(timeline.shots, indexes) if len(indexes) == len(timeline.shots) else None
