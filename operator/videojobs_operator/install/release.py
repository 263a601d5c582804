"""Lets go of the VideoJobs before the operator goes away for good.

The operator's finalizer would hold every deleted VideoJob, and its namespace, for ever once nobody is there
to take it off. So the operator is stopped first, lest it put the finalizer back, and then it is taken off
all. The VideoJobs stay: an operator that is installed later goes on with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from kubernetes import client
from kubernetes.client import ApiException

from videojobs_operator.api import GROUP, VERSION
from videojobs_operator.core.job import FINALIZER

PAGE = 500
STOP_TIMEOUT_S = 90.0
POLL_S = 0.5
MERGE_PATCH = "application/merge-patch+json"

Say = Callable[[str], None]


class StillRunningError(RuntimeError):
    """The operator's pods did not end in time."""


@dataclass(frozen=True)
class Operator:
    """The Deployment of the operator and the label selector of its pods."""

    namespace: str
    deployment: str
    selector: str


def release(api_client: client.ApiClient, operator: Operator | None, namespaces: Sequence[str], say: Say) -> int:
    """Stop the operator, then take its finalizer off all VideoJobs; returns how many had it.

    ``namespaces`` empty means all of them.

    Raises:
        StillRunningError: the operator did not stop.
        ApiException: the API server refused a request.
    """
    if operator:
        _stop(api_client, operator)
        say(f"Stopped Deployment {operator.namespace}/{operator.deployment}")
    api = client.CustomObjectsApi(api_client)
    released = sum(_let_go(api, job) for job in _videojobs(api, namespaces))
    say(f"Took the finalizer {FINALIZER} off {released} VideoJobs, which stay")
    return released


def _stop(api_client: client.ApiClient, operator: Operator) -> None:
    try:
        client.AppsV1Api(api_client).patch_namespaced_deployment_scale(
            operator.deployment, operator.namespace, {"spec": {"replicas": 0}}, _content_type=MERGE_PATCH
        )
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    pods, deadline = client.CoreV1Api(api_client), time.monotonic() + STOP_TIMEOUT_S
    while pods.list_namespaced_pod(operator.namespace, label_selector=operator.selector, limit=1).items:
        if time.monotonic() > deadline:
            raise StillRunningError(
                f"pods {operator.selector} in {operator.namespace} still run after {STOP_TIMEOUT_S:.0f} s"
            )
        time.sleep(POLL_S)


def _videojobs(api: client.CustomObjectsApi, namespaces: Sequence[str]) -> Iterator[dict[str, Any]]:
    for namespace in namespaces or [""]:
        token: str | None = ""
        while token is not None:
            page = _page(api, namespace, token)
            yield from page["items"]
            token = page["metadata"].get("continue") or None


def _page(api: client.CustomObjectsApi, namespace: str, token: str) -> dict[str, Any]:
    here = (GROUP, VERSION, namespace, "videojobs")
    everywhere = (GROUP, VERSION, "videojobs")
    found: Any
    try:
        if namespace:
            found = api.list_namespaced_custom_object(*here, limit=PAGE, _continue=token)
        else:
            found = api.list_cluster_custom_object(*everywhere, limit=PAGE, _continue=token)
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:  # the definition is gone, and all VideoJobs with it
            raise
        return {"items": [], "metadata": {}}
    return found  # type: ignore[no-any-return]


def _let_go(api: client.CustomObjectsApi, job: dict[str, Any]) -> bool:
    """Take the finalizer off one VideoJob as it is now; whether it had it."""
    namespace, name = job["metadata"]["namespace"], job["metadata"]["name"]
    try:
        while FINALIZER in job["metadata"].get("finalizers", ()):
            if _patch(api, namespace, name, _without_finalizer(job)):
                return True
            job = _read(api, namespace, name)
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:  # deleted meanwhile
            raise
    return False


def _read(api: client.CustomObjectsApi, namespace: str, name: str) -> dict[str, Any]:
    found: Any = api.get_namespaced_custom_object(GROUP, VERSION, namespace, "videojobs", name)
    return found  # type: ignore[no-any-return]


def _without_finalizer(job: dict[str, Any]) -> dict[str, Any]:
    """The merge patch; with the version that was read, so that nobody else's finalizer is lost."""
    metadata = job["metadata"]
    left = [name for name in metadata["finalizers"] if name != FINALIZER]
    return {"metadata": {"finalizers": left, "resourceVersion": metadata["resourceVersion"]}}


def _patch(api: client.CustomObjectsApi, namespace: str, name: str, body: dict[str, Any]) -> bool:
    """Whether it was done; False when somebody else wrote in between."""
    try:
        api.patch_namespaced_custom_object(
            GROUP, VERSION, namespace, "videojobs", name, body, _content_type=MERGE_PATCH
        )
    except ApiException as error:
        if error.status != HTTPStatus.CONFLICT:
            raise
        return False
    return True
