"""What the API server's rules cannot say about a VideoJob."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from videojobs_operator.api.media import Transcode
from videojobs_operator.api.render import Overlay, Render, Scene, Title
from videojobs_operator.api.types import seconds
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.work import work_of
from videojobs_protocol import limits
from videojobs_protocol.work import MAX_BLENDED_SCENES, kind_of


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
    _check_limits(spec)


def _check_limits(spec: VideoJobSpec) -> None:
    """What the workers would refuse is not sent to them."""
    work = work_of(spec)
    try:
        limits.check(work)
    except ValueError as error:
        raise SpecError(f"spec.{kind_of(work)}", str(error)) from None


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
    for field, uri in _render_sources(work):
        if uri == work.output.uri:
            raise SpecError("spec.render.output.uri", f"is the source of {field}: choose another name")
    for number, scene in enumerate(work.scenes):
        _check_scene(f"spec.render.scenes[{number}]", scene)
    layers: dict[str, Sequence[Overlay | Title]] = {"overlays": work.overlays, "titles": work.titles}
    for name, each in layers.items():
        for number, layer in enumerate(each):
            if layer.end is not None and seconds(layer.end) <= seconds(layer.start):
                raise SpecError(f"spec.render.{name}[{number}].end", "must be after start")
    _check_blends(work)


def _render_sources(work: Render) -> Iterator[tuple[str, str]]:
    yield from ((f"scenes[{number}]", scene.source.uri) for number, scene in enumerate(work.scenes))
    yield from ((f"overlays[{number}]", overlay.source.uri) for number, overlay in enumerate(work.overlays))
    if work.subtitles:
        yield "subtitles", work.subtitles.uri
    if work.music:
        yield "music", work.music.source.uri


def _check_scene(field: str, scene: Scene) -> None:
    if scene.end is not None and seconds(scene.end) <= seconds(scene.start):
        raise SpecError(f"{field}.end", "must be after start")
    if scene.duration is not None and seconds(scene.duration) <= 0:
        raise SpecError(f"{field}.duration", "must be longer than 0s")


def _check_blends(work: Render) -> None:
    """Every blend is shorter than both of its scenes, less what they blend on their other sides."""
    if len(work.scenes) < 2:
        return
    blends = [_blend(work, scene) for scene in work.scenes[1:]]
    if any(blends) and len(work.scenes) > MAX_BLENDED_SCENES:
        text = f"at most {MAX_BLENDED_SCENES} scenes can have transitions, {len(work.scenes)} are given"
        raise SpecError("spec.render.transition", text)
    for number, blend in enumerate(blends, 1):
        if blend is None:
            continue
        if blend.seconds <= 0:
            raise SpecError(blend.field(number), "must be longer than 0s: leave transition out for cuts")
        for beside in (number - 1, number):
            length = _length_s(work.scenes[beside])
            if length is not None and blend.seconds >= length:
                raise SpecError(blend.field(number), f"{blend.text} is not shorter than scenes[{beside}] ({length:g}s)")


@dataclass(frozen=True)
class _Blend:
    text: str
    own: bool  # of the scene, and not of the whole render

    @property
    def seconds(self) -> float:
        return seconds(self.text)

    def field(self, number: int) -> str:
        return f"spec.render.scenes[{number}].transition.duration" if self.own else "spec.render.transition.duration"


def _blend(work: Render, scene: Scene) -> _Blend | None:
    """The blend of a scene with the one before it."""
    if scene.transition is not None:
        return None if scene.transition.type == "none" else _Blend(scene.transition.duration, own=True)
    return _Blend(work.transition.duration, own=False) if work.transition else None


def _length_s(scene: Scene) -> float | None:
    """In the render, where it is known."""
    speed = float(scene.speed or 1)
    if scene.duration is not None:
        return seconds(scene.duration) / speed
    return None if scene.end is None else (seconds(scene.end) - seconds(scene.start)) / speed
