"""The engine's network `kind`, which kind makes with its first cluster and never removes."""

from __future__ import annotations

import json
from pathlib import Path

from .engine import Engine
from .places import Places

NAME = "kind"


def before(places: Places, engine: Engine) -> None:
    """Remember, before the first cluster, whether the network is somebody else's."""
    if not engine.has("network", NAME):
        _mark(places).parent.mkdir(parents=True, exist_ok=True)
        _mark(places).touch()


def remove(places: Places, engine: Engine) -> None:
    """Remove the network if it came with us and nothing is in it any more."""
    if not _mark(places).exists():
        return
    if engine.has("network", NAME):
        shown = json.loads(engine.docker("network", "inspect", NAME))
        if shown[0]["Containers"]:
            return
        engine.docker("network", "rm", NAME)
    _mark(places).unlink()


def _mark(places: Places) -> Path:
    return places.engine / "made-network"
