"""The commands of hooks and ``helm test``, run as their ServiceAccounts with the rights that these have.

Nothing runs pods here, so the tests run each pod's command; end to end tests run the pods.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from tests.chart.conftest import Api
from tests.chart.rendering import CHART, NAMESPACE, Manifest, Values, named, of_kind, pod_templates, render
from tests.support.control_plane import free_ports

FINALIZER = "videojobs.dev/cancel"
CRDS = [yaml.safe_load(path.read_text())["metadata"]["name"] for path in sorted((CHART / "crds").iterdir())]
VIDEOJOB = """
apiVersion: videojobs.dev/v1alpha1
kind: VideoJob
metadata:
  name: {name}
  namespace: {namespace}
  finalizers: [videojobs.dev/cancel, example.com/theirs]
spec:
  preview: {{source: {{uri: "file:///media/a.mp4"}}, output: {{uri: "file:///media/frames"}}}}
"""


def run_as(
    api: Api, account: str, arguments: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m videojobs_operator.install`` with a token of a ServiceAccount."""
    config = yaml.safe_load(api.kubeconfig.read_text())
    token = api.kubectl("-n", NAMESPACE, "create", "token", account).strip()
    config["users"][0]["user"] = {"token": token}
    kubeconfig = folder / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(yaml.safe_dump(config))
    return subprocess.run(
        [sys.executable, "-m", "videojobs_operator.install", *arguments],
        env=api.environment | {"KUBECONFIG": str(kubeconfig)} | environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def install_rights(api: Api, values: Values, component: str) -> list[Manifest]:
    """Apply the accounts, roles and bindings of a component, and return all manifests."""
    manifests = render(values)
    rights = of_kind(manifests, "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
    api.apply([each for each in rights if component_of(each) == component])
    return manifests


def component_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["labels"]["app.kubernetes.io/component"])


def arguments_of(manifests: list[Manifest], owner: str) -> list[str]:
    """What the pod is told, after ``python -m videojobs_operator.install``."""
    (container,) = pod_templates(manifests)[owner]["spec"]["containers"]
    assert container["args"][:3] == ["python", "-m", "videojobs_operator.install"]
    return [str(argument) for argument in container["args"][3:]]


class TestCrds:
    def test_an_old_definition_becomes_the_new_one(self, api: Api, tmp_path: Path) -> None:
        manifests = install_rights(api, {}, "crds")
        crd = api.get("crd", "workerpools.videojobs.dev")
        del crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["gpu"]
        api.kubectl("replace", "-f", "-", stdin=yaml.safe_dump(crd))
        done = run_as(api, "videojobs-crds", arguments_of(manifests, "Job/videojobs-crds"), tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Applied CustomResourceDefinition workerpools.videojobs.dev" in done.stdout
        assert "How many a pod gets." in str(api.get("crd", "workerpools.videojobs.dev"))

    @pytest.mark.parametrize("name", CRDS)
    def test_a_missing_definition_comes_back(self, name: str, api: Api, tmp_path: Path) -> None:
        """As on the upgrade from a release that did not have it yet, and helm never adds to crds/ again."""
        manifests = install_rights(api, {}, "crds")
        api.kubectl("delete", "crd", name)
        done = run_as(api, "videojobs-crds", arguments_of(manifests, "Job/videojobs-crds"), tmp_path)
        assert done.returncode == 0, done.stderr
        api.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=30s")

    def test_it_may_not_touch_other_definitions(self, api: Api) -> None:
        install_rights(api, {}, "crds")
        who = f"system:serviceaccount:{NAMESPACE}:videojobs-crds"
        assert can(api, who, "patch", "crd/videojobs.videojobs.dev")
        assert not can(api, who, "patch", "crd/others.example.com")
        assert not can(api, who, "delete", "crd/videojobs.videojobs.dev")


class TestRelease:
    @pytest.fixture
    def videojobs(self, api: Api) -> Iterator[list[tuple[str, str]]]:
        places = [(NAMESPACE, "a"), ("team-a", "b"), ("team-b", "c")]
        for namespace, name in places:
            api.kubectl("apply", "-f", "-", stdin=VIDEOJOB.format(name=name, namespace=namespace))
        yield places
        for namespace, name in places:
            patch = '{"metadata": {"finalizers": null}}'
            api.kubectl("-n", namespace, "patch", "videojob", name, "--type=merge", f"-p={patch}")
            api.kubectl("-n", namespace, "delete", "videojob", name)

    @pytest.mark.parametrize(
        ("values", "held"),
        [
            ({}, []),
            ({"operator": {"namespaces": [NAMESPACE, "team-a"]}}, ["c"]),
        ],
        ids=["everywhere", "in two namespaces"],
    )
    def test_videojobs_stay_without_our_finalizer(
        self, api: Api, videojobs: list[tuple[str, str]], values: Values, held: list[str], tmp_path: Path
    ) -> None:
        manifests = install_rights(api, values, "release")
        deployment = named(manifests, "Deployment", "videojobs-operator")
        api.apply([deployment])
        done = run_as(api, "videojobs-release", arguments_of(manifests, "Job/videojobs-release"), tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"off {3 - len(held)} VideoJobs" in done.stdout
        assert api.get("-n", NAMESPACE, "deployment", "videojobs-operator")["spec"]["replicas"] == 0
        for namespace, name in videojobs:
            left = api.get("-n", namespace, "videojob", name)["metadata"]["finalizers"]
            ours = [FINALIZER] if name in held else []
            assert left == [*ours, "example.com/theirs"], name
        api.kubectl("-n", NAMESPACE, "delete", "deployment", "videojobs-operator")

    def test_nothing_to_stop_and_nothing_to_release_is_no_error(self, api: Api, tmp_path: Path) -> None:
        manifests = install_rights(api, {}, "release")
        done = run_as(api, "videojobs-release", arguments_of(manifests, "Job/videojobs-release"), tmp_path)
        assert done.returncode == 0, done.stderr
        assert "off 0 VideoJobs" in done.stdout


class Ready(BaseHTTPRequestHandler):
    """An operator that is ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Not into the test's output."""


@pytest.fixture
def operator_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/readyz"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis with a password, configured by the chart's own file."""
    (port,) = free_ports(1)
    text = named(render({}), "ConfigMap", "videojobs-redis")["data"]["redis.conf"]
    settings = {"port": str(port), "dir": str(tmp_path), "aclfile": str(tmp_path / "users.acl")}
    lines = [f"{key} {settings.get(key, value)}" for key, _, value in map(_words, text.splitlines()) if key]
    (tmp_path / "redis.conf").write_text("\n".join(lines))
    (tmp_path / "users.acl").write_text("user default on >sesame ~* &* +@all\n")
    server = subprocess.Popen(["redis-server", str(tmp_path / "redis.conf")], stdout=subprocess.DEVNULL, cwd=tmp_path)
    yield f"redis://:sesame@127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


def _words(line: str) -> tuple[str, str, str]:
    return ("", "", "") if line.startswith("#") else line.partition(" ")


class TestCheck:
    def arguments(self, manifests: list[Manifest], url: str) -> list[str]:
        """The pod's, but for the operator's address, which is a Service's."""
        arguments = arguments_of(manifests, "Pod/videojobs-test")
        arguments[arguments.index("--operator-url") + 1] = url
        return arguments

    @pytest.fixture
    def manifests(self, api: Api) -> Iterator[list[Manifest]]:
        manifests = install_rights(api, {}, "test")
        api.apply([named(manifests, "WorkerPool", "cpu")])
        yield manifests
        api.kubectl("-n", NAMESPACE, "delete", "workerpool", "cpu")

    def reconcile(self, api: Api) -> None:
        patch = '{"status": {"observedGeneration": 1}}'
        command = ("patch", "workerpool", "cpu", "--subresource=status", "--type=merge", f"-p={patch}")
        api.kubectl("-n", NAMESPACE, *command)

    def test_a_good_installation(
        self, api: Api, manifests: list[Manifest], operator_url: str, redis_url: str, tmp_path: Path
    ) -> None:
        self.reconcile(api)
        arguments = self.arguments(manifests, operator_url)
        done = run_as(api, "videojobs-test", arguments, tmp_path, REDIS_URL=redis_url)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [line.split()[:2] for line in done.stdout.splitlines()] == [
            ["ok", "operator:"],
            ["ok", "resources:"],
            ["ok", "redis:"],
            ["ok", "pools:"],
        ]
        assert "sesame" not in done.stdout + done.stderr

    def test_a_wrong_password_and_an_evicting_redis_are_told(
        self, api: Api, manifests: list[Manifest], operator_url: str, redis_url: str, tmp_path: Path
    ) -> None:
        self.reconcile(api)
        arguments = self.arguments(manifests, operator_url)
        wrong = redis_url.replace("sesame", "guess")
        done = run_as(api, "videojobs-test", arguments, tmp_path, REDIS_URL=wrong)
        assert done.returncode == 1
        assert "FAILED  redis: AuthenticationError" in done.stdout
        with redis.Redis.from_url(redis_url) as connection:
            connection.config_set("maxmemory-policy", "allkeys-lru")
        done = run_as(api, "videojobs-test", arguments, tmp_path, REDIS_URL=redis_url)
        assert done.returncode == 1
        assert "FAILED  redis: maxmemory-policy is allkeys-lru" in done.stdout


def can(api: Api, who: str, verb: str, what: str, *arguments: str) -> bool:
    """``kubectl auth can-i``, whose answer no is exit code 1."""
    # kubectl reads what comes after a slash as a name, status as well.
    asked = [what.removesuffix("/status"), "--subresource=status"] if what.endswith("/status") else [what]
    command = [api.kubectl_path, "auth", "can-i", verb, *asked, f"--as={who}", *arguments]
    done = subprocess.run(command, env=api.environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "yes"


OPERATOR = f"system:serviceaccount:{NAMESPACE}:videojobs-operator"
ALLOWED = [
    ("watch", "videojobs.videojobs.dev"),
    ("delete", "videojobs.videojobs.dev"),
    ("create", "videojobs.videojobs.dev"),
    ("delete", "videobatches.videojobs.dev"),
    ("patch", "videobatches.videojobs.dev/status"),
    ("patch", "videojobs.videojobs.dev/status"),
    ("patch", "workerpools.videojobs.dev/status"),
    ("create", "deployments.apps"),
    ("patch", "deployments.apps"),
    ("patch", "pods"),
    ("create", "events"),
]
DENIED = [
    ("get", "secrets"),
    ("list", "secrets"),
    ("create", "pods"),
    ("create", "pods/exec"),
    ("delete", "deployments.apps"),
    ("create", "videobatches.videojobs.dev"),
    ("patch", "videobatches.videojobs.dev"),
    ("delete", "workerpools.videojobs.dev"),
    ("patch", "workerpools.videojobs.dev"),
    ("get", "workerpools.videojobs.dev/status"),
    ("patch", "events"),
    ("list", "customresourcedefinitions"),
    ("list", "namespaces"),
    ("create", "rolebindings.rbac.authorization.k8s.io"),
]


@pytest.fixture(scope="module")
def operator_rights(api: Api) -> None:
    install_rights(api, {}, "operator")


@pytest.mark.usefixtures("operator_rights")
@pytest.mark.parametrize(("verb", "what"), ALLOWED + DENIED)
def test_what_the_operator_may(verb: str, what: str, api: Api) -> None:
    assert can(api, OPERATOR, verb, what, "-n", "team-b") == ((verb, what) in ALLOWED)


def test_in_namespaced_mode_it_may_so_only_there(api: Api) -> None:
    values = {"fullnameOverride": "narrow", "operator": {"namespaces": [NAMESPACE, "team-a"]}}
    install_rights(api, values, "operator")
    who = f"system:serviceaccount:{NAMESPACE}:narrow-operator"
    for namespace, allowed in ((NAMESPACE, True), ("team-a", True), ("team-b", False)):
        assert can(api, who, "patch", "videojobs.videojobs.dev", "-n", namespace) == allowed


@pytest.mark.parametrize(("role", "may_edit"), [("view", False), ("edit", True), ("admin", True)])
def test_people_s_roles_aggregate(role: str, may_edit: bool) -> None:
    roles = of_kind(render({}), "ClusterRole")
    label = f"rbac.authorization.k8s.io/aggregate-to-{role}"
    verbs = {
        verb
        for each in roles
        if each["metadata"]["labels"].get(label) == "true"
        for rule in each["rules"]
        if "videojobs" in rule["resources"]
        for verb in rule["verbs"]
    }
    assert {"get", "list", "watch"} <= verbs
    assert ("create" in verbs) == may_edit
