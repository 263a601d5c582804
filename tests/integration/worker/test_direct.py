"""Plain Celery clients, to the letter of what they rely on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tests.integration.worker.conftest import Bench
from videojobs_protocol import keys
from videojobs_protocol.queues import RUN_ATTEMPT_TASK

pytestmark = pytest.mark.usefixtures("worker")
TIMEOUT_S = 60


@pytest.fixture
def client(environment: dict[str, str]) -> Iterator[Celery]:
    from videojobs_worker import celery_app, settings

    made = celery_app.make_app(settings.load(environment))
    made.tasks.update({name: task for name, task in celery_app.app.tasks.items() if not name.startswith("celery.")})
    yield made
    made.close()


def test_transcode(client: Celery, bench: Bench, sources: Path) -> None:
    form = {"codec": "h264", "container": "mp4", "width": 160, "height": 90, "bitrate": "300k"}
    result = client.send_task("transcode_task", [str(sources / "clip.mp4"), form], queue="transcode_queue")
    made = result.get(timeout=TIMEOUT_S)
    assert Path(made["output_path"]).is_file()
    status = json.loads(bench.client.get(keys.task_status(result.id)) or "{}")
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert bench.client.exists(f"celery-task-meta-{result.id}")


def test_a_file_of_sound(client: Celery, sources: Path) -> None:
    form = {"container": "flac", "audio_streams": [0], "loudness": -23}
    result = client.send_task("transcode_task", [str(sources / "clip.mp4"), form], queue="transcode_queue")
    made = result.get(timeout=TIMEOUT_S)["output_path"]
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", made]
    assert subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split() == ["flac"]


def test_render(client: Celery, sources: Path) -> None:
    scene = {"video_path": str(sources / "clip.mp4"), "start_time": 0, "end_time": 1}
    job = {"scenes": [scene, scene], "output_format": {"width": 160, "height": 90, "fps": 25}, "transitions": True}
    made = client.send_task("render_video_task", [job], queue="render_queue").get(timeout=TIMEOUT_S)
    assert Path(made["output_path"]).is_file()


def test_preview(client: Celery, sources: Path) -> None:
    result = client.send_task(
        "generate_preview_task", [str(sources / "clip.mp4")], {"num_frames": 3}, queue="preview_queue"
    )
    assert [Path(path).is_file() for path in result.get(timeout=TIMEOUT_S)["preview_paths"]] == [True] * 3


def test_batch_keeps_order_and_loses_nothing(client: Celery, sources: Path) -> None:
    def job(path: str) -> dict[str, object]:
        return {"scenes": [{"video_path": path, "start_time": 0, "end_time": 0.5}]}

    good, missing = str(sources / "clip.mp4"), str(sources / "nowhere.mp4")
    result = client.send_task("batch_render_task", [[job(good), job(missing), job(good)]], queue="render_queue")
    made = result.get(timeout=TIMEOUT_S)
    assert ["output_path" in entry for entry in made] == [True, False, True]
    assert made[1]["error"] == f"Video file not found: {missing}"


@pytest.mark.parametrize("path", ["/nowhere.mp4", "/etc/passwd"])
def test_a_missing_file_is_named_and_not_tried_again(client: Celery, bench: Bench, path: str) -> None:
    result = client.send_task("transcode_task", [path, {}], queue="transcode_queue")
    with pytest.raises(FileNotFoundError, match=f"Video file not found: {path}: .* is not under a folder"):
        result.get(timeout=TIMEOUT_S)
    assert json.loads(bench.client.get(keys.task_status(result.id)) or "{}")["status"] == "failed"


@pytest.mark.parametrize(
    ("task", "argument", "told"),
    [
        ("batch_render_task", {"scenes": []}, "jobs: {'scenes': []} is not a list"),
        (RUN_ATTEMPT_TASK, {"job_uid": "uid"}, "not an attempt: namespace: is missing"),
    ],
)
def test_what_cannot_be_meant_has_a_last_word(
    client: Celery, bench: Bench, task: str, argument: object, told: str
) -> None:
    result = client.send_task(task, [argument], queue="render_queue")
    status = bench.until_final(result.id)
    assert (status.status, status.failure and status.failure.message) == ("failed", told)


def test_resources(client: Celery, bench: Bench) -> None:
    resources = client.send_task("monitor_resources_task").get(timeout=TIMEOUT_S)
    assert resources == json.loads(bench.client.get(keys.SYSTEM_RESOURCES) or "{}")
    assert 0 <= resources["cpu"]["percent"] <= 100
    assert resources["memory"]["percent"] > 0
    assert resources["disk"]["percent"] > 0
    assert resources["gpu"]["available"] == bool(resources["gpu"]["gpus"])


def test_cleanup_counts(client: Celery) -> None:
    cleaned = client.send_task("cleanup_task", kwargs={"max_age_days": 7, "max_size_gb": 50}).get(timeout=TIMEOUT_S)
    assert set(cleaned) == {"deleted_files", "freed_bytes", "deleted", "deleted_records"}


def examples() -> list[str]:
    guide = Path(__file__).parents[3] / "docs" / "how-to" / "celery-clients.md"
    return re.findall(r"^```python\n(.*?)^```", guide.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(3))
def test_the_guides_examples_run(environment: dict[str, str], sources: Path, number: int) -> None:
    code = examples()[number].replace("/media/a.mp4", str(sources / "clip.mp4"))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_example_of_the_guide_is_run() -> None:
    assert len(examples()) == 3


#: Run first, it refuses what ``pip install videojobs`` does not bring.
CLIENT_ALONE = """
import importlib.metadata as installed, re, sys

def plain(name):
    return re.sub("[-_.]+", "-", re.match("[A-Za-z0-9._-]+", name)[0]).lower()

def brought(*names):
    found, left = set(), list(names)
    while left:
        name = plain(left.pop())
        if name not in found:
            found.add(name)
            try:
                wanted = installed.distribution(name).requires or []
            except installed.PackageNotFoundError:
                continue
            left += [each for each in wanted if "extra ==" not in each]
    return found

HAD, OWNERS = brought("celery", "redis", "packaging"), installed.packages_distributions()

class Refuse:
    def find_spec(name, path=None, target=None):
        owners = {plain(owner) for owner in OWNERS.get(name.partition(".")[0], [])}
        if owners and not owners & (HAD | {"videojobs"}):
            raise ModuleNotFoundError(f"a client has no {name}")

sys.meta_path.insert(0, Refuse)
for absent in ("structlog", "psutil", "pydantic", "kopf", "boto3"):
    try:
        __import__(absent)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{absent} is there: this tests nothing")
"""


def test_a_client_needs_celery_and_redis_alone(environment: dict[str, str], bench: Bench) -> None:
    """It imports all tasks and sends them; what only a worker has installed is not there, nor is ffmpeg."""
    code = (
        f"{CLIENT_ALONE}\n"
        "from videojobs_worker.celery_app import app, render_video_task, generate_preview_task, "
        "transcode_task, caption_task, batch_render_task, cleanup_task, monitor_resources_task\n"
        "for task in (render_video_task, generate_preview_task, transcode_task, caption_task, batch_render_task):\n"
        "    result = task.apply_async(['/x.mp4', {}][: 2 if task is transcode_task else 1], queue='alone')\n"
        "    assert result.state == 'PENDING' and not result.ready()"
    )
    subprocess.run([sys.executable, "-c", code], env={**environment, "PATH": ""}, check=True, timeout=60)
    assert bench.client.llen("alone") == 5


def test_processes_are_renewed_after_fifty_tasks() -> None:
    from videojobs_worker.celery_app import app

    assert app.conf.worker_max_tasks_per_child == 50


def test_a_higher_priority_goes_to_an_earlier_list(environment: dict[str, str], bench: Bench) -> None:
    code = (
        "from videojobs_worker.celery_app import transcode_task\n"
        "for priority in (10, 5, 0):\n"
        "    transcode_task.apply_async(['/x.mp4', {}], priority=priority, queue='nobody_reads')"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    keys_of_priorities = ("nobody_reads", "nobody_reads\x06\x164", "nobody_reads\x06\x169")
    assert [bench.client.llen(key) for key in keys_of_priorities] == [1, 1, 1]
