"""What a worker says, as the parts of a VideoJob's status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from videojobs_operator.core.timestamps import to_text
from videojobs_protocol.progress import Failure, Output, TaskStatus


def progress_of(said: TaskStatus, old: dict[str, Any]) -> dict[str, Any]:
    """``status.progress``; the old one where only the time is another, so that nothing is written for it."""
    new: dict[str, Any] = {
        "percent": min(100, max(int(said.progress), int(old.get("percent", 0)))),
        "stage": said.stage[:64],
        "message": said.message[:1024],
    }
    if said.speed is not None:
        new["speed"] = f"{said.speed:.1f}x"[:32]
    if said.eta_s is not None:
        new["etaSeconds"] = max(0, round(said.eta_s))
    if new == {key: value for key, value in old.items() if key != "updateTime"}:
        return old
    return {**new, "updateTime": to_text(datetime.fromtimestamp(said.updated_at, UTC))}


def worker_of(said: TaskStatus) -> dict[str, str]:
    """``status.worker``; a host may have more GPUs than their names find room for."""
    if said.worker is None:
        return {}
    who = said.worker
    return {"hostname": who.hostname[:255], "pod": who.pod[:253], "node": who.node[:253], "gpu": who.gpu[:128]}


def plan_of(said: TaskStatus) -> dict[str, str]:
    """``status.plan``; empty where the worker had no choice."""
    told = said.details.get("plan") or {}
    return {"strategy": str(told["strategy"])[:32], "reason": str(told["reason"])[:2048]} if told else {}


def output_of(made: Output) -> dict[str, Any]:
    """One of ``status.outputs``."""
    told: dict[str, Any] = {
        "uri": made.uri,
        "bytes": made.bytes,
        "sha256": made.sha256,
        "duration": None if made.duration_s is None else f"{made.duration_s:.3f}s",
        "width": made.width,
        "height": made.height,
        "videoCodec": made.video_codec and made.video_codec[:32],
        "audioCodec": made.audio_codec and made.audio_codec[:32],
    }
    return {key: value for key, value in told.items() if value is not None}


def failure_of(failure: Failure) -> dict[str, Any]:
    """``status.failure``."""
    return {
        "reason": failure.reason[:128],
        "message": failure.message[:2048],
        "retryable": failure.retryable,
        "logTail": failure.log_tail[-4096:],
    }
