"""What the API has fields for and this worker's renders cannot do yet: refused, never left out silently. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from videojobs_protocol.work import Render, Scene
from videojobs_worker.errors import JobError


def check_supported(work: Render) -> None:
    """Refuse what would be left out.

    Raises:
        JobError: NotSupported, which names the fields.
    """
    if found := [*_fields(work)]:
        text = f"renders cannot do this yet: {', '.join(found)}; leave it out"
        raise JobError("NotSupported", text)


def _fields(work: Render) -> Iterator[str]:
    given = {
        "overlays": work.overlays, "titles": work.titles, "music": work.music,
        "output.metadata.title": work.output.title,
        "output.audio.loudness": work.output.audio.loudness_lufs,
    }  # fmt: skip
    yield from (name for name, value in given.items() if value)
    for number, scene in enumerate(work.scenes):
        yield from (f"scenes[{number}].{name}" for name in _scene_fields(scene))


def _scene_fields(scene: Scene) -> Iterator[str]:
    given = {
        "duration": scene.duration_s is not None, "speed": scene.speed != 1.0, "audio.gain": scene.gain_db != 0.0,
        "transition": scene.transition is not None, "chapter": bool(scene.chapter),
    }  # fmt: skip
    yield from (name for name, value in given.items() if value)
