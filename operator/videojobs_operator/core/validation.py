"""What the API server's rules cannot say about a VideoJob."""

from __future__ import annotations

from pydantic import ValidationError

from videojobs_operator.api.media import Render, Scene, Transcode
from videojobs_operator.api.types import seconds
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_protocol.work import MAX_BLENDED_SCENES


class SpecError(ValueError):
    """A spec that cannot be meant: the field's path and what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def spec_error(error: ValidationError) -> SpecError:
    """The first thing that a model refused, by the field's path in the resource."""
    first = error.errors()[0]
    return SpecError(".".join(["spec", *(str(part) for part in first["loc"])]), first["msg"])


def check(spec: VideoJobSpec) -> None:
    """Check one kind's rules.

    Raises:
        SpecError: the first rule that is broken.
    """
    kinds = [kind for kind in (spec.render, spec.preview, spec.transcode, spec.caption) if kind is not None]
    if len(kinds) != 1:
        raise SpecError("spec", "set exactly one of render, preview, transcode, caption")
    if spec.render:
        _check_render(spec.render)
    if spec.transcode:
        _check_transcode(spec.transcode)
    if spec.caption and spec.caption.output.uri == spec.caption.source.uri:
        raise SpecError("spec.caption.output.uri", "is the source itself: choose another name")


def _check_transcode(work: Transcode) -> None:
    seen: set[str] = set()
    for number, output in enumerate(work.outputs):
        field = f"spec.transcode.outputs[{number}].uri"
        if output.uri == work.source.uri:
            raise SpecError(field, "is the source itself: choose another name")
        if output.uri in seen:
            raise SpecError(field, f"{output.uri} is another output's too: give each a name of its own")
        seen.add(output.uri)


def _check_render(work: Render) -> None:
    for number, scene in enumerate(work.scenes):
        if scene.source.uri == work.output.uri:
            raise SpecError("spec.render.output.uri", f"is the source of scenes[{number}]: choose another name")
        if scene.end is not None and seconds(scene.end) <= seconds(scene.start):
            raise SpecError(f"spec.render.scenes[{number}].end", "must be after start")
    if work.transition and len(work.scenes) > 1:
        _check_transition(work, seconds(work.transition.duration))


def _check_transition(work: Render, blend_s: float) -> None:
    if blend_s <= 0:
        raise SpecError("spec.render.transition.duration", "must be longer than 0s: leave transition out for cuts")
    if len(work.scenes) > MAX_BLENDED_SCENES:
        text = f"at most {MAX_BLENDED_SCENES} scenes can have transitions, {len(work.scenes)} are given"
        raise SpecError("spec.render.transition", text)
    for number, scene in enumerate(work.scenes):
        length = _length_s(scene)
        if length is not None and blend_s >= length:
            text = f"{work.transition and work.transition.duration} is not shorter than scenes[{number}] ({length:g}s)"
            raise SpecError("spec.render.transition.duration", text)


def _length_s(scene: Scene) -> float | None:
    return None if scene.end is None else seconds(scene.end) - seconds(scene.start)
