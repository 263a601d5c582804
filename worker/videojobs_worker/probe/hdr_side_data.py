"""What an HDR10 picture says of its screen, which many files say in their frames alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from videojobs_worker.media.hdr_metadata import hdr_metadata
from videojobs_worker.media.source import Source
from videojobs_worker.process.demuxers import probed_input
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

READ_TIMEOUT_S: Final = 60.0
_PQ: Final = "smpte2084"


def with_hdr_metadata(source: Source, stopper: Stopper) -> Source:
    """The source with what its first frame says, where its header does not; of PQ alone.

    Raises:
        StoppedError: it was stopped.
    """
    video = source.info.video
    if video is None or video.transfer != _PQ or video.hdr_metadata:
        return source
    command = (
        "ffprobe", "-v", "error", "-select_streams", str(video.index), "-read_intervals", "%+#1", "-show_frames",
        "-show_entries", "frame=side_data_list:frame_side_data", "-of", "json", *probed_input(source.opened),
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S, stopper)
    frames = json.loads(told).get("frames", ()) if code == 0 else ()
    said = next((found for frame in frames if (found := hdr_metadata(frame.get("side_data_list", ())))), None)
    return replace(source, info=replace(source.info, video=replace(video, hdr_metadata=said)))
