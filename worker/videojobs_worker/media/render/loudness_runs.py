"""Runs that measure the loudness of a render's mixed sound, before anything is encoded. Pure.

The scenes' sound is decoded for each measurement, and no picture is. Of more scenes than one run has inputs for, the
sound is written into files first, as parts of a long render are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from videojobs_worker.media.loudness import METER
from videojobs_worker.media.plan import common_arguments
from videojobs_worker.media.render.composition import Composition
from videojobs_worker.media.render.cuts import Cut, total_s
from videojobs_worker.media.render.joining import list_input, list_of, sound_file
from videojobs_worker.media.render.music import mixed_chains
from videojobs_worker.media.render.parts import parts_of
from videojobs_worker.media.render.scene_graph import SceneGraph
from videojobs_worker.media.render.strategy import SCENES_WITH_SOUND

#: Of all sound that is mixed.
SAMPLE_RATE_HZ: Final = 48_000
#: Name of the list of parts in the scratch folder.
SOUNDS: Final = "loudness.ffconcat"
_BYTES_A_SAMPLE: Final = 2
_HEADER_BYTES: Final = 4096
_MEASURED: Final = f"[a]{METER}[measured]"
_NOWHERE: Final = ("-map", "[measured]", "-f", "null", "-")


@dataclass(frozen=True)
class SoundPart:
    """A file in the scratch folder with the sound of some scenes, and the run that writes it."""

    name: str
    arguments: tuple[str, ...]
    duration_s: float
    bytes: int


def sound_parts(composition: Composition) -> list[SoundPart]:
    """What is written before :func:`metered_arguments`; nothing where one run has inputs for all scenes."""
    if len(composition.cuts) <= SCENES_WITH_SOUND:
        return []
    parts = parts_of(composition.cuts, composition.shape.rate, SCENES_WITH_SOUND)
    return [_part(f"loudness-{number:04d}.w64", cuts, composition) for number, cuts in enumerate(parts)]


def sounds_list(parts: Sequence[SoundPart]) -> str:
    """The text of SOUNDS."""
    return list_of((part.name, part.duration_s) for part in parts)


def metered_arguments(composition: Composition, gain: str, parts: Sequence[SoundPart]) -> tuple[str, ...]:
    """The run that reports the loudness of the mixed sound behind the filters ``gain``, without a common beginning."""
    if not parts:
        graph = SceneGraph(composition.shape, composition.cuts, bed=composition.bed, gain=gain)
        return (*graph.sound_inputs(), "-filter_complex", f"{graph.sound_text()};{_MEASURED}", *_NOWHERE)
    bed, channels = composition.bed, composition.shape.channels
    chains = [*mixed_chains(bed, gain, 1, "[0:a:0]", "[a]", channels), _MEASURED]
    return (*list_input(SOUNDS), *(bed.inputs() if bed else ()), "-filter_complex", ";".join(chains), *_NOWHERE)


def _part(name: str, cuts: Sequence[Cut], composition: Composition) -> SoundPart:
    graph, duration_s = SceneGraph(composition.shape, cuts), total_s(cuts)
    arguments = (
        *common_arguments(1), *graph.sound_inputs(), "-filter_complex", graph.sound_text(),
        *sound_file("[a]", name),
    )  # fmt: skip
    samples = duration_s * SAMPLE_RATE_HZ * composition.shape.channels
    return SoundPart(name, arguments, duration_s, int(samples * _BYTES_A_SAMPLE) + _HEADER_BYTES)
