"""Scenes joined by hard cuts and blends: the filter graph of a render. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from videojobs_worker.media.render.cuts import Blend, Cut
from videojobs_worker.media.render.layers import Layers
from videojobs_worker.media.render.music import MusicBed, mixed_chains
from videojobs_worker.media.render.scenes import scene_inputs, scene_picture, scene_sound
from videojobs_worker.media.render.shape import Shape
from videojobs_worker.media.render.subtitles import PAINTED
from videojobs_worker.media.source import Source


@dataclass(frozen=True)
class SceneGraph:
    """How cuts become one picture ``[v]`` and one sound ``[a]``.

    Args:
        shape: what every scene is brought to.
        cuts: the scenes, or those of a part of the render; the first one blends with nothing.
        layers: what lies over them.
        burnt_from_s: where in the render they begin, which is what the times of burnt subtitles are of; None where
            nothing is burnt.
        bed: the music under them.
        gain: filters that bring their sound and the music to a loudness.
    """

    shape: Shape
    cuts: Sequence[Cut]
    layers: Layers = field(default_factory=Layers)
    burnt_from_s: float | None = None
    bed: MusicBed | None = None
    gain: str = ""

    @property
    def opened(self) -> list[Cut]:
        """The cuts that are opened for :meth:`text`, in order: sound that blends has inputs of its own.

        ``acrossfade`` reads ahead: from one input with the picture, ffmpeg would hold all pictures until then.
        """
        blends = any(cut.blend for cut in self.cuts[1:])
        return [*self.cuts, *self.cuts] if self.shape.sound and blends else [*self.cuts]

    @property
    def input_count(self) -> int:
        """How many inputs :meth:`inputs` has."""
        return len(self.opened) + len(self.layers.images) + (self.bed is not None)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What its inputs are of."""
        music = (self.bed.source,) if self.bed else ()
        used = (*(cut.source for cut in self.cuts), *self.layers.sources, *music)
        return tuple({source.path: source for source in used}.values())

    @property
    def files(self) -> tuple[str, ...]:
        """What of the scratch folder its filters read."""
        return (*(() if self.burnt_from_s is None else (PAINTED,)), *self.layers.files)

    def inputs(self, threads: int) -> list[str]:
        """The inputs of :meth:`text`."""
        music = self.bed.inputs() if self.bed else ()
        return [*scene_inputs(self.opened, threads), *self.layers.inputs(), *music]

    def text(self) -> str:
        """The ``-filter_complex`` of picture and sound."""
        chains = [scene_picture(number, cut, self.shape) for number, cut in enumerate(self.cuts)]
        if self.shape.sound:
            chains += self._sounds(len(self.opened) - len(self.cuts))
        chains += self._joined()
        over, picture = self.layers.chains(self.shape, "[joined]", len(self.opened))
        chains += [*over, f"{picture}{self._burnt()}[v]"]
        return ";".join([*chains, *self._bedded()])

    def sound_inputs(self) -> list[str]:
        """The inputs of :meth:`sound_text`."""
        return [*scene_inputs(self.cuts, 1), *(self.bed.inputs() if self.bed else ())]

    def sound_text(self) -> str:
        """The ``-filter_complex`` of the sound alone."""
        chains = [*self._sounds(0), *self._joined(picture=False)]
        return ";".join([*chains, *self._bedded(len(self.cuts))])

    def _sounds(self, first_input: int) -> list[str]:
        return [scene_sound(number, cut, first_input + number, self.shape) for number, cut in enumerate(self.cuts)]

    def _burnt(self) -> str:
        """Subtitles have the times of the whole render; ``setpts`` leaves the frame rate unknown since ffmpeg 7."""
        if self.burnt_from_s is None:
            return "null"
        if not self.burnt_from_s:
            return f"ass={PAINTED}"
        later = f"{self.burnt_from_s:.6f}/TB"
        return f"settb=AVTB,setpts=PTS+{later},ass={PAINTED},setpts=PTS-{later},fps={self.shape.rate}"

    def _bedded(self, its_input: int | None = None) -> list[str]:
        if not self.shape.sound:
            return []
        number = self.input_count - 1 if its_input is None else its_input
        return mixed_chains(self.bed, self.gain, number, "[sound]", "[a]", self.shape.channels)

    def _joined(self, *, picture: bool = True) -> list[str]:
        """Scenes that blend become one by one, and those are put one behind the other."""
        groups, chains = _groups(self.cuts), list[str]()
        for group in groups:
            chains += _blended_picture(self.cuts, group) if picture else []
            chains += _blended_sound(self.cuts, group) if self.shape.sound else []
        labels = "".join(
            (_label("v", group) if picture else "") + (_label("a", group) if self.shape.sound else "")
            for group in groups
        )
        outputs = ("[joined]" if picture else "") + ("[sound]" if self.shape.sound else "")
        join = f"concat=n={len(groups)}:v={int(picture)}:a={int(self.shape.sound)}"
        return [*chains, f"{labels}{join}{outputs}"]


def _groups(cuts: Sequence[Cut]) -> list[range]:
    """The numbers of scenes that blend with one another, between hard cuts."""
    begins = [number for number, cut in enumerate(cuts) if number == 0 or cut.blend is None]
    return [range(begin, end) for begin, end in zip(begins, [*begins[1:], len(cuts)], strict=True)]


def _label(kind: str, group: range) -> str:
    """Of what a group becomes: its own where it is a scene alone."""
    return f"[{kind}{group[-1]}]" if len(group) == 1 else f"[{kind}{group[0]}-{group[-1]}]"


def _blended_picture(cuts: Sequence[Cut], group: range) -> list[str]:
    chains, before, ends_s = [], f"[v{group[0]}]", cuts[group[0]].duration_s
    for number in group[1:]:
        blend, after = _blend(cuts[number]), _label("v", range(group[0], number + 1))
        offset_s = ends_s - blend.duration_s
        fade = f"xfade=transition={blend.type}:duration={blend.duration_s:.6f}:offset={offset_s:.6f}"
        chains.append(f"{before}[v{number}]{fade}{after}")
        before, ends_s = after, offset_s + cuts[number].duration_s
    return chains


def _blended_sound(cuts: Sequence[Cut], group: range) -> list[str]:
    chains, before = [], f"[a{group[0]}]"
    for number in group[1:]:
        after = _label("a", range(group[0], number + 1))
        chains.append(f"{before}[a{number}]acrossfade=d={_blend(cuts[number]).duration_s:.6f}{after}")
        before = after
    return chains


def _blend(cut: Cut) -> Blend:
    assert cut.blend is not None, "only scenes that blend are in one group"  # noqa: S101
    return cut.blend
