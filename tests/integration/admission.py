"""Specs for the API server, and what kubectl says of them."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from tests.support.control_plane import ControlPlane

A, OUT = "file:///media/a.mp4", "file:///media/out.mp4"
Spec = dict[str, Any]


def scene(start: str = "0s", end: str | None = "10s", uri: str = A) -> Spec:
    cut = {"source": {"uri": uri}, "start": start}
    return cut if end is None else cut | {"end": end}


def render(*scenes: Spec, uri: str = OUT, **more: Any) -> Spec:
    return {"render": {"scenes": list(scenes) or [scene()], "output": {"uri": uri}, **more}}


def transcode(uri: str = OUT, source: str = A, **output: Any) -> Spec:
    return {"transcode": {"source": {"uri": source}, "outputs": [{"uri": uri, **output}]}}


def video(**settings: Any) -> Spec:
    return transcode(video=settings)


def preview(**more: Any) -> Spec:
    return {"preview": {"source": {"uri": A}, "output": {"uri": "file:///media/frames"}, **more}}


def caption(**more: Any) -> Spec:
    return {"caption": {"source": {"uri": A}, "output": {"uri": "file:///media/a.srt"}, **more}}


def create(plane: ControlPlane, spec: Spec) -> str:
    """What kubectl says of a VideoJob with this spec; empty when it is accepted."""
    return said(_kubectl(plane, "create", "--dry-run=server", "-f", "-", stdin=json.dumps(manifest(spec))))


def apply(plane: ControlPlane, namespace: str, spec: Spec) -> None:
    assert _kubectl(plane, "-n", namespace, "apply", "-f", "-", stdin=json.dumps(manifest(spec))) == ""


def patch(plane: ControlPlane, namespace: str, change: Spec) -> str:
    body = json.dumps({"spec": change})
    return said(_kubectl(plane, "-n", namespace, "patch", "videojob", "x", "--type=merge", "-p", body))


def manifest(spec: Spec) -> dict[str, Any]:
    return {"apiVersion": "videojobs.dev/v1alpha1", "kind": "VideoJob", "metadata": {"name": "x"}, "spec": spec}


def said(text: str) -> str:
    """kubectl's words without what is the same in all of them."""
    text = re.sub(r'^The VideoJob "x" is invalid: |^Error from server \(BadRequest\): .*?: ', "", text)
    # The API server adds a line when it has not come to the CEL rules.
    return "\n".join(line for line in text.splitlines() if "<nil>" not in line).strip().removeprefix("* ")


def _kubectl(plane: ControlPlane, *arguments: str, stdin: str | None = None) -> str:
    command = ["kubectl", "--kubeconfig", str(plane.kubeconfig), *arguments]
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
    return done.stderr.strip() if done.returncode else ""
