"""The API server, as the operator uses it: a few kinds of objects, as plain dicts.

Built on kubernetes.aio's connection and credentials, without its generated classes: they check nothing that
the API server does not, and cost time for every object. Every write is counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from kubernetes.aio import client as generated_client
from kubernetes.aio import config as generated_config

REQUEST_TIMEOUT_S: Final = 15.0
#: Requests at the same time; more only wait in the API server's queues instead of here.
CONNECTIONS: Final = 32
#: Objects in one answer: thousands of large ones take longer than a request may.
PAGE: Final = 500
#: What asks for more is asked again sooner: a mistake must not stop a VideoJob for hours.
LONGEST_RETRY_AFTER_S: Final = 60.0
FIELD_MANAGER: Final = "videojobs-operator"

_MERGE: Final = "application/merge-patch+json"
_APPLY: Final = "application/apply-patch+yaml"
_READS: Final = frozenset({"GET"})

# The library says that it is typed and is so in part only.
generated: Any = generated_client
config: Any = generated_config

Object = dict[str, Any]

#: Told of every write: its verb, the resource, and the HTTP status of the answer (0: none came).
Written = Callable[[str, str, int], None]


class ApiError(Exception):
    """The API server refused or could not be reached.

    ``code`` is the HTTP status, 0 without one; ``retry_after_s`` how long it asked to be left alone (with 429 or 503).
    """

    def __init__(self, code: int, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after_s = retry_after_s


class NotFound(ApiError):  # noqa: N818 - an answer
    """There is no such object (any more)."""


class Conflict(ApiError):  # noqa: N818 - an answer
    """The object has changed since it was read: look again."""


class Refused(ApiError):  # noqa: N818 - an answer
    """The API server will not take this, however often it is asked."""


@dataclass(frozen=True)
class Resource:
    """A kind of objects in the API."""

    group: str  # empty for the core group
    version: str
    plural: str

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Path of the collection, an object, or a part of it."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = ["namespaces", namespace, self.plural] if namespace else [self.plural]
        parts += [part for part in (name, subresource) if part]
        return "/".join([root, *(quote(part, safe="") for part in parts)])


VIDEOJOBS: Final = Resource("videojobs.dev", "v1alpha1", "videojobs")
VIDEOBATCHES: Final = Resource("videojobs.dev", "v1alpha1", "videobatches")
WORKERPOOLS: Final = Resource("videojobs.dev", "v1alpha1", "workerpools")
DEPLOYMENTS: Final = Resource("apps", "v1", "deployments")
PODS: Final = Resource("", "v1", "pods")
EVENTS: Final = Resource("", "v1", "events")
LEASES: Final = Resource("coordination.k8s.io", "v1", "leases")


async def connect(written: Written, environment: Mapping[str, str] = os.environ) -> Kubernetes:
    """Connect with ``KUBECONFIG`` where it is set, else as the pod's service account.

    Raises:
        kubernetes.aio.config.ConfigException: neither is there.
    """
    settings = generated.Configuration()
    if path := environment.get("KUBECONFIG"):
        await config.load_kube_config(config_file=path, client_configuration=settings)
    else:
        config.load_incluster_config(client_configuration=settings)
    settings.connection_pool_maxsize = CONNECTIONS
    return Kubernetes(generated.ApiClient(settings), written)


class Kubernetes:
    """Reads and writes. All methods raise :class:`ApiError` or one of its kinds."""

    def __init__(self, client: Any, written: Written) -> None:
        self._client = client
        self._written = written

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def served_kinds(self, group: str, version: str) -> set[str]:
        """Plural names of the resources of a group; empty when the group is not installed."""
        try:
            answer = await self._request("GET", f"/apis/{group}/{version}", "discovery")
        except NotFound:
            return set()
        return {item["name"] for item in answer.get("resources", [])}

    async def list_all(self, resource: Resource, namespace: str = "", selector: str = "") -> list[Object]:
        """All objects, of one namespace or of all, a page at a time.

        Raises:
            ApiError: among others 410, when it took so long that the API server has forgotten the first page's state.
        """
        query = {"limit": str(PAGE)} | ({"labelSelector": selector} if selector else {})
        items: list[Object] = []
        while True:
            answer = await self._request("GET", f"{resource.path(namespace)}?{urlencode(query)}", resource.plural)
            items += answer["items"]
            if not (more := answer["metadata"].get("continue")):
                return items
            query["continue"] = more

    async def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """One object."""
        return await self._request("GET", resource.path(namespace, name), resource.plural)

    async def patch_status(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        status: Mapping[str, Any],
        resource_version: str,
    ) -> Object:
        """Merge into the status: a compare-and-set.

        Raises:
            Conflict: the object has changed since that version.
        """
        body: Object = {"status": status, "metadata": {"resourceVersion": resource_version}}
        path = resource.path(namespace, name, "status")
        return await self._request("PATCH", path, f"{resource.plural}/status", body, _MERGE)

    async def patch(self, resource: Resource, namespace: str, name: str, body: Mapping[str, Any]) -> Object:
        """Merge into the object, but for its status."""
        return await self._request("PATCH", resource.path(namespace, name), resource.plural, body, _MERGE)

    async def set_finalizers(
        self, resource: Resource, namespace: str, name: str, finalizers: list[str], resource_version: str
    ) -> Object:
        """Replace the list of finalizers, which others write to as well: hence the version."""
        body = {"metadata": {"finalizers": finalizers, "resourceVersion": resource_version}}
        return await self.patch(resource, namespace, name, body)

    async def apply(self, resource: Resource, body: Mapping[str, Any]) -> Object:
        """Server-side apply an object that the operator owns; what others set beside stays."""
        metadata = body["metadata"]
        query = f"?fieldManager={FIELD_MANAGER}&force=true"
        path = resource.path(metadata["namespace"], metadata["name"]) + query
        return await self._request("PATCH", path, resource.plural, body, _APPLY)

    async def create(self, resource: Resource, namespace: str, body: Mapping[str, Any]) -> Object:
        """Create an object."""
        return await self._request("POST", resource.path(namespace), resource.plural, body)

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str) -> None:
        """Delete that very object; one that is gone, or another of its name, is left alone."""
        body = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        try:
            await self._request("DELETE", resource.path(namespace, name), resource.plural, body)
        except (NotFound, Conflict):
            return

    async def _request(
        self,
        verb: str,
        path: str,
        resource: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Object:
        code = 0
        try:
            code, text, retry_after_s = await self._send(verb, path, body, content_type)
        finally:
            if verb not in _READS:
                self._written(verb, resource, code)
        if code >= 400:
            raise _error(code, f"{verb} {path.partition('?')[0]}: {code} {_message(text)}", retry_after_s)
        answer: Object = json.loads(text)
        return answer

    async def _send(
        self, verb: str, path: str, body: Mapping[str, Any] | None, content_type: str
    ) -> tuple[int, bytes, float]:
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        # Service account tokens rotate: the client reads them anew when it is asked for credentials.
        await self._client.update_params_for_auth(headers, [], ["BearerToken"], path, verb, body)
        try:
            response = await self._client.rest_client.request(
                verb,
                self._client.configuration.host + path,
                headers=headers,
                body=body,
                _request_timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
            )
            return response.status, await response.read(), _seconds(response.headers.get("Retry-After", ""))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            what = type(error).__name__ + (f": {error}" if str(error) else "")
            raise ApiError(0, f"{verb} {path}: no answer from the API server ({what})") from error


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text).get("message", ""))
    except (ValueError, AttributeError):
        return text[:200].decode(errors="replace")


def _seconds(retry_after: str) -> float:
    # The API server gives seconds; a proxy may give a date, which is as good as nothing.
    return min(float(retry_after), LONGEST_RETRY_AFTER_S) if retry_after.isdecimal() else 0.0


def _error(code: int, text: str, retry_after_s: float) -> ApiError:
    kind = {404: NotFound, 409: Conflict, **dict.fromkeys((400, 413, 422), Refused)}.get(code, ApiError)
    return kind(code, text, retry_after_s)
