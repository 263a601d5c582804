"""How large one run of a render may be: how many scenes it decodes, and with how many threads. Pure.

Memory of a run was measured with x264 ``veryfast`` and H.264 sources in Full HD, 1 to 16 scenes and 2 to 16 threads; it
goes with the pixels of a frame, since nearly all of it is frames: those that x264 looks ahead at and has at work, one
for each of its threads, and those that decoders keep, some for themselves and one for each of their threads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.source import video_of

#: Every scene is an open decoder.
MOST_SCENES: Final = 16
#: What one run may take; with the worker's own processes a job then stays below 600 MB in Full HD.
RUN_BYTES: Final = 460e6
#: Bytes without any frame; and bytes a pixel of an encoder, of each of its threads, of a decoder, of each of its own.
_FFMPEG: Final = 45e6
_ENCODER, _ENCODER_THREAD, _DECODER, _DECODER_THREAD = 84.0, 11.3, 3.7, 4.15
#: Threads of all decoders of a run together: one thread decodes as fast as several encode.
_DECODING: Final = 4


def decoder_threads(decoders: int, threads: int) -> int:
    """Threads of each decoder of a run: every thread holds frames, and few decoders work at the same time."""
    return max(1, min(threads, math.ceil(2 * threads / decoders), _DECODING // decoders))


def run_bytes(pixels: int, scenes: int, threads: int) -> float:
    """About what a run takes.

    Args:
        pixels: of a frame.
        scenes: that it decodes.
        threads: of its encoder.
    """
    decoder = _DECODER + _DECODER_THREAD * decoder_threads(scenes, threads)
    return _FFMPEG + pixels * (_ENCODER + _ENCODER_THREAD * threads + scenes * decoder)


def scenes_a_run(cuts: Sequence[Cut], threads: int) -> int:
    """How many scenes one run decodes: fewer where pictures are large, and at least two, which may blend."""
    pixels = max(video_of(cut.source).width * video_of(cut.source).height for cut in cuts)
    fitting = (count for count in range(MOST_SCENES, 2, -1) if run_bytes(pixels, count, threads) <= RUN_BYTES)
    return next(fitting, 2)
