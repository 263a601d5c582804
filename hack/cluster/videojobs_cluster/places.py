"""Where things lie: everything that this program makes is beneath one cache folder.

What must not lie on a slow or long path (sockets, the engine's mounts) is in /run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Places:
    """The folders of one cache; two caches share nothing, so two can be used side by side."""

    cache: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Places:
        """VIDEOJOBS_CACHE, or `videojobs` in XDG_CACHE_HOME, or in ~/.cache."""
        chosen = environment.get("VIDEOJOBS_CACHE")
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return cls(Path(base).absolute() / "videojobs")

    @property
    def tools(self) -> Path:
        """Built tools, each in a folder named after what it was built from."""
        return self.cache / "tools"

    @property
    def bin(self) -> Path:
        """Links to the tools of this checkout; `cluster env` puts it first on PATH."""
        return self.cache / "bin"

    @property
    def engine(self) -> Path:
        """The engine's images and containers, its log and what is known of its process."""
        return self.cache / "engine"

    def build_log(self, tag: str) -> Path:
        """What the engine said when it last built an image."""
        return self.cache / "logs" / f"build-{re.sub(r'[^A-Za-z0-9.]+', '-', tag)}.log"

    @property
    def run(self) -> Path:
        """The engine's socket and mounts. Paths of sockets are limited to 107 bytes."""
        key = hashlib.sha256(os.fsencode(self.cache)).hexdigest()[:8]
        return Path("/run/videojobs") / key

    def clusters(self) -> list[str]:
        """Names of the clusters that were made here and not yet deleted."""
        return sorted(path.name for path in self.cache.glob("clusters/*"))

    def cluster(self, name: str) -> Path:
        return self.cache / "clusters" / name

    def kubeconfig(self, name: str) -> Path:
        return self.cluster(name) / "kubeconfig"

    def media(self, name: str) -> Path:
        """The folder that all nodes of the cluster see as /var/lib/videojobs/media."""
        return self.cache / f"media-{name}"

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Held by one process at a time; a second one waits, and then finds the work done."""
        folder = self.cache / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
