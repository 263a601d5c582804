"""Rate limits of the tasks that clients send directly: over all workers, so many begin in any period and no more.

A task that must wait reserves its turn and goes back to the broker until then: it holds no worker's slot.
"""

from __future__ import annotations

from typing import Any, Final

from celery import Task, states
from celery.exceptions import Ignore

from videojobs_protocol import keys
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.queues import Kind, user_priority
from videojobs_worker.settings import Rate

#: Header of a message whose turn was reserved when it was sent.
_RESERVED: Final = "videojobs_turn"
#: Redis gives a message to another worker when it was not taken within an hour: turns further away are asked again.
_FURTHEST_S: Final = 1800.0

# KEYS: the latest turns, last one last. ARGV: turns in a period, period in seconds.
# The turn is a period after the one that is so many turns back: no window of that length ever holds more.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local back = redis.call('LINDEX', KEYS[1], -tonumber(ARGV[1]))
local turn = back and math.max(now, tonumber(back) + tonumber(ARGV[2])) or now
redis.call('RPUSH', KEYS[1], string.format('%.6f', turn))
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[1]), -1)
redis.call('PEXPIRE', KEYS[1], math.ceil((turn - now + tonumber(ARGV[2])) * 1000))
return string.format('%.6f %.6f', turn, now)
"""


def await_turn(task: Task, client: Any, kind: Kind, rate: Rate | None) -> None:
    """Go on at once, or send the running task back until its turn.

    Raises:
        Ignore: the task was sent back under the same id.
    """
    if rate is None:
        return
    turn, now = _turn(task, client, kind, rate)
    if turn <= now:
        return
    _tell(task, client, turn - now, kind, rate)
    priority = user_priority((task.request.delivery_info or {}).get("priority"))
    countdown = min(turn - now, _FURTHEST_S)
    task.signature_from_request(countdown=countdown, priority=priority, headers={_RESERVED: turn}).apply_async()
    raise Ignore


def reserve(client: Any, kind: Kind, rate: Rate) -> tuple[float, float]:
    """A new turn, and what time it is, both in Unix seconds of Redis's clock."""
    answer = client.eval(_RESERVE, 1, keys.turns(kind), rate.count, rate.period_s)
    turn, now = (answer.decode() if isinstance(answer, bytes) else answer).split()
    return float(turn), float(now)


def _turn(task: Task, client: Any, kind: Kind, rate: Rate) -> tuple[float, float]:
    """The task's own turn, where it has one already."""
    reserved = task.request.get(_RESERVED)
    if reserved is None:
        return reserve(client, kind, rate)
    seconds, micros = client.time()
    return float(reserved), seconds + micros / 1e6


def _tell(task: Task, client: Any, wait_s: float, kind: Kind, rate: Rate) -> None:
    from videojobs_worker.pipeline.reporter import publish

    message = f"its turn comes in {wait_s:.0f} s: {kind} is limited to {rate}"
    publish(client, TaskStatus(task.request.id, "queued", message=message))
    task.update_state(state=states.PENDING)
