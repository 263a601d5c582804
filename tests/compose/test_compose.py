"""`docker compose up`: all that a plain Celery client relies on, from the host, with the password."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.compose.stack import Stack, running
from tests.support import clips, sounds, whisper_models

# whisper's tokenizer leaves its vocabulary file open (openai/whisper, tokenizer.py).
pytestmark = pytest.mark.filterwarnings("ignore:.*multilingual.tiktoken:pytest.PytestUnraisableExceptionWarning")

CELERY = (sys.executable, "-m", "celery", "-A", "videojobs_worker.celery_app")
TASKS = (
    "render_video_task",
    "generate_preview_task",
    "transcode_task",
    "caption_task",
    "batch_render_task",
    "cleanup_task",
    "monitor_resources_task",
)
CLIENT = """
import json
from videojobs_worker import celery_app as tasks

scenes = [{"video_path": "/media/clip.mp4", "start_time": 0, "end_time": 1}]
job = {"scenes": scenes, "output_format": {"width": 160, "height": 90, "fps": 25}}
sent = {
    "render_video_task": tasks.render_video_task.apply_async(args=[job], priority=9),
    "generate_preview_task": tasks.generate_preview_task.apply_async(["/media/clip.mp4"], {"num_frames": 3}),
    "transcode_task": tasks.transcode_task.apply_async(args=["/media/clip.mp4", {"codec": "h264", "container": "mkv"}]),
    "caption_task": tasks.caption_task.apply_async(args=["/media/talk.mp4"], kwargs={"model": "tiny"}),
    "batch_render_task": tasks.batch_render_task.apply_async(args=[[job, job]]),
    "cleanup_task": tasks.cleanup_task.apply_async(),
    "monitor_resources_task": tasks.monitor_resources_task.apply_async(),
}
print(json.dumps({name: result.get(timeout=200) for name, result in sent.items()}))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder, models = tmp_path_factory.mktemp("media"), tmp_path_factory.mktemp("models")
    clips.clip(folder / "clip.mp4")
    sounds.talk(folder / "talk.mp4", silence_s=1)
    whisper_models.provide(models)
    folder.chmod(0o777)  # the containers' user is another one
    models.chmod(0o755)
    with running(folder, models) as found:
        yield found


@pytest.fixture(scope="module")
def results(stack: Stack) -> dict[str, object]:
    return stack.json(sys.executable, "-c", CLIENT)  # type: ignore[no-any-return]


def test_a_client_on_the_host_gets_a_result_of_every_task(stack: Stack, results: dict) -> None:  # type: ignore[type-arg]
    assert set(results) == set(TASKS)
    made = [
        results["render_video_task"]["output_path"],
        *results["generate_preview_task"]["preview_paths"],
        results["transcode_task"]["output_path"],
        results["caption_task"]["srt_path"],
        *(entry["output_path"] for entry in results["batch_render_task"]),
    ]
    assert len(made) == 8
    assert all((stack.folder / Path(path).relative_to("/media")).stat().st_size for path in made)
    assert results["cleanup_task"]["deleted_files"] == 0
    assert set(results["monitor_resources_task"]) >= {"cpu", "memory", "disk", "gpu"}


@pytest.mark.usefixtures("results")
def test_flower_shows_the_tasks_in_a_browser(stack: Stack) -> None:
    page = ""
    with tempfile.TemporaryDirectory() as profile:
        deadline = time.monotonic() + 60
        while not all(name in page for name in TASKS) and time.monotonic() < deadline:
            page = subprocess.run(
                [
                    "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                    "--virtual-time-budget=10000", "--dump-dom", f"{stack.flower_url}/tasks",
                ],
                capture_output=True, text=True, timeout=60, check=True,
            ).stdout  # fmt: skip
    assert [name for name in TASKS if name not in page] == []
    assert "SUCCESS" in page


def test_inspect_answers_for_every_worker(stack: Stack) -> None:
    queues = stack.json(*CELERY, "inspect", "--json", "active_queues")
    taken = {node.partition("@")[0]: {queue["name"] for queue in listed} for node, listed in queues.items()}
    assert taken == {
        "render-cpu": {"render_queue", "transcode_queue", "celery"},
        "preview": {"preview_queue"},
        "caption": {"caption_queue"},
    }


@pytest.mark.parametrize("password", ["", "wrong"])
def test_redis_refuses_whoever_has_not_the_password(stack: Stack, password: str) -> None:
    url = f"redis://:{password}@127.0.0.1:{stack.settings['REDIS_PORT']}/0"
    with redis.Redis.from_url(url) as client, pytest.raises((redis.AuthenticationError, redis.ResponseError)):
        client.ping()


def test_the_password_stands_in_no_list_of_processes(stack: Stack) -> None:
    assert stack.settings["REDIS_PASSWORD"] not in stack.compose("top")


def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    listed = [json.loads(line) for line in stack.compose("ps", "--format", "json").splitlines()]
    published = {port["URL"] for service in listed for port in service["Publishers"] if port["PublishedPort"]}
    assert published == {"127.0.0.1"}


def test_the_gpu_worker_is_a_profile_with_a_device(stack: Stack) -> None:
    config = json.loads(stack.compose("--profile", "gpu", "config", "--format", "json"))
    (device,) = config["services"]["render-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["count"]) == ("nvidia", 1)
