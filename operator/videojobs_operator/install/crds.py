"""Brings the cluster's CustomResourceDefinitions to those of this version.

Helm installs a chart's ``crds/`` once and never upgrades them, so the chart's hook does it here. Taken from
the typed models, they are always those that the operator in the same image was written against.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kubernetes import client

from videojobs_operator.api.crds import all_crds
from videojobs_operator.api.schema import Schema

FIELD_MANAGER = "videojobs-install"
ESTABLISH_TIMEOUT_S = 60.0
POLL_S = 0.2

Say = Callable[[str], None]


class NotEstablishedError(RuntimeError):
    """The API server has the definition and does not serve it."""


def apply_crds(api_client: client.ApiClient, say: Say) -> None:
    """Server-side apply every definition, and wait until the API server serves them.

    Raises:
        NotEstablishedError: it does not serve one in time; the message has its conditions.
        ApiException: it refused one.
    """
    api = client.ApiextensionsV1Api(api_client)
    for crd in all_crds():
        name = crd["metadata"]["name"]
        _apply(api, crd)
        _wait_established(api, name)
        say(f"Applied CustomResourceDefinition {name}")


def _apply(api: client.ApiextensionsV1Api, crd: Schema) -> None:
    api.patch_custom_resource_definition(
        crd["metadata"]["name"],
        crd,
        field_manager=FIELD_MANAGER,
        force=True,  # the first install was by helm or kubectl, which own the fields until now
        _content_type="application/apply-patch+yaml",
    )


def _wait_established(api: client.ApiextensionsV1Api, name: str) -> None:
    deadline = time.monotonic() + ESTABLISH_TIMEOUT_S
    while True:
        status = api.read_custom_resource_definition(name).status
        conditions = (status and status.conditions) or []
        if _established(conditions):
            return
        if time.monotonic() > deadline:
            told = "; ".join(f"{each.type}={each.status} {each.message}" for each in conditions)
            raise NotEstablishedError(f"{name} is not served after {ESTABLISH_TIMEOUT_S:.0f} s: {told}")
        time.sleep(POLL_S)


def _established(conditions: list[Any]) -> bool:
    holding = {condition.type for condition in conditions if condition.status == "True"}
    return {"NamesAccepted", "Established"} <= holding
