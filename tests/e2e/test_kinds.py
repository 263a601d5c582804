"""Each kind of work on a real cluster, and what its status tells of how it was done."""

from __future__ import annotations

from tests.e2e.videojobs import Resource, World, condition, transcode


def done(world: World, name: str, spec: Resource) -> Resource:
    """The status of a VideoJob that must succeed."""
    world.apply(name, spec)
    world.kubectl("wait", f"videojob/{name}", "--for=condition=Complete", "--timeout=180s", timeout_s=200)
    return world.status(name)


def test_a_render_with_blends(world: World) -> None:
    scenes = [
        {"source": {"uri": f"{world.sources}/clip-{name}.mp4"}, "start": "1s", "end": "3s"} for name in ("a", "b")
    ]
    output = {"uri": f"{world.folder}/joined.mp4", "video": {"height": 360}}
    fade = {"type": "fade", "duration": "500ms"}
    status = done(world, "render", {"render": {"scenes": scenes, "transition": fade, "output": output}})
    assert status["outputs"][0]["duration"].startswith("3.5")
    assert status["plan"]["strategy"] in ("Full", "Smart")


def test_pictures_with_a_sheet(world: World) -> None:
    output = {"uri": f"{world.folder}/frames", "sprite": {"width": 64}}
    spec = {"preview": {"source": {"uri": f"{world.sources}/clip-a.mp4"}, "frames": 3, "output": output}}
    made = [output["uri"].rpartition("/")[2] for output in done(world, "preview", spec)["outputs"]]
    assert made == ["frame-001.jpg", "frame-002.jpg", "frame-003.jpg", "sprite.jpg", "sprite.vtt"]


def test_a_transcode_that_only_moves_streams_says_so(world: World) -> None:
    status = done(world, "moved", transcode(f"{world.sources}/clip-a.mp4", f"{world.folder}/moved.mkv"))
    assert status["plan"] == {"strategy": "Copy", "reason": "picture copied, sound copied"}


def test_a_caption_without_a_pool_for_it_says_what_is_missing(world: World) -> None:
    spec = {"source": {"uri": f"{world.sources}/clip-a.mp4"}, "output": {"uri": f"{world.folder}/a.srt"}}
    world.apply("caption", {"caption": spec})
    status = world.until("caption", lambda seen: condition(seen, "Reconciling").get("reason") == "NoWorkerPool")
    assert "caption_queue" in condition(status, "Reconciling")["message"]
