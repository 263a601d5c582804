"""Names for what is built, made of what it is built from: the same inputs are built once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def content_key(*parts: str | Path) -> str:
    """Twelve hex digits over texts, and over names and contents of files or whole folders."""
    digest = hashlib.sha256()
    for part in parts:
        entries = _entries(part) if isinstance(part, Path) else [(part, b"")]
        for name, content in entries:
            for chunk in (name.encode(), content):
                digest.update(len(chunk).to_bytes(8, "big"))
                digest.update(chunk)
    return digest.hexdigest()[:12]


def _entries(path: Path) -> Iterable[tuple[str, bytes]]:
    if path.is_file():
        return [(path.name, path.read_bytes())]
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return [(file.relative_to(path).as_posix(), file.read_bytes()) for file in files if "__pycache__" not in file.parts]
