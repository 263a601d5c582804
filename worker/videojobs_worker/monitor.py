"""What the machines of the workers are doing, in the shape that clients of ``system_resources`` know.

Each worker measures its machine and tells it with its heartbeat; the task gathers the latest of each machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import psutil
import redis

from videojobs_protocol import keys
from videojobs_protocol.heartbeat import Heartbeat
from videojobs_worker.gpu import gpus

#: The same for all containers of a machine, another after it was started anew.
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")

Resources = dict[str, Any]


def measure(folder: Path, interval_s: float | None = 0.1) -> Resources:
    """CPU, memory, the disk under ``folder`` and each GPU; memory in bytes, loads in percent.

    Args:
        folder: need not be there yet.
        interval_s: over which the CPU's load is measured; None: since it was last asked.
    """
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(_existing(folder)))
    found = gpus()
    return {
        "cpu": {"percent": psutil.cpu_percent(interval=interval_s), "count": psutil.cpu_count()},
        "memory": {"percent": memory.percent, "used": memory.used, "total": memory.total},
        "disk": {"percent": disk.percent, "used": disk.used, "total": disk.total},
        "gpu": {"available": bool(found), "gpus": [vars(gpu) for gpu in found]},
        "machine": _BOOT_ID.read_text().strip(),
        "measured_at": time.time(),
    }


def heartbeats(client: redis.Redis) -> list[Heartbeat]:
    """The last words of all workers that have not fallen silent."""
    names = sorted(client.smembers(keys.WORKERS))
    texts = client.mget([keys.worker(_text(name)) for name in names]) if names else []
    return [Heartbeat.from_json(text) for text in texts if text]


def aggregate(measured: Mapping[str, Resources]) -> Resources:
    """All machines as one, and each worker's own under ``workers``, by host name.

    A machine that several workers are on counts once: CPU by the mean over all processors, memory by the sum, the disk
    that is fullest, every GPU that a worker sees.
    """
    machines = list(_latest(measured).values())
    processors = sum(each["cpu"]["count"] for each in machines)
    busy = sum(each["cpu"]["percent"] * each["cpu"]["count"] for each in machines)
    used, total = (sum(each["memory"][part] for each in machines) for part in ("used", "total"))
    cards = {(each["machine"], card["uuid"]): card for each in measured.values() for card in each["gpu"]["gpus"]}
    return {
        "cpu": {"percent": round(busy / processors, 1), "count": processors},
        "memory": {"percent": round(100 * used / total, 1), "used": used, "total": total},
        "disk": max((each["disk"] for each in machines), key=lambda disk: disk["percent"]),
        "gpu": {"available": bool(cards), "gpus": list(cards.values())},
        "workers": dict(measured),
    }


def publish(client: redis.Redis, resources: Resources) -> None:
    """Keep the resources for those who come late, and tell those who listen."""
    text = json.dumps(resources)
    client.set(keys.SYSTEM_RESOURCES, text, ex=keys.STATUS_TTL_S)
    client.publish(keys.RESOURCE_MONITOR_CHANNEL, text)


def _latest(measured: Mapping[str, Resources]) -> dict[str, Resources]:
    """The latest of each machine."""
    in_order = sorted(measured.values(), key=lambda each: each["measured_at"])
    return {each["machine"]: each for each in in_order}


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
