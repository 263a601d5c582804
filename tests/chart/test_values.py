"""Wrong values are refused with a text that tells; every value has its meaning in the README."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from hack.chart_values import rendered, values
from tests.chart.rendering import CHART, HelmError, Values, render

REFUSED: list[tuple[Values, str]] = [
    ({"image": {"registy": "x"}}, "at '/image': additional properties 'registy' not allowed"),
    ({"operater": {}}, "additional properties 'operater' not allowed"),
    ({"image": {"pullPolicy": "Sometimes"}}, "at '/image/pullPolicy': value must be one of 'Always'"),
    ({"image": {"pullSecrets": ["pull"]}}, "at '/image/pullSecrets/0': got string, want object"),
    ({"operator": {"logLevel": "loud"}}, "at '/operator/logLevel': value must be one of 'debug'"),
    ({"operator": {"namespaces": "team-a"}}, "at '/operator/namespaces': got string, want array"),
    ({"operator": {"namespaces": ["Team A"]}}, "at '/operator/namespaces/0': 'Team A' does not match"),
    ({"operator": {"image": {"digest": "sha256:abc"}}}, "at '/operator/image/digest': 'sha256:abc' does not"),
    ({"operator": {"resources": {"limits": {"memory": "much"}}}}, "limits/memory': 'much' does not match"),
    ({"operator": {"replicas": 9}}, "at '/operator/replicas': maximum: got 9, want 5"),
    ({"worker": {"extraEnv": [{"value": "x"}]}}, "at '/worker/extraEnv/0': missing property 'name'"),
    ({"pools": {"cpu": {"queues": []}}}, "at '/pools/cpu/queues': minItems: got 0, want 1"),
    ({"pools": {"cpu": {"queues": ["videos"]}}}, "at '/pools/cpu/queues/0': value must be one of"),
    ({"pools": {"more": {"enabled": True}}}, "at '/pools/more': missing property 'queues'"),
    ({"pools": {"My Pool": {"queues": ["celery"]}}}, "'My Pool' does not match pattern"),
    ({"pools": {"cpu": {"concurrency": 0}}}, "at '/pools/cpu/concurrency': minimum: got 0, want 1"),
    ({"pools": {"cpu": {"scaling": {"maxReplicas": 0}}}}, "maxReplicas': minimum: got 0, want 1"),
    ({"pools": {"gpu": {"gpu": {"resource": "gpu"}}}}, "at '/pools/gpu/gpu/resource': 'gpu' does not match"),
    ({"media": {"size": "big"}}, "at '/media/size': 'big' does not match pattern"),
    ({"media": {"accessModes": ["RWX"]}}, "at '/media/accessModes/0': value must be one of"),
    ({"media": {"hostPath": "media"}}, "at '/media/hostPath': 'media' does not match pattern"),
    ({"redis": {"enabled": "yes"}}, "at '/redis/enabled': got string, want boolean"),
    ({"redis": {"maxMemory": "a lot"}}, "at '/redis/maxMemory': 'a lot' does not match pattern"),
    ({"externalRedis": {"port": 0}}, "at '/externalRedis/port': minimum: got 0, want 1"),
    ({"metrics": {"serviceMonitor": {"interval": "often"}}}, "interval': 'often' does not match pattern"),
    # What contradicts itself.
    ({"redis": {"enabled": False}}, "redis.enabled is false: set externalRedis.existingSecret"),
    ({"externalRedis": {"host": "there"}}, "externalRedis is set and redis.enabled is true"),
    (
        {"redis": {"enabled": False}, "externalRedis": {"host": "there", "existingSecret": "theirs"}},
        "the Secret's redis-url says the host, so leave host out",
    ),
    ({"media": {"existingClaim": "a", "hostPath": "/b"}}, "media.existingClaim and media.hostPath are both"),
    ({"operator": {"namespaces": ["team-a"]}}, "operator.namespaces leaves out videojobs"),
    (
        {"pools": {"caption": {"enabled": True}, "cpu": {"queues": ["caption_queue"]}}},
        "take caption_queue out of pools.cpu.queues",
    ),
    (
        {"redis": {"existingSecret": "mine"}, "connectionSecret": {"copyTo": ["team-a"]}},
        "connectionSecret.copyTo copies the Secret that the chart makes",
    ),
]


@pytest.mark.parametrize(("wrong", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_wrong_values_are_refused(wrong: Values, told: str) -> None:
    with pytest.raises(HelmError) as refused:
        render(wrong)
    assert told in str(refused.value)


def test_the_readme_has_every_value_as_it_is() -> None:
    text = (CHART / "README.md").read_text(encoding="utf-8")
    assert rendered(text) == text, "run `make chart-readme`"


def test_the_table_has_every_default() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    paths = {row.path for row in values(schema, defaults)}
    for path in _paths({key: value for key, value in defaults.items() if key != "pools"}):
        assert any(path == row or path.startswith(f"{row}.") for row in paths), path
    for name, pool in defaults["pools"].items():
        for path in _paths(pool):
            row = f"pools.NAME.{path}"
            assert any(row == known or row.startswith(f"{known}.") for known in paths), f"{name}: {path}"


def test_every_value_has_a_default() -> None:
    """So that values.yaml shows all there is."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    shown = set(_paths(defaults))
    for row in values(schema, defaults):
        if row.path != "global" and not row.path.startswith("pools"):
            assert any(path == row.path or path.startswith(f"{row.path}.") for path in shown), row.path


def _paths(node: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key, value in node.items():
        below = _paths(value, f"{prefix}{key}.") if isinstance(value, dict) and value else []
        found += below or [f"{prefix}{key}"]
    return found
