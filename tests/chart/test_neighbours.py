"""Several installations in one cluster: beside one another, and never over one another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chart.conftest import Api
from tests.chart.rendering import HelmError, Values, of_kind, render, render_in_cluster

EVERYWHERE: Values = {}
SOMEWHERE: Values = {"operator": {"namespaces": ["videojobs", "team-a"]}}


@pytest.fixture(params=[EVERYWHERE, SOMEWHERE], ids=["everywhere", "somewhere"])
def neighbour(request: pytest.FixtureRequest, api: Api) -> Iterator[str]:
    """The rights of the operator of another release."""
    manifests = render({**request.param, "fullnameOverride": "other"})
    bindings = [
        each
        for each in of_kind(manifests, "ClusterRoleBinding", "RoleBinding")
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == "operator"
    ]
    for each in bindings:
        each["metadata"]["labels"]["app.kubernetes.io/instance"] = "other"
    api.apply(bindings)
    yield f"{bindings[0]['kind']} {bindings[0]['metadata']['name']}"
    for each in bindings:
        where = ("-n", each["metadata"]["namespace"]) if "namespace" in each["metadata"] else ()
        api.kubectl("delete", each["kind"], each["metadata"]["name"], *where)


def test_an_operator_for_all_namespaces_wants_to_be_the_only_one(neighbour: str, api: Api) -> None:
    with pytest.raises(HelmError) as refused:
        render_in_cluster(EVERYWHERE, api.environment)
    assert f"the operator of the release videojobs/other sees VideoJobs too ({neighbour})" in str(refused.value)
    assert "set operator.namespaces in both" in str(refused.value)


@pytest.mark.parametrize(
    "values",
    [SOMEWHERE, {"rbac": {"create": False}, "operator": {"serviceAccount": {"create": False}}}],
    ids=["some namespaces", "rights that somebody else gives"],
)
@pytest.mark.usefixtures("neighbour")
def test_who_may_not_look_at_the_whole_cluster_is_not_asked_to(values: Values, api: Api) -> None:
    assert render_in_cluster(values, api.environment)


def test_an_upgrade_does_not_stumble_over_itself(api: Api) -> None:
    manifests = render(EVERYWHERE)
    bindings = [
        each for each in of_kind(manifests, "ClusterRoleBinding") if each["metadata"]["name"].endswith("-operator")
    ]
    api.apply(bindings)
    assert render_in_cluster(EVERYWHERE, api.environment)
