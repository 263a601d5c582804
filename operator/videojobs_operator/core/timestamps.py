"""Kubernetes timestamps: RFC 3339, UTC, whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """``2026-01-02T03:04:05Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str | None) -> datetime | None:
    """The inverse; ``None`` for nothing or for what is no timestamp."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
