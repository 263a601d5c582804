"""Says on stderr what is being done and how long it took; stdout stays for answers."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_lock = threading.Lock()


def say(text: str) -> None:
    """One whole line, also when builds run side by side."""
    with _lock:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


@contextlib.contextmanager
def step(what: str, about: str = "") -> Iterator[None]:
    """A line at the start (`about` is how long it usually takes) and one at the end."""
    expected = f" (about {about})" if about else ""
    say(f"{what}{expected}...")
    start = time.monotonic()
    yield
    say(f"{what}: done in {time.monotonic() - start:.0f} s")
