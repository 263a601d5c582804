"""Clips for tests, made by ffmpeg: test cards, clocks whose frames can be named, flashes with beeps."""

from __future__ import annotations

from pathlib import Path

from tests.support import altered
from tests.support.ffmpeg import ffmpeg


def clip(
    path: Path, seconds: float = 2, size: str = "320x180", fps: str = "25", *, sound: bool = True, gop: int = 25
) -> Path:
    """A test card with a tone."""
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"] if sound else []
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", str(gop), "-pix_fmt", "yuv420p", "-c:a", "aac"]
    picture = f"testsrc2=size={size}:rate={fps}:duration={seconds}"
    ffmpeg("-f", "lavfi", "-i", picture, *tone, *coded, str(path))
    return path


def grey_clock(path: Path, seconds: float = 4, fps: int = 25) -> Path:
    """A picture whose brightness tells its time: frame n is grey (16 + n), so that every frame can be named."""
    level = f"color=black:size=64x64:rate={fps}:duration={seconds},format=gray,geq=lum='16+mod(N,200)'"
    lossless = ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"]
    ffmpeg("-f", "lavfi", "-i", level, *lossless, str(path))
    return path


def frame_clock(path: Path, seconds: float = 12, fps: str = "25", *, gop: int = 50, codec: str = "libx264") -> Path:
    """Every frame shows its number in twelve bars, white for 1, the first bar for the lowest bit; with a tone."""
    lum = "if(mod(floor(N/pow(2\\,X))\\,2)\\,235\\,16)"
    bars = f"color=black:size=12x8:rate={fps}:duration={seconds},format=gray,geq=lum='{lum}'"
    picture = f"{bars},scale=1248:704:flags=neighbor,setsar=1"
    tone = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    coded = ["-c:v", codec, "-g", str(gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *coded, str(path))
    return path


def flash_and_beep(path: Path, at_s: float = 0.48) -> Path:
    """A second at 25 frames a second, black and silent but for one white frame and a beep at the same time."""
    flash = f"color=black:size=160x90:rate=25:duration=1,drawbox=c=white:t=fill:enable='eq(n,{round(at_s * 25)})'"
    beep = f"aevalsrc='if(between(t,{at_s},{at_s + 0.04}),sin(2*PI*1000*t),0)':s=48000:d=1"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-c:v", "libx264", "-g", "25",
           "-pix_fmt", "yuv420p", "-c:a", "aac", str(path))  # fmt: skip
    return path


def beats(path: Path, seconds: int = 6, fps: str = "25", *, size: str = "160x90", unsteady: bool = False) -> Path:
    """In every second at 0.4 s a white flash and a beep of 40 ms; ``unsteady`` has frames only where it changes."""
    white = "drawbox=c=white:t=fill:enable='between(mod(t,1),0.399,0.439)'"
    changes = ",select='eq(n,0)+between(mod(t,1),0.399,0.481)'" if unsteady else ""
    flash = f"color=black:size={size}:rate={fps}:duration={seconds},{white}{changes}"
    beep = f"aevalsrc='if(between(mod(t,1),0.4,0.44),sin(2*PI*1000*t),0)':s=48000:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-fps_mode", "passthrough",
           "-c:v", "libx264", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path))  # fmt: skip
    return path


def variable_rate(path: Path) -> Path:
    """Four seconds whose frames are 0.04 s to 0.4 s apart, each of another grey."""
    times = "if(eq(N\\,0)\\,0\\,PREV_OUTT+if(lt(mod(N\\,20)\\,10)\\,0.04\\,0.2))/TB"
    level = "color=black:size=64x64:rate=25:duration=1.4,format=gray,geq=lum='30+5*N'"
    ffmpeg("-f", "lavfi", "-i", f"{level},setpts={times}", "-fps_mode", "passthrough", "-enc_time_base", "1/1000",
           "-c:v", "libx264", "-qp", "0", "-bf", "2", "-g", "12", "-pix_fmt", "yuv420p", str(path))  # fmt: skip
    return path


def hdr(path: Path, transfer: str) -> Path:
    """A second of even grey in ten bits, tagged as BT.2100 with a transfer function of it."""
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    picture = f"color=0x808080:size=64x64:rate=25:duration=1,format=yuv420p10le,{tags}"
    params = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:log-level=error"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx265", "-x265-params", params, str(path))
    return path


def turned(path: Path, degrees: int) -> Path:
    """160x320 as it is shown, black with a white bar at the top; in the file it lies turned by ``degrees``."""
    back = {90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}[degrees]
    picture = f"color=black:size=160x320:rate=25:duration=1,drawbox=h=64:c=white:t=fill,{back}"
    whole = path.with_stem("lying")
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(whole))
    return altered.rotated(path, whole, degrees)
