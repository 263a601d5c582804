"""The commands of the chart's hooks and test."""

from __future__ import annotations

import argparse
import os
import sys

from kubernetes import client, config
from kubernetes.client import ApiException

from videojobs_operator.install import check, crds
from videojobs_operator.install import release as releases


def arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m videojobs_operator.install", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("crds", help="apply the CustomResourceDefinitions of this version")
    release = commands.add_parser("release", help="stop the operator, free the VideoJobs of its finalizer")
    release.add_argument("--namespace", action="append", default=[], help="look only there; repeatable")
    release.add_argument("--operator", metavar="NAMESPACE/DEPLOYMENT", help="stop this one first")
    release.add_argument("--selector", default="", help="labels of the operator's pods")
    look = commands.add_parser("check", help="look whether all parts work; REDIS_URL says where Redis is")
    look.add_argument("--operator-url", required=True, help="readiness URL of the operator")
    look.add_argument("--namespace", required=True, help="namespace of the pools")
    look.add_argument("--pool", action="append", default=[], help="a WorkerPool to look at; repeatable")
    found = parser.parse_args(argv)
    if found.command == "release" and found.operator and not (found.selector and "/" in found.operator):
        parser.error("--operator takes NAMESPACE/DEPLOYMENT and needs --selector")
    return found


def say(line: str) -> None:
    """One line, seen at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def connect() -> client.ApiClient:
    """The API server of KUBECONFIG, or of the cluster that this pod runs in."""
    if "KUBECONFIG" in os.environ:
        config.load_kube_config()  # type: ignore[no-untyped-call]
    else:
        config.load_incluster_config()  # type: ignore[no-untyped-call]
    return client.ApiClient()


def operator_of(options: argparse.Namespace) -> releases.Operator | None:
    """The Deployment to stop, if one is named."""
    if not options.operator:
        return None
    namespace, _, deployment = options.operator.partition("/")
    return releases.Operator(namespace, deployment, options.selector)


def run(options: argparse.Namespace) -> bool:
    """Do what was asked; whether all is well."""
    api_client = connect()
    match options.command:
        case "crds":
            crds.apply_crds(api_client, say)
        case "release":
            releases.release(api_client, operator_of(options), options.namespace, say)
        case "check":
            return check.run_checks(
                {
                    "operator": check.operator_ready(options.operator_url),
                    "resources": check.crds_served(api_client),
                    "redis": check.redis_usable(os.environ["REDIS_URL"]),
                    "pools": check.pools_reconciled(api_client, options.namespace, options.pool),
                },
                say,
            )
    return True


def main(argv: list[str]) -> int:
    """0 when all is well; the error otherwise goes to standard error in one line."""
    options = arguments(argv)
    try:
        return 0 if run(options) else 1
    except (crds.NotEstablishedError, releases.StillRunningError) as error:
        sys.stderr.write(f"{error}\n")
    except ApiException as error:
        sys.stderr.write(f"the API server answered {error.status} {error.reason}: {error.body}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
