"""Claims: a worker's lease on a job, so that two messages never become two running ffmpegs.

A claim is a Redis hash ``{task_id, worker, number, claimed_at}`` that expires unless its holder renews it.
All changes are Lua scripts, because redis-py may send a command twice after a broken connection and
because check and change must be one step. Losing Redis loses claims: a worker that runs makes its own anew,
and the create-only manifest, not the claim, is what keeps an attempt from committing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from videojobs_protocol import keys

#: A claim not renewed for so long is free again.
LEASE_S: Final = 15.0
RENEW_INTERVAL_S: Final = 1.0

Verdict = Literal["held", "lost", "cancelled"]

# KEYS: claim, cancel. ARGV: task id, attempt number, worker, lease in ms, now.
# Held by the same worker and task: the same request again, so yes. Held by an older attempt of the
# same job: the newer one waits, since the old ffmpeg may still write.
_ACQUIRE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 'cancelled' end
local holder = redis.call('HMGET', KEYS[1], 'task_id', 'worker')
if holder[1] and not (holder[1] == ARGV[1] and holder[2] == ARGV[3]) then return 'lost' end
redis.call('HSET', KEYS[1], 'task_id', ARGV[1], 'number', ARGV[2], 'worker', ARGV[3], 'claimed_at', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 'held'
"""

# KEYS: claim, cancel. ARGV: task id, attempt number, worker, lease in ms.
# Held by nobody: Redis was emptied, or the lease ran out and no other took the job. Then it is made anew, so that
# what runs goes on; an attempt that was given up is cancelled as well.
_RENEW = """
local holder = redis.call('HMGET', KEYS[1], 'task_id', 'worker')
if holder[1] and not (holder[1] == ARGV[1] and holder[2] == ARGV[3]) then return 'lost' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'cancelled' end
if not holder[1] then
  local now = redis.call('TIME')[1]
  redis.call('HSET', KEYS[1], 'task_id', ARGV[1], 'number', ARGV[2], 'worker', ARGV[3], 'claimed_at', now)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 'held'
"""

# KEYS: claim. ARGV: task id, worker.
_RELEASE = """
local holder = redis.call('HMGET', KEYS[1], 'task_id', 'worker')
if holder[1] == ARGV[1] and holder[2] == ARGV[2] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True)
class Claim:
    """Who asks for, or holds, a job."""

    job_uid: str
    task_id: str
    number: int
    worker: str  # unique to the process that runs the attempt


class Claims:
    """Claims in one Redis. ``client`` is a ``redis.Redis`` (bytes or str responses)."""

    def __init__(self, client: Any, lease_s: float = LEASE_S) -> None:
        self._lease_ms = int(lease_s * 1000)
        self._acquire = client.register_script(_ACQUIRE)
        self._renew = client.register_script(_RENEW)
        self._release = client.register_script(_RELEASE)

    def acquire(self, claim: Claim, now: float) -> Verdict:
        """Take the job: ``held`` on success, ``lost`` if another has it, ``cancelled`` if unwanted."""
        names = [keys.claim(claim.job_uid), keys.cancel(claim.task_id)]
        args = [claim.task_id, claim.number, claim.worker, self._lease_ms, now]
        return _verdict(self._acquire(keys=names, args=args))

    def renew(self, claim: Claim) -> Verdict:
        """Keep it, or take it again if nobody has it: else stop at once and commit nothing."""
        names = [keys.claim(claim.job_uid), keys.cancel(claim.task_id)]
        args = [claim.task_id, claim.number, claim.worker, self._lease_ms]
        return _verdict(self._renew(keys=names, args=args))

    def release(self, claim: Claim) -> None:
        """Give it back; a claim that another holds by now is left alone."""
        self._release(keys=[keys.claim(claim.job_uid)], args=[claim.task_id, claim.worker])


def _verdict(answer: str | bytes) -> Verdict:
    text = answer.decode() if isinstance(answer, bytes) else answer
    if text not in ("held", "lost", "cancelled"):
        raise ValueError(f"unexpected answer of a claim script: {text!r}")
    return text  # type: ignore[return-value]
