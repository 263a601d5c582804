"""What the sample media are, which examples/ are made from: the arguments of ffmpeg for each file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECONDS: Final = 16
_CLIPS: Final = {"clip-a": ("testsrc2", 440), "clip-b": ("smptehdbars", 660), "clip-c": ("rgbtestsrc", 880)}

#: A sun over hills, as large as a photograph is and no wider than high.
_PHOTO: Final = (
    "nullsrc=s=1200x1200:d=0.04,format=gbrp,geq="
    "r='if(lt(Y,700+80*sin(X/140)),if(lt(hypot(X-800,Y-300),120),255,120+Y/8),60)':"
    "g='if(lt(Y,700+80*sin(X/140)),if(lt(hypot(X-800,Y-300),120),220,160+Y/16),110+40*sin(X/60))':"
    "b='if(lt(Y,700+80*sin(X/140)),if(lt(hypot(X-800,Y-300),120),120,220-Y/16),70)'"
)
#: A ring around a dot, transparent elsewhere.
_LOGO: Final = (
    "color=0xff8800:s=200x200:d=0.04,format=rgba,geq=r=255:g=136:b=0:"
    "a='255*max(clip(98-hypot(X-99.5,Y-99.5),0,1)*clip(hypot(X-99.5,Y-99.5)-70,0,1),clip(40-hypot(X-99.5,Y-99.5),0,1))'"
)
#: A chord, four seconds long.
_MUSIC: Final = "aevalsrc='0.1*(sin(2*PI*220*t)+sin(2*PI*275*t)+sin(2*PI*330*t))':s=48000:d=4:c=stereo"


def _clip(picture: str, tone_hz: int) -> tuple[str, ...]:
    return (
        "-f", "lavfi", "-i", f"{picture}=size=1280x720:rate=30:duration={SECONDS}",
        "-f", "lavfi", "-i", f"sine=frequency={tone_hz}:sample_rate=48000:duration={SECONDS}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    )  # fmt: skip


#: Arguments before the file's path, by its name.
SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"{name}.mp4": _clip(*clip) for name, clip in _CLIPS.items()},
    "photo.jpg": ("-f", "lavfi", "-i", _PHOTO, "-frames:v", "1", "-q:v", "2", "-pix_fmt", "yuvj444p"),
    "logo.png": ("-f", "lavfi", "-i", _LOGO, "-frames:v", "1"),
    "music.m4a": ("-f", "lavfi", "-i", _MUSIC, "-c:a", "aac", "-b:a", "160k"),
}
