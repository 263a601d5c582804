"""What a worker process tells about itself every few seconds, for scaling and for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

INTERVAL_S: Final = 2.0
#: Silent for so long, a worker counts as gone.
TTL_S: Final = 15.0


@dataclass(frozen=True)
class Heartbeat:
    """A worker at one moment. ``pool`` and ``pod`` are empty outside Kubernetes."""

    hostname: str
    pool: str = ""
    namespace: str = ""
    pod: str = ""
    node: str = ""
    queues: tuple[str, ...] = ()
    concurrency: int = 1
    running: tuple[str, ...] = ()  # task ids
    idle_since: float | None = None  # Unix seconds, None while it runs something
    draining: bool = False  # it takes no more work
    capabilities: tuple[str, ...] = ()  # nvenc, nvdec, cuda: found by opening them
    updated_at: float = 0.0  # Unix seconds
    resources: dict[str, Any] = field(default_factory=dict)  # of its machine, as monitor_resources_task tells them

    def to_json(self) -> str:
        """The wire form."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Heartbeat:
        """Read the wire form; unknown fields are ignored.

        Raises:
            ValueError: the text is not a heartbeat.
        """
        data: Any = json.loads(text)
        if not isinstance(data, dict) or "hostname" not in data:
            raise ValueError(f"not a heartbeat: {text!r:.80}")
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        for name in ("queues", "running", "capabilities"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)
