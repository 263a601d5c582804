"""The worker's settings, read once from the environment and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_protocol.queues import KINDS, Kind
from videojobs_worker.process.watchdog import STALL_S
from videojobs_worker.storage.addresses import Reach, reach

#: Seconds in the units of a rate, which are Celery's.
_PERIODS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}

#: Set by the worker itself at its start, from Celery's ``--concurrency``.
SLOTS: Final = "VIDEOJOBS_WORKER_SLOTS"
_LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class Rate:
    """So many in any period."""

    count: int
    period_s: float

    def __str__(self) -> str:
        units = {seconds: unit for unit, seconds in _PERIODS_S.items()}
        return f"{self.count}/{units[self.period_s]}"


@dataclass(frozen=True)
class Settings:
    """How this worker runs. Times in seconds."""

    redis_url: str
    broker_url: str
    result_backend: str
    media_roots: tuple[Path, ...]
    reach: Reach
    max_source_bytes: int
    max_job_memory_bytes: int | None  # None: what the cgroup leaves
    slots: int  # jobs that the worker runs at a time, which share its processors and its memory
    record_max_age_s: float
    temp_dir: Path
    render_dir: Path
    preview_dir: Path
    whisper_model_dir: Path
    whisper_download: bool
    timeouts_s: Mapping[Kind, float]
    stall_timeouts_s: Mapping[Kind, float]  # without progress of ffmpeg
    rate_limits: Mapping[Kind, Rate | None]  # of tasks that clients send directly
    pool: str
    pod: str
    namespace: str
    node: str
    log_level: str
    log_format: str

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders that work may read and write."""
        return (*self.media_roots, self.render_dir, self.preview_dir)


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        ValueError: a value cannot be read; the text names the variable.
    """
    redis_url = _redis_url(environment)
    broker_url = environment.get("CELERY_BROKER_URL", redis_url)
    base = Path(environment.get("TEMP_DIR", "/tmp/videojobs"))  # noqa: S108 - overridden in images
    return Settings(
        redis_url=redis_url,
        broker_url=broker_url,
        result_backend=environment.get("CELERY_RESULT_BACKEND", redis_url),
        media_roots=_paths(environment.get("VIDEOJOBS_MEDIA_ROOTS", "/media")),
        reach=_reach(environment.get("VIDEOJOBS_HTTP_ALLOW", "")),
        max_source_bytes=int(_positive(environment, "MAX_SOURCE_BYTES", 100 * 10**9, "number of bytes")),
        max_job_memory_bytes=_bytes_or_none(environment, "MAX_JOB_MEMORY_BYTES"),
        slots=int(_positive(environment, SLOTS, 1, "number of jobs")),
        record_max_age_s=_days_s(environment, "RECORD_MAX_AGE_DAYS", 30, least=1),
        temp_dir=base,
        render_dir=Path(environment.get("RENDER_DIR", str(base / "renders"))),
        preview_dir=Path(environment.get("PREVIEW_DIR", str(base / "previews"))),
        whisper_model_dir=Path(environment.get("WHISPER_MODEL_DIR", "/models")),
        whisper_download=environment.get("WHISPER_DOWNLOAD", "") == "1",
        timeouts_s={
            "render": _seconds(environment, "RENDER_TIMEOUT", 3600),
            "preview": _seconds(environment, "PREVIEW_TIMEOUT", 300),
            "transcode": _seconds(environment, "TRANSCODE_TIMEOUT", 1800),
            "caption": _seconds(environment, "CAPTION_TIMEOUT", 900),
        },
        stall_timeouts_s={kind: _seconds(environment, f"{kind.upper()}_STALL_TIMEOUT", STALL_S) for kind in KINDS},
        rate_limits=_rates(environment),
        pool=environment.get("WORKER_POOL", ""),
        pod=environment.get("POD_NAME", ""),
        namespace=environment.get("POD_NAMESPACE", ""),
        node=environment.get("NODE_NAME", ""),
        log_level=_one_of(environment, "VIDEOJOBS_LOG_LEVEL", "info", _LOG_LEVELS),
        log_format=_one_of(environment, "VIDEOJOBS_LOG_FORMAT", "text", ("text", "json")),
    )


def _redis_url(environment: Mapping[str, str]) -> str:
    url = environment.get("REDIS_URL", "redis://localhost:6379/0")
    if not url.startswith(("redis://", "rediss://", "unix://")):  # it may hold a password, so that it is not shown
        raise ValueError("REDIS_URL: give redis://[:PASSWORD@]HOST:PORT/DATABASE, or rediss:// for TLS")
    return url


def _one_of(environment: Mapping[str, str], name: str, default: str, allowed: Sequence[str]) -> str:
    value = environment.get(name, default)
    if value.lower() not in allowed:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value.lower()


def _paths(text: str) -> tuple[Path, ...]:
    roots = tuple(Path(part) for part in text.split(":") if part)
    for root in roots:
        if not root.is_absolute():
            raise ValueError(f"VIDEOJOBS_MEDIA_ROOTS: {str(root)!r} is not an absolute path")
    return roots


def _reach(text: str) -> Reach:
    try:
        return reach([part.strip() for part in text.split(",") if part.strip()])
    except ValueError as error:
        raise ValueError(f"VIDEOJOBS_HTTP_ALLOW: {error}") from None


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    return _positive(environment, name, default, "number of seconds")


def _days_s(environment: Mapping[str, str], name: str, default: float, least: float) -> float:
    days = _positive(environment, name, default, "number of days")
    if days < least:
        raise ValueError(f"{name}: {days:g} is less than {least:g}")
    return days * 86_400.0


def _bytes_or_none(environment: Mapping[str, str], name: str) -> int | None:
    return int(_positive(environment, name, 1, "number of bytes")) if environment.get(name) else None


def _positive(environment: Mapping[str, str], name: str, default: float, what: str) -> float:
    text = environment.get(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}: {text!r} is not a {what} above 0")
    return value


def _rates(environment: Mapping[str, str]) -> dict[Kind, Rate | None]:
    switch = environment.get("RATE_LIMITS", "on")
    if switch not in ("on", "off"):
        raise ValueError(f"RATE_LIMITS: {switch!r} is neither on nor off")
    usual: dict[Kind, str] = {"render": "10/m", "transcode": "20/m", "caption": "5/m", "preview": ""}
    rates = {kind: _rate(environment, f"{kind.upper()}_RATE_LIMIT", text) for kind, text in usual.items()}
    return rates if switch == "on" else dict.fromkeys(usual)


def _rate(environment: Mapping[str, str], name: str, default: str) -> Rate | None:
    text = environment.get(name, default)
    if not text:
        return None
    count, _, unit = text.partition("/")
    if not count.isdecimal() or int(count) < 1 or unit not in _PERIODS_S:
        raise ValueError(f"{name}: {text!r} is not a rate such as 10/m (s, m or h), or empty for none")
    return Rate(int(count), _PERIODS_S[unit])
