"""What the machine of a worker is doing, in the shape that clients of ``system_resources`` know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import redis

from videojobs_protocol import keys
from videojobs_worker.gpu import gpus


def measure(folder: Path) -> dict[str, Any]:
    """CPU, memory, the disk under ``folder`` and each GPU; memory in bytes, loads in percent."""
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(_existing(folder)))
    found = gpus()
    return {
        "cpu": {"percent": psutil.cpu_percent(interval=0.1), "count": psutil.cpu_count()},
        "memory": {"percent": memory.percent, "used": memory.used, "total": memory.total},
        "disk": {"percent": disk.percent, "used": disk.used, "total": disk.total},
        "gpu": {"available": bool(found), "gpus": [vars(gpu) for gpu in found]},
    }


def publish(client: redis.Redis, resources: dict[str, Any]) -> None:
    """Keep the resources for those who come late, and tell those who listen."""
    text = json.dumps(resources)
    client.set(keys.SYSTEM_RESOURCES, text, ex=keys.STATUS_TTL_S)
    client.publish(keys.RESOURCE_MONITOR_CHANNEL, text)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
