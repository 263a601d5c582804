"""Looks whether an installation works, as ``helm test`` runs it, and leaves nothing behind."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import redis
from kubernetes import client
from kubernetes.client import ApiException

from videojobs_operator.api import GROUP, VERSION
from videojobs_operator.api.crds import all_crds, plural

TIMEOUT_S = 60.0
REQUEST_TIMEOUT_S = 5.0
POLL_S = 0.5
SERVED = frozenset(f"{plural(crd)}{part}" for crd in all_crds() for part in ("", "/status"))

Check = Callable[[], str]
Say = Callable[[str], None]


class CheckError(RuntimeError):
    """A part does not work; the text says which and what to look at."""


def run_checks(checks: Mapping[str, Check], say: Say) -> bool:
    """Run all checks, say each result, and whether all were good."""
    good = True
    for name, check in checks.items():
        try:
            say(f"ok      {name}: {check()}")
        except CheckError as error:
            good = False
            say(f"FAILED  {name}: {error}")
    return good


def operator_ready(url: str) -> Check:
    """The operator answers its readiness probe through its Service."""

    def check() -> str:
        return _until(lambda: _get(url))

    return check


def crds_served(api_client: client.ApiClient) -> Check:
    """The API server serves all resources, with their status."""

    def check() -> str:
        try:
            found = client.CustomObjectsApi(api_client).get_api_resources(GROUP, VERSION)
        except ApiException as error:
            raise CheckError(f"the API server has no {GROUP}/{VERSION}: {error.reason}") from error
        missing = SERVED - {resource.name for resource in found.resources}
        if missing:
            raise CheckError(f"the API server does not serve {', '.join(sorted(missing))}")
        return f"{GROUP}/{VERSION}"

    return check


def redis_usable(url: str) -> Check:
    """Redis answers with this password, and drops nothing when it is full."""

    def check() -> str:
        connection = redis.Redis.from_url(
            url, socket_timeout=REQUEST_TIMEOUT_S, socket_connect_timeout=REQUEST_TIMEOUT_S
        )
        try:
            connection.ping()
            info: Any = connection.info()
        except redis.RedisError as error:
            raise CheckError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        policy = info.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            raise CheckError(f"maxmemory-policy is {policy}: queued work would be dropped, set noeviction")
        return f"Redis {info['redis_version']}"

    return check


def pools_reconciled(api_client: client.ApiClient, namespace: str, names: Sequence[str]) -> Check:
    """The operator has seen each WorkerPool as it is now."""

    def check() -> str:
        for name in names:
            _until(lambda name=name: _reconciled(api_client, namespace, name))  # type: ignore[misc]
        return ", ".join(names) or "none to look at"

    return check


def _reconciled(api_client: client.ApiClient, namespace: str, name: str) -> str:
    api = client.CustomObjectsApi(api_client)
    try:
        pool: Any = api.get_namespaced_custom_object(GROUP, VERSION, namespace, "workerpools", name)
    except ApiException as error:
        raise CheckError(f"WorkerPool {namespace}/{name}: {error.reason}") from error
    if pool.get("status", {}).get("observedGeneration") != pool["metadata"]["generation"]:
        raise CheckError(f"the operator has not reconciled WorkerPool {namespace}/{name}: see its log")
    return name


def _get(url: str) -> str:
    try:
        # The chart's own Service, http by construction.
        with urllib.request.urlopen(url, timeout=REQUEST_TIMEOUT_S) as answer:  # noqa: S310
            return f"{answer.status} from {url}"
    except (urllib.error.URLError, OSError) as error:
        raise CheckError(f"{url}: {error}") from error


def _until(look: Callable[[], str]) -> str:
    """What ``look`` returns, or its last error once the time is up."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return look()
        except CheckError:
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL_S)
