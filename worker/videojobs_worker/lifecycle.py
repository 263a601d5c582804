"""What a worker does besides its tasks: logs, a heartbeat, and dying with its parent.

A client imports this module too, so that what only a worker has installed is imported inside the functions.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import sys
import threading
import time
from typing import Any

from celery import signals

from videojobs_worker import settings as worker_settings

_PR_SET_PDEATHSIG = 1
#: An idle worker that was told to stop has left by then, unless its broker is gone.
LEAVE_AFTER_S = 10.0
#: What jobs start: ffmpeg's two, and what ends them with their worker.
PROGRAMS = ("ffmpeg", "ffprobe", "setpriv")


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def configure_logs(**_: Any) -> None:
    """One format for Celery's lines and ours."""
    import structlog

    settings = worker_settings.load()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    last: Any = structlog.processors.JSONRenderer()
    if settings.log_format == "text":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def die_with_parent(**_: Any) -> None:
    """A prefork child whose parent was killed would finish its job unseen and unclaimed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
@signals.task_postrun.connect  # type: ignore[untyped-decorator]
def start_ahead(**_: Any) -> None:
    """What the next job begins with, between jobs. In this thread, which tasks run in and which does not end."""
    from videojobs_worker.probe.prober import PROBER

    PROBER.prepare(worker_settings.load().temp_dir)


@signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def end_ahead(**_: Any) -> None:
    """Leave no folder behind."""
    from videojobs_worker.probe.prober import PROBER

    PROBER.leave()


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def share_out(sender: Any, **_: Any) -> None:
    """Tell the processes that will be forked how many of them share the processors and the memory."""
    given = (sender.concurrency, getattr(sender, "max_concurrency", 0))  # the first may be "auto"
    slots = max((each for each in given if isinstance(each, int)), default=0)
    os.environ[worker_settings.SLOTS] = str(slots or os.cpu_count() or 1)


@signals.celeryd_init.connect  # type: ignore[untyped-decorator]
def require_programs(**_: Any) -> None:
    """Without them every job would fail, in words that blame its source. What ffmpeg can do is known from here on."""
    from videojobs_worker.errors import JobError
    from videojobs_worker.process.installed_ffmpeg import installed

    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        sys.exit(f"not on this machine's PATH: {', '.join(missing)}; install ffmpeg and util-linux")
    try:
        installed()
    except JobError as error:
        sys.exit(error.message)


@signals.celeryd_init.connect  # type: ignore[untyped-decorator]
def show_life(**_: Any) -> None:
    """To the probes, from the beginning: a Redis that is away is no reason to restart a worker."""
    from videojobs_worker.heartbeat import keep_file_fresh

    keep_file_fresh(worker_settings.load())


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def warn_of_roots(**_: Any) -> None:
    """A slip in a root is seen at once; it is no error, since a volume may be mounted later, and s3 needs none."""
    import structlog

    for root in worker_settings.load().media_roots:
        if not root.is_dir():
            text = "A folder of VIDEOJOBS_MEDIA_ROOTS is not there: mount the media, or name their folder"
            structlog.get_logger().warning(text, folder=str(root))


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def start_pulse(sender: Any, **_: Any) -> None:
    """Tell of this worker from now on."""
    from videojobs_worker.heartbeat import Pulse

    pool = getattr(sender, "pool", None)
    queues = tuple(queue.name for queue in sender.task_consumer.queues)
    Pulse(
        worker_settings.load(),
        hostname=sender.hostname,
        queues=queues,
        concurrency=getattr(pool, "limit", None) or 1,
    ).start()


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_taking(**_: Any) -> None:
    """A warm shutdown: what runs is finished, nothing more is taken."""
    from videojobs_worker.heartbeat import Pulse

    Pulse.drain()
    threading.Thread(target=_leave_when_idle, name="leave", daemon=True).start()


def _leave_when_idle() -> None:
    """Celery goes on trying to reach a broker that is gone, and does not leave: then we do, once nothing runs."""
    from videojobs_worker.heartbeat import running_tasks

    idle_since: float | None = None
    while idle_since is None or time.monotonic() - idle_since < LEAVE_AFTER_S:
        time.sleep(0.5)
        idle_since = None if running_tasks() else (idle_since or time.monotonic())
    os._exit(0)
