"""GPUs: found by NVML, and what they can do by really opening it.

A card's name says nothing sure: H100 and H200 have no NVENC at all, and GeForce cards bound its sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from videojobs_worker.process.runner import capture

PROBE_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Gpu:
    """A GPU as NVML tells. Memory in bytes, utilization in percent; None where the card does not
    tell, as when it is cut into MIG slices.
    """

    index: int
    name: str
    utilization: int | None
    memory_used: int
    memory_total: int
    uuid: str = ""  # its own everywhere, while the index is that of who asks


def gpus() -> tuple[Gpu, ...]:
    """All GPUs that this process may see; none where there is no driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        return tuple(_gpu(index) for index in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:
        return ()
    finally:
        pynvml.nvmlShutdown()


def _gpu(index: int) -> Gpu:
    import pynvml

    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(
        index=index,
        name=_text(pynvml.nvmlDeviceGetName(handle)),
        utilization=_utilization(handle),
        memory_used=int(memory.used),
        memory_total=int(memory.total),
        uuid=_text(pynvml.nvmlDeviceGetUUID(handle)),
    )


def _text(name: bytes | str) -> str:
    """Older bindings give bytes."""
    return name.decode() if isinstance(name, bytes) else name


def _utilization(handle: Any) -> int | None:
    import pynvml

    try:
        return int(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    except pynvml.NVMLError:
        return None


@cache
def capabilities() -> frozenset[str]:
    """What was found by opening it: ``nvenc``, ``nvdec``, ``cuda``. Asked once a process."""
    if not gpus():
        return frozenset()
    trials = {"nvenc": _encode_on_gpu, "nvdec": _decode_on_gpu, "cuda": _open_cuda}
    return frozenset(name for name, trial in trials.items() if trial())


def _encode_on_gpu() -> bool:
    return _works("-f", "lavfi", "-i", "color=size=256x256:rate=1:duration=1", "-c:v", "h264_nvenc")


def _decode_on_gpu() -> bool:
    with TemporaryDirectory(prefix="videojobs-nvdec-") as folder:
        sample = f"{folder}/sample.mp4"
        picture = ("-f", "lavfi", "-i", "color=size=256x256:rate=1:duration=1,format=yuv420p")
        made = capture(("ffmpeg", "-nostdin", "-v", "error", *picture, "-c:v", "libx264", sample), PROBE_TIMEOUT_S)
        return made[0] == 0 and _works("-c:v", "h264_cuvid", "-i", sample)


def _open_cuda() -> bool:
    return _works("-init_hw_device", "cuda=gpu", "-f", "lavfi", "-i", "color=size=64x64:duration=0.1")


def _works(*arguments: str) -> bool:
    command = ("ffmpeg", "-nostdin", "-v", "error", *arguments, "-frames:v", "1", "-f", "null", "-")
    return capture(command, PROBE_TIMEOUT_S)[0] == 0
