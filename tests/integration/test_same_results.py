"""One piece of work, sent directly, as a VideoJob and in a VideoBatch: the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from tests.integration.operator_process import OperatorProcess
from tests.integration.video_jobs import Job
from tests.integration.worker.conftest import CeleryWorker
from tests.integration.worker_pools import Pool
from tests.support import clips, measure, sounds
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.progress import TaskStatus
from videojobs_worker import celery_app, settings

TIMEOUT_S = 60
ROOT = Path(__file__).parents[2]
#: Of the environment that has Whisper.
PYTHON = str(ROOT / ".venv-speech" / "bin" / "python")


@dataclass(frozen=True)
class Case:
    """The same work twice; words of capitals are sources, ``OUT`` is the output; ``plan`` is how it is done."""

    task: str
    arguments: list[Any]
    spec: dict[str, Any]
    plan: str = ""


SCENES = ((0, 0.8), (0.4, 1.6))
CASES = [
    Case(
        "transcode_task",
        ["CLIP", {"codec": "h264", "container": "mp4", "height": 90, "bitrate": "300k"}],
        {
            "transcode": {
                "source": {"uri": "file://CLIP"},
                "outputs": [{"uri": "file://OUT.mp4", "video": {"codec": "h264", "height": 90, "bitrate": "300k"}}],
            }
        },
        plan="Smart",
    ),
    Case(
        "transcode_task",
        ["CLIP", {"codec": "vp9", "container": "webm", "height": 90, "fps": 10}],
        {
            "transcode": {
                "source": {"uri": "file://CLIP"},
                "outputs": [{"uri": "file://OUT.webm", "video": {"codec": "vp9", "height": 90, "fps": 10}}],
            }
        },
        plan="Full",
    ),
    Case(
        "render_video_task",
        [
            {
                "scenes": [{"video_path": "CLIP", "start_time": start, "end_time": end} for start, end in SCENES],
                "output_format": {"width": 160, "height": 90, "fps": 25},
                "transitions": True,
            }
        ],
        {
            "render": {
                "scenes": [{"source": {"uri": "file://CLIP"}, "start": f"{a}s", "end": f"{b}s"} for a, b in SCENES],
                "transition": {"type": "fade", "duration": "500ms"},
                "output": {"uri": "file://OUT.mp4", "video": {"width": 160, "height": 90, "fps": 25}},
            }
        },
    ),
    Case(
        "render_video_task",
        [{"scenes": [{"video_path": "FILM"}] * 2}],
        {"render": {"scenes": [{"source": {"uri": "file://FILM"}}] * 2, "output": {"uri": "file://OUT.mp4"}}},
        plan="Copy",
    ),
    Case(
        "render_video_task",
        [{"scenes": [{"video_path": "FILM", "start_time": 0.2, "end_time": 10}, {"video_path": "FILM"}]}],
        {
            "render": {
                "scenes": [
                    {"source": {"uri": "file://FILM"}, "start": "200ms", "end": "10s"},
                    {"source": {"uri": "file://FILM"}},
                ],
                "output": {"uri": "file://OUT.mp4"},
            }
        },
        plan="Smart",
    ),
    Case(
        "generate_preview_task",
        ["CLIP", 3],
        {"preview": {"source": {"uri": "file://CLIP"}, "frames": 3, "output": {"uri": "file://OUT"}}},
    ),
    Case(
        "caption_task",
        ["TALK", "tiny", "en"],
        {
            "caption": {
                "source": {"uri": "file://TALK"},
                "model": "tiny",
                "language": "en",
                "output": {"uri": "file://OUT.srt"},
            }
        },
    ),
]


@dataclass(frozen=True)
class World:
    """An operator, a pool and a real worker, and a client that knows nothing of Kubernetes."""

    plane: ControlPlane
    client: Celery
    redis: redis.Redis
    folder: Path

    def filled(self, value: Any, out: str) -> Any:
        """A case's work with the source and the output set in."""
        names = {"CLIP": "clip.mp4", "FILM": "film.mp4", "TALK": "talk.mp4", "OUT": out}
        text = json.dumps(value)
        for word, name in names.items():
            text = text.replace(word, f"{self.folder}/{name}")
        return json.loads(text)


@pytest.fixture(scope="module")
def world(
    control_plane: ControlPlane,
    operator: OperatorProcess,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("same")
    clips.clip(folder / "clip.mp4")
    clips.clip(folder / "film.mp4", seconds=10, size="1280x720")  # large enough that copying it pays
    sounds.talk(folder / "talk.mp4", silence_s=1)
    provide_model(folder)
    environment = os.environ | {
        "REDIS_URL": redis_server.url,
        "VIDEOJOBS_MEDIA_ROOTS": str(folder),
        "TEMP_DIR": str(folder / "temp"),
        "WHISPER_MODEL_DIR": str(folder),
    }
    worker = CeleryWorker(environment, PYTHON)
    worker.start()
    Pool.apply(control_plane, "default", "cpu")
    client = celery_app.make_app(settings.load(environment))
    with redis_server.client() as status:
        yield World(control_plane, client, status, folder)
    client.close()
    worker.stop()


def provide_model(folder: Path) -> None:
    """One of random weights, where Whisper is installed."""
    script = "import pathlib, sys; from tests.support import whisper_models as m; m.provide(pathlib.Path(sys.argv[1]))"
    subprocess.run([PYTHON, "-c", script, str(folder)], cwd=ROOT, check=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.task}-{CASES.index(case)}")
def test_work_gives_the_same_bytes_whichever_way_it_came(world: World, namespace: str, case: Case) -> None:
    direct = sent_directly(world, case)
    assert direct
    assert as_videojob(world, namespace, case) == direct
    assert as_videobatch(world, namespace, case) == direct


def test_a_batch_of_renders_gives_the_same_bytes_as_a_videobatch(world: World, namespace: str) -> None:
    cases = [case for case in CASES if case.task == "render_video_task"]
    jobs = [world.filled(case.arguments, "")[0] for case in cases]
    made = world.client.send_task("batch_render_task", [jobs], queue="render_queue").get(timeout=TIMEOUT_S)
    assert hashes([entry["output_path"] for entry in made]) == as_videobatch(world, namespace, *cases)


def sent_directly(world: World, case: Case) -> list[object]:
    queue = celery_app.ROUTES[case.task]["queue"]
    sent = world.client.send_task(case.task, world.filled(case.arguments, ""), queue=queue)
    made = sent.get(timeout=TIMEOUT_S)
    check_plan(case, TaskStatus.from_json(world.redis.get(keys.task_status(sent.id))).details.get("plan"))
    return hashes(made.get("preview_paths") or [made.get("srt_path") or made["output_path"]])


def as_videojob(world: World, namespace: str, case: Case) -> list[object]:
    job = applied(world, namespace, "VideoJob", world.filled(case.spec, "job"))
    check_plan(case, job.get()["status"].get("plan"))
    return outputs_of(job)


def check_plan(case: Case, made: dict[str, str] | None) -> None:
    """Another plan makes other bytes: its reason is the first thing to know then."""
    assert not case.plan or (made and made["strategy"] == case.plan), made


def as_videobatch(world: World, namespace: str, *cases: Case) -> list[object]:
    specs = [world.filled(case.spec, f"batch{number}") for number, case in enumerate(cases)]
    items = [{"name": f"item-{number}", "spec": spec} for number, spec in enumerate(specs)]
    applied(world, namespace, "VideoBatch", {"items": items})
    jobs = [Job(world.plane, namespace, f"same-{item['name']}") for item in items]
    return [made for job in jobs for made in outputs_of(job)]


def applied(world: World, namespace: str, kind: str, spec: dict[str, Any]) -> Job:
    metadata = {"name": "same", "namespace": namespace}
    body = {"apiVersion": "videojobs.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    world.plane.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    options = ("-n", namespace, f"{kind.lower()}/same", f"--timeout={TIMEOUT_S}s")
    world.plane.kubectl("wait", "--for=condition=Complete", *options)
    return Job(world.plane, namespace, "same")


def outputs_of(job: Job) -> list[object]:
    return hashes([output["uri"].removeprefix("file://") for output in job.get()["status"]["outputs"]])


def hashes(paths: list[str]) -> list[object]:
    return [_hash(Path(path)) for path in paths]


def _hash(path: Path) -> object:
    """Of the bytes; of the frames, where the container gives every file a random number (Matroska's SegmentUID)."""
    if path.suffix == ".webm":
        return measure.frame_hashes(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()
