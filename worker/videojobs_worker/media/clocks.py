"""The clocks of a source, as types of their own: a time of one is no time of another.

A packet carries a time on the file's clock, which begins anywhere: at 1.4 s in MPEG-TS as ffmpeg writes it, below zero
in a file that was cut. ffmpeg's ``-ss`` counts from the file's first timestamp. The picture may begin later than that,
and frames are counted from its first one.
"""

from __future__ import annotations

from typing import Final, NewType

#: Seconds on the file's clock: what packets carry (pts, dts), and what ffprobe's ``-read_intervals`` takes.
FileTime = NewType("FileTime", float)
FILE_ZERO: Final = FileTime(0.0)
#: Seconds since the file's start, which is the first timestamp of any of its streams: what ffmpeg's ``-ss`` takes.
SourceTime = NewType("SourceTime", float)
SOURCE_START: Final = SourceTime(0.0)
#: Seconds since the first frame of the picture is presented.
PictureTime = NewType("PictureTime", float)
#: The number of a frame in the order of presentation, from 0.
FrameNumber = NewType("FrameNumber", int)
