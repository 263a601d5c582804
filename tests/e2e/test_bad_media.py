"""What cannot be done is said once, as condition, event and failure, and never tried again."""

from __future__ import annotations

import pytest

from hack.demo.media import in_worker
from tests.e2e.videojobs import World, condition, transcode

#: name, how the source comes to be (in a shell of the worker's image), reason
CASES = [
    ("missing", "true", "SourceNotFound"),
    ("empty", ": > $0", "SourceNotMedia"),
    ("text", "echo 'this is no film' > $0", "SourceNotMedia"),
    ("truncated", "head -c 100000 /media/demo/source/clip-a.mp4 > $0", "SourceTruncated|SourceNotMedia"),
    (
        "sound-only",
        "ffmpeg -loglevel error -f lavfi -i sine=duration=1 -c:a aac -f mp4 $0",
        "NoVideoStream",
    ),
]


@pytest.mark.parametrize(("name", "make", "reasons"), CASES, ids=[case[0] for case in CASES])
def test_a_bad_source_is_reported_and_not_retried(world: World, name: str, make: str, reasons: str) -> None:
    in_worker(world.cluster, "sh", "-c", make, f"/media/{world.namespace}/{name}.mp4")
    before = world.files()
    world.apply(name, transcode(f"{world.folder}/{name}.mp4", f"{world.folder}/out.mp4"))
    _assert_failed_once(world, name, reasons)
    assert world.files() == before


def test_an_output_that_cannot_be_written_is_reported(world: World) -> None:
    in_worker(world.cluster, "mkdir", "-m", "0555", f"/media/{world.namespace}/closed")
    output = f"{world.folder}/closed/out.mp4"
    world.apply("closed", transcode(f"{world.sources}/clip-a.mp4", output))
    _assert_failed_once(world, "closed", "OutputNotWritable")


def _assert_failed_once(world: World, name: str, reasons: str) -> None:
    world.kubectl("wait", f"videojob/{name}", "--for=condition=Failed", "--timeout=120s", timeout_s=140)
    status = world.status(name)
    assert status["phase"] == "Failed"
    assert status["failure"]["reason"] in reasons.split("|")
    assert status["failure"]["retryable"] is False
    assert status["attempt"] == 1
    assert name in status["failure"]["message"]
    assert condition(status, "Failed")["reason"] in reasons.split("|")
    assert condition(status, "Stalled")["status"] == "True"
    assert "Failed" in world.events(name)
