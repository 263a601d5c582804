"""A render with all that it is made of, settled before it is known how it is made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from videojobs_protocol.work import Overlay, Render, Title
from videojobs_worker.errors import JobError
from videojobs_worker.media.render.cuts import Cut, aligned, cuts_of, ending_early, starts_s, total_s
from videojobs_worker.media.render.frame_range import frame_range
from videojobs_worker.media.render.layers import ImageLayer, Layers
from videojobs_worker.media.render.music import MusicBed, music_bed
from videojobs_worker.media.render.output_metadata import Chapter, OutputMetadata
from videojobs_worker.media.render.shape import Shape, shape_of
from videojobs_worker.media.render.subtitles import NO_SUBTITLES, SubtitleFile
from videojobs_worker.media.render.titles import TITLES, TimedTitle, intervals_of, titles_script
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.media.still_image import has_one_frame, is_image


@dataclass(frozen=True)
class RenderSources:
    """What a render reads: a source for each scene, and for each overlay, and its music."""

    scenes: Sequence[Source]
    overlays: Sequence[Source] = ()
    music: Source | None = None


@dataclass(frozen=True)
class Composition:
    """What a render shows and plays.

    Args:
        work: what was asked for.
        cuts: the scenes, in whole frames of the output.
        shape: what every scene is brought to.
        layers: what lies over them.
        bed: what is played under them.
        asked_subtitles: those that were asked for, which may go on after it.
        metadata: title and chapters.
        titles: the texts over it, with their frames.
        gain: filters that bring the mixed sound to the loudness that was asked for.
    """

    work: Render
    cuts: tuple[Cut, ...]
    shape: Shape
    layers: Layers
    bed: MusicBed | None
    asked_subtitles: SubtitleFile
    metadata: OutputMetadata
    titles: Sequence[TimedTitle]
    gain: str = ""

    @property
    def duration_s(self) -> float:
        """How long it is, seconds."""
        return total_s(self.cuts)

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return round(self.duration_s * self.shape.rate)

    @cached_property
    def subtitles(self) -> SubtitleFile:
        """Those that the render shows."""
        return self.asked_subtitles.until(self.duration_s)

    @property
    def scratch_files(self) -> dict[str, str]:
        """Fixed name -> text, of files that the runs read."""
        script = titles_script(self.titles, self.shape.width, self.shape.height) if self.titles else ""
        return {**self.subtitles.scratch_files, **self.metadata.files, **({TITLES: script} if script else {})}

    def notes(self, sources: RenderSources) -> list[str]:
        """What of what was asked for is not in the render, in words."""
        early = ending_early(self.work, sources.scenes)
        return [note for note in (early, self._never_shown(), self.asked_subtitles.note(self.duration_s)) if note]

    def _never_shown(self) -> str:
        layers: dict[str, Sequence[Overlay | Title]] = {"overlays": self.work.overlays, "titles": self.work.titles}
        late = [f"{name}[{n}]" for name, each in layers.items() for n, layer in enumerate(each) if self._is_late(layer)]
        text = f"after the render's end at {self.duration_s:.3f} s: not shown"
        return f"{', '.join(late)} begin{'s' if len(late) == 1 else ''} {text}" if late else ""

    def _is_late(self, layer: Overlay | Title) -> bool:
        return frame_range(layer.start_s, layer.end_s, self.shape.rate, self.frames) is None


def composed(work: Render, sources: RenderSources, subtitles: SubtitleFile = NO_SUBTITLES) -> Composition:
    """Settle what a render is made of.

    Raises:
        JobError: SceneOutOfRange, NoVideoStream, NoAudioStream, InvalidSpec, TransitionTooLong, SourceTruncated.
    """
    asked = cuts_of(work, sources.scenes)
    shape = shape_of(work.output, asked, music=work.music is not None, layers=_has_layers(work))
    cuts = tuple(aligned(asked, shape.fps))
    duration_s = total_s(cuts)
    frames = round(duration_s * shape.rate)
    titles = _titles(work, shape, frames)
    layers = Layers(_images(work, sources.overlays, shape, frames), intervals_of(titles))
    bed = _bed(work, sources, cuts) if shape.sound else None
    metadata = OutputMetadata(work.output.title, _chapters(work, cuts), duration_s)
    return Composition(work, cuts, shape, layers, bed, subtitles, metadata, titles)


def _has_layers(work: Render) -> bool:
    return bool(work.overlays or work.titles or work.subtitles)


def _images(work: Render, sources: Sequence[Source], shape: Shape, frames: int) -> tuple[ImageLayer, ...]:
    layers = []
    for number, (overlay, source) in enumerate(zip(work.overlays, sources, strict=True)):
        if not (is_image(source.info) or has_one_frame(source.info)):
            text = f"overlays[{number}].source: {source.uri} is no still image: give a PNG, JPEG or WebP file"
            raise JobError("InvalidSpec", text)
        video_of(source)
        if shown := frame_range(overlay.start_s, overlay.end_s, shape.rate, frames):
            layers.append(ImageLayer(overlay, source, shown))
    return tuple(layers)


def _titles(work: Render, shape: Shape, frames: int) -> list[TimedTitle]:
    ranges = [(title, frame_range(title.start_s, title.end_s, shape.rate, frames)) for title in work.titles]
    return [TimedTitle(title, shown) for title, shown in ranges if shown]


def _bed(work: Render, sources: RenderSources, cuts: Sequence[Cut]) -> MusicBed | None:
    if work.music is None or sources.music is None:
        return None
    begins = starts_s(cuts)
    heard = [
        (begin_s, begin_s + cut.duration_s)
        for begin_s, cut in zip(begins, cuts, strict=False)
        if cut.source.info.audio and not cut.still
    ]
    return music_bed(work.music, sources.music, begins[-1], heard)


def _chapters(work: Render, cuts: Sequence[Cut]) -> tuple[Chapter, ...]:
    rows = zip(work.scenes, starts_s(cuts), strict=False)
    return tuple(Chapter(scene.chapter, start_s) for scene, start_s in rows if scene.chapter)
