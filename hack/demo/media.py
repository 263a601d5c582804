"""Sample media and a look at what was made, by the ffmpeg of the worker's image.

Nothing but the engine is needed on the host, and files keep the worker's owner.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import PurePath

from hack.cluster_access import Cluster
from hack.demo.samples import SAMPLES
from hack.install import IMAGES

WORKER_IMAGE = next(image.tag for image in IMAGES if "worker" in image.tag)
PICTURES = ("mjpeg", "png", "webp")


@dataclass(frozen=True)
class MediaFile:
    """What ffprobe says of a file."""

    path: str
    codecs: str
    size: str  # WIDTHxHEIGHT
    duration_s: float | None  # None for a picture
    bytes: int


def folded(files: list[MediaFile]) -> list[MediaFile]:
    """A job's files, its pictures as one, so that a table stays short."""
    pictures = [file for file in files if file.duration_s is None]
    if len(pictures) < 2:
        return files
    names = re.sub("[0-9]+", "*", PurePath(pictures[0].path).name)
    together = replace(pictures[0], path=f"{len(pictures)} x {names}", bytes=sum(file.bytes for file in pictures))
    return [*(file for file in files if file.duration_s is not None), together]


def in_worker(cluster: Cluster, *command: str) -> str:
    """Run a command of the worker's image on the shared media folder, without network."""
    mount = f"{cluster.media}:/media"
    return cluster.run(
        "docker", "run", "--rm", "--network=none", "-v", mount,
        "--entrypoint", command[0], WORKER_IMAGE, *command[1:],
    )  # fmt: skip


def make_sources(cluster: Cluster) -> None:
    """Make the sample media that are not there yet; remove what an earlier demo made."""
    in_worker(cluster, "rm", "-rf", "/media/demo/out")
    in_worker(cluster, "mkdir", "-p", "/media/demo/source", "/media/demo/out")
    there = in_worker(cluster, "ls", "/media/demo/source").split()
    for name, arguments in SAMPLES.items():
        if name not in there:
            _make(cluster, name, arguments)


def _make(cluster: Cluster, name: str, arguments: tuple[str, ...]) -> None:
    partial, path = f"/media/demo/source/.{name}", f"/media/demo/source/{name}"
    in_worker(cluster, "ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments, partial)
    in_worker(cluster, "mv", partial, path)


def probe(cluster: Cluster, path: str) -> MediaFile:
    """Ask ffprobe what a file under /media really is."""
    entries = "format=duration,size:stream=codec_name,width,height"
    told = json.loads(in_worker(cluster, "ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", path))
    streams, container = told["streams"], told["format"]
    picture = next(stream for stream in streams if "width" in stream)
    return MediaFile(
        path=path,
        codecs="+".join(stream["codec_name"] for stream in streams),
        size=f"{picture['width']}x{picture['height']}",
        duration_s=float(container["duration"]) if picture["codec_name"] not in PICTURES else None,
        bytes=int(container["size"]),
    )
