"""A VideoBatch with real workers: its files, its one status, and what goes with it."""

from __future__ import annotations

from tests.e2e.videojobs import World, eventually, slow


def test_a_batch_makes_its_files_in_order_and_goes_with_its_videojobs(world: World) -> None:
    template = {
        "preview": {
            "source": {"uri": f"{world.sources}/$(name).mp4"},
            "output": {"uri": f"{world.folder}/$(name)"},
            "frames": "$(frames)",
        }
    }
    items = [{"name": "clip-a", "values": {"frames": 2}}, {"name": "no-such-clip", "values": {"frames": 1}}]
    world.apply("night", {"template": template, "items": items}, kind="VideoBatch")
    world.kubectl("wait", "videobatch/night", "--for=condition=Failed", "--timeout=180s", timeout_s=200)
    status = world.cluster.get("-n", world.namespace, "videobatch", "night")["status"]
    assert [(each["name"], each["phase"], each.get("reason")) for each in status["results"]] == [
        ("clip-a", "Succeeded", None),
        ("no-such-clip", "Failed", "SourceNotFound"),
    ]
    made = [path for path in world.files() if "/clip-a/" in path and path.endswith(".jpg")]
    assert len(made) == 2
    world.kubectl("delete", "videobatch", "night")
    eventually(lambda: world.kubectl("get", "videojobs", "-o", "name"), lambda seen: seen == "", 30)
    assert set(made) <= set(world.files())


def test_deleting_a_batch_stops_its_ffmpegs(world: World) -> None:
    world.apply("cut", {"items": [{"name": "slow", "spec": slow(world, "slow")}]}, kind="VideoBatch")
    eventually(lambda: world.kubectl("get", "videojobs", "-o", "name"), lambda seen: "cut-slow" in seen, 30)
    world.until_encoding("cut-slow")
    world.kubectl("delete", "videobatch", "cut")
    eventually(world.ffmpegs, lambda count: count == 0, 10)
    eventually(lambda: world.kubectl("get", "videojobs", "-o", "name"), lambda seen: seen == "", 30)
    assert world.files() == []
