"""``python -m videojobs_worker.health``: the probe of a worker's pod.

It asks the heartbeat file, not Redis: a worker whose Redis is away must not be restarted for it, and a busy one
stays ready.
"""

from __future__ import annotations

import sys
import time

from videojobs_worker import settings as worker_settings
from videojobs_worker.heartbeat import heartbeat_file

MAX_AGE_S = 30.0


def main() -> int:
    """0 when the main process has beaten within 30 s; the reason on standard error otherwise."""
    path = heartbeat_file(worker_settings.load())
    try:
        age_s = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        sys.stderr.write(f"no heartbeat yet at {path}\n")
        return 1
    if age_s > MAX_AGE_S:
        sys.stderr.write(f"the last heartbeat was {age_s:.0f} s ago\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
