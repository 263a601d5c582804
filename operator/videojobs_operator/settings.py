"""What the operator is told by its environment. Read once by ``__main__`` and handed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_REDIS_SCHEMES: Final = ("redis", "rediss")
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_LOG_FORMATS: Final = ("json", "text")
_PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")


class SettingsError(ValueError):
    """A variable is missing or wrong; the text names it, the value and the way out."""


@dataclass(frozen=True)
class Settings:
    """All settings. The URLs carry passwords and are kept out of ``repr``."""

    redis_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    namespaces: tuple[str, ...] = ()  # empty: all of them
    worker_image: str = ""
    worker_image_pull_policy: str = "IfNotPresent"
    redis_secret: str = "videojobs-redis"  # noqa: S105 - a Secret's name
    lease: tuple[str, str] | None = None  # namespace and name; None where this is the only operator
    http_port: int = 8080
    log_level: str = "info"
    log_format: str = "json"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read and check the variables.

        Raises:
            SettingsError: a variable is missing or has a value that cannot be used.
        """
        redis_url = _redis_url(environment, "REDIS_URL", default="")
        return cls(
            redis_url=redis_url,
            broker_url=_redis_url(environment, "CELERY_BROKER_URL", default=redis_url),
            namespaces=_names(environment.get("VIDEOJOBS_NAMESPACES", "")),
            worker_image=environment.get("VIDEOJOBS_WORKER_IMAGE", cls.worker_image),
            worker_image_pull_policy=_one_of(
                environment, "VIDEOJOBS_WORKER_IMAGE_PULL_POLICY", cls.worker_image_pull_policy, _PULL_POLICIES
            ),
            redis_secret=environment.get("VIDEOJOBS_REDIS_SECRET") or cls.redis_secret,
            lease=_lease(environment.get("VIDEOJOBS_LEASE", "")),
            http_port=_port(environment, "VIDEOJOBS_HTTP_PORT", cls.http_port),
            log_level=_one_of(environment, "VIDEOJOBS_LOG_LEVEL", cls.log_level, _LOG_LEVELS),
            log_format=_one_of(environment, "VIDEOJOBS_LOG_FORMAT", cls.log_format, _LOG_FORMATS),
        )


def _redis_url(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name) or default
    if not value:
        raise SettingsError(f"{name} is not set: set it to redis://[:PASSWORD@]HOST:PORT/DATABASE")
    parts = urlsplit(value)
    if parts.scheme not in _REDIS_SCHEMES or not parts.hostname:
        # Never the value itself: it may hold a password.
        raise SettingsError(
            f"{name} has the scheme {parts.scheme!r} and the host {parts.hostname!r}: "
            "it must be redis://[:PASSWORD@]HOST:PORT/DATABASE, or rediss:// for TLS"
        )
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _one_of(environment: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = environment.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}")
    return value


def _lease(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    namespace, _, name = text.partition("/")
    if not namespace or not name or "/" in name:
        raise SettingsError(f"VIDEOJOBS_LEASE is {text!r}: it must be NAMESPACE/NAME, or empty for a single operator")
    return namespace, name


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    # 0 lets the system choose: what tests and a second operator on one machine want.
    if not text.isdecimal() or int(text) > 65_535:
        raise SettingsError(f"{name} is {text!r}: it must be a port, 0 to 65535")
    return int(text)
