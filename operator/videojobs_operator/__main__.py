"""The operator's process: reads the settings, puts the parts together, runs them until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final

from kubernetes.aio.config import ConfigException

from videojobs_operator.clients import kubernetes
from videojobs_operator.controller.leader_election import LeadershipLost
from videojobs_operator.operator import Operator
from videojobs_operator.settings import Settings, SettingsError
from videojobs_operator.telemetry import logs
from videojobs_operator.telemetry.metrics import Metrics

_DESCRIPTION: Final = "Turns VideoJobs into Celery tasks and WorkerPools into Deployments."
_ENVIRONMENT: Final = """\
environment:
  REDIS_URL                            redis://[:PASSWORD@]HOST:PORT/DATABASE (required)
  CELERY_BROKER_URL                    the Redis with the queues; default: REDIS_URL
  VIDEOJOBS_NAMESPACES                 comma-separated; default: all namespaces
  VIDEOJOBS_WORKER_IMAGE               image of pools that name none
  VIDEOJOBS_WORKER_IMAGE_PULL_POLICY   Always, IfNotPresent or Never; default: IfNotPresent
  VIDEOJOBS_REDIS_SECRET               Secret whose redis-url the workers get; default: videojobs-redis
  VIDEOJOBS_LEASE                      NAMESPACE/NAME of the Lease that the acting operator holds, where there are
                                       several; default: none, this is the only one
  VIDEOJOBS_HTTP_PORT                  of /healthz, /readyz and /metrics; default: 8080
  VIDEOJOBS_LOG_LEVEL                  debug, info, warning or error; default: info
  VIDEOJOBS_LOG_FORMAT                 json or text; default: json
  KUBECONFIG                           default: the pod's service account
"""

log = logs.logger(__name__)


def main() -> None:
    """Run the operator. Exits 0 when told to stop, 2 when the settings cannot be used."""
    argparse.ArgumentParser(
        prog="videojobs-operator",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.exit(_refuse(str(error)))
    logs.configure(settings.log_level, settings.log_format)
    try:
        _run(settings)
    except ConfigException as error:
        sys.exit(_refuse(f"no way to the API server: {error}. Set KUBECONFIG, or run in a pod"))


def _run(settings: Settings) -> None:
    """Run until stopped. Exits 1 when another operator may act, to be started again as one that waits."""
    lost = False
    try:
        asyncio.run(_until_stopped(settings))
    except* LeadershipLost:  # it has been logged; leaving from here would make the exit a part of the group
        lost = True
    if lost:
        sys.exit(1)


def _refuse(text: str) -> int:
    print(f"videojobs-operator: {text}", file=sys.stderr)  # noqa: T201 - logs may not be set up
    return 2


async def _until_stopped(settings: Settings) -> None:
    """Run until a signal comes or a part fails, whose error is then raised."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    metrics = Metrics()
    operator = Operator(settings, await kubernetes.connect(metrics.api_written), metrics)
    try:
        await operator.start_probes()
        await _first(stop.wait(), _serve(operator))
    finally:
        await operator.close()
    log.info("Stopped")


async def _serve(operator: Operator) -> None:
    await operator.prepare()
    await _first(operator.run(), operator.watch())


async def _first(*parts: Coroutine[Any, Any, object]) -> None:
    """Run all until the first ends, then stop the others. An error of that one is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
    for task in done:
        if not task.cancelled():
            task.result()


if __name__ == "__main__":
    main()
