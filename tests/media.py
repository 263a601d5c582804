"""Media for tests, made by ffmpeg: good, odd and broken."""

from __future__ import annotations

import json
import subprocess
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; its words are the error's text."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ffmpeg {' '.join(arguments)}: {done.stderr}")


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


def rotated(path: Path, source: Path) -> Path:
    """The same picture, to be shown turned by 90 degrees."""
    ffmpeg("-i", str(source), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(path))
    return path


def sound_only(path: Path) -> Path:
    """No picture."""
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", "-f", "mp4", str(path))
    return path


def surround(path: Path) -> Path:
    """A second with sound in the layout of AC-3, 5.1(side)."""
    sound = "anullsrc=channel_layout=5.1(side):sample_rate=48000"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-f", "lavfi", "-i", sound, "-shortest",
           "-c:v", "libx264", "-c:a", "ac3", str(path))  # fmt: skip
    return path


def long_sound(path: Path, picture_s: float, sound_s: float, size: str = "64x64") -> Path:
    """Sound that goes on after the last picture, at 25 frames a second."""
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={picture_s}",
           "-f", "lavfi", "-i", f"sine=duration={sound_s}", "-c:v", "libx264", "-c:a", "aac", str(path))  # fmt: skip
    return path


def frame_hashes(path: Path) -> list[str]:
    """A checksum of every picture."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [line.rpartition(",")[2].strip() for line in told.splitlines() if not line.startswith("#")]


def cut_short(path: Path, source: Path, share: float) -> Path:
    """The first ``share`` of a file's bytes."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def faststart(path: Path, source: Path) -> Path:
    """The same with its index first, so that a truncation leaves the index whole."""
    ffmpeg("-i", str(source), "-c", "copy", "-movflags", "+faststart", str(path))
    return path


def probe(path: Path) -> dict[str, Any]:
    """ffprobe's word on a file: format, and streams by type."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_format", "-show_streams", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    streams = {stream["codec_type"]: stream for stream in reversed(told["streams"])}
    return {"format": told["format"], **streams}


def brightness(path: Path) -> list[int]:
    """The brightness of every frame's middle, as :func:`grey_clock` made it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "crop=8:8,scale=1:1,format=gray", "-f", "rawvideo", "-"]
    return list(subprocess.run(command, capture_output=True, check=True).stdout)


def tile_brightness(path: Path, x: int, y: int) -> int:
    """The brightness of the middle of a tile of 64 x 64 pixels."""
    crop = f"crop=8:8:{x + 28}:{y + 28},scale=1:1,format=gray"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", crop, "-f", "rawvideo", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout[0]


def frame_clock(path: Path, seconds: float = 12, fps: str = "25", *, gop: int = 50, codec: str = "libx264") -> Path:
    """Every frame shows its number in twelve bars, white for 1, the first bar for the lowest bit; with a tone."""
    lum = "if(mod(floor(N/pow(2\\,X))\\,2)\\,235\\,16)"
    bars = f"color=black:size=12x8:rate={fps}:duration={seconds},format=gray,geq=lum='{lum}'"
    picture = f"{bars},scale=1248:704:flags=neighbor,setsar=1"
    tone = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    coded = ["-c:v", codec, "-g", str(gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *coded, str(path))
    return path


def frame_numbers(path: Path) -> list[int]:
    """The numbers that the frames show, as :func:`frame_clock` made them."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "scale=12:1:flags=area,format=gray", "-f", "rawvideo"]
    data = subprocess.run([*command, "-fps_mode", "passthrough", "-"], capture_output=True, check=True).stdout
    rows = [data[at : at + 12] for at in range(0, len(data), 12)]
    return [sum(1 << bit for bit, level in enumerate(row) if level > 126) for row in rows]


def flash_and_beep(path: Path, at_s: float = 0.48) -> Path:
    """A second at 25 frames a second, black and silent but for one white frame and a beep at the same time."""
    flash = f"color=black:size=160x90:rate=25:duration=1,drawbox=c=white:t=fill:enable='eq(n,{round(at_s * 25)})'"
    beep = f"aevalsrc='if(between(t,{at_s},{at_s + 0.04}),sin(2*PI*1000*t),0)':s=48000:d=1"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-c:v", "libx264", "-g", "25",
           "-pix_fmt", "yuv420p", "-c:a", "aac", str(path))  # fmt: skip
    return path


def beeps_s(path: Path) -> list[float]:
    """When each beep begins, seconds; the sound may be late against the file's clock, which counts."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-af", "aresample=async=1:first_pts=0",
               "-f", "f32le", "-ac", "1", "-ar", "48000", "-"]  # fmt: skip
    samples = array("f", subprocess.run(command, capture_output=True, check=True).stdout)
    loud = [number for number, value in enumerate(samples) if abs(value) > 0.3]
    return [at / 48000 for before, at in pairwise([-48000, *loud]) if at - before > 12000]


def flashes_s(path: Path) -> list[float]:
    """When each white frame is shown, seconds on the file's clock."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough",
               "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    levels = subprocess.run(command, capture_output=True, check=True).stdout
    start = float(probe(path)["video"]["start_time"])
    return [start + number / 25 for number, level in enumerate(levels) if level > 126]


def talk(path: Path, silence_s: int) -> None:
    """Somebody speaks, between silences: synthesized speech, which voice activity detection takes for one."""
    text = "The river bends where the old mill stands and nobody remembers who built it"
    sound = f"flite=text='{text}':voice=slt,aresample=48000,adelay={silence_s * 1000},apad=pad_dur={silence_s}"
    ffmpeg("-f", "lavfi", "-i", sound, "-c:a", "aac", "-f", "mp4", str(path))


def silence(path: Path, seconds: float) -> None:
    """Sound without anything in it."""
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", str(seconds), "-c:a", "aac", "-f", "mp4", str(path))


def loudness_lufs(path: Path) -> float:
    """The integrated loudness of a file (EBU R 128)."""
    command = ["ffmpeg", "-nostdin", "-i", str(path), "-map", "0:a", "-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    (line,) = [line for line in told.rpartition("Summary:")[2].splitlines() if line.strip().startswith("I:")]
    return float(line.split()[1])


def beats(path: Path, seconds: int = 6, fps: str = "25", *, size: str = "160x90", unsteady: bool = False) -> Path:
    """In every second at 0.4 s a white flash and a beep of 40 ms; ``unsteady`` has frames only where it changes."""
    white = "drawbox=c=white:t=fill:enable='between(mod(t,1),0.399,0.439)'"
    changes = ",select='eq(n,0)+between(mod(t,1),0.399,0.481)'" if unsteady else ""
    flash = f"color=black:size={size}:rate={fps}:duration={seconds},{white}{changes}"
    beep = f"aevalsrc='if(between(mod(t,1),0.4,0.44),sin(2*PI*1000*t),0)':s=48000:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-fps_mode", "passthrough",
           "-c:v", "libx264", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path))  # fmt: skip
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
    ffmpeg("-i", str(whole), "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", str(path))
    return path


def variable_rate(path: Path) -> Path:
    """Four seconds whose frames are 0.04 s to 0.4 s apart, each of another grey."""
    times = "if(eq(N\\,0)\\,0\\,PREV_OUTT+if(lt(mod(N\\,20)\\,10)\\,0.04\\,0.2))/TB"
    level = "color=black:size=64x64:rate=25:duration=1.4,format=gray,geq=lum='30+5*N'"
    ffmpeg("-f", "lavfi", "-i", f"{level},setpts={times}", "-fps_mode", "passthrough", "-enc_time_base", "1/1000",
           "-c:v", "libx264", "-qp", "0", "-bf", "2", "-g", "12", "-pix_fmt", "yuv420p", str(path))  # fmt: skip
    return path


def shown_at_s(path: Path) -> list[float]:
    """When each frame is shown, seconds from the first."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0",
               str(path)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    times = [float(line.strip(",")) for line in told if line.strip(",")]
    return [time - times[0] for time in times]


def gaps_s(path: Path) -> list[float]:
    """How long each frame is shown, without the last one."""
    return [after - before for before, after in pairwise(shown_at_s(path))]


def brightness_at(path: Path, time_s: float) -> int:
    """The brightness of the frame that is shown at a time."""
    number = sum(at <= time_s for at in shown_at_s(path)) - 1
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough",
               "-vf", "crop=8:8,scale=1:1,format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True).stdout[number]


def with_chapters(path: Path, source: Path) -> Path:
    """Two seconds with a title and two chapters."""
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    texts = ";FFMETADATA1\ntitle=A title\\; of \\= signs\n" + chapter.format(0, 1000, "One")
    described = path.with_suffix(".txt")
    described.write_text(texts + chapter.format(1000, 2000, "Two"))
    ffmpeg("-i", str(source), "-i", str(described), "-map_metadata", "1", "-map_chapters", "1", "-c", "copy", str(path))
    return path


def chapters(path: Path) -> list[tuple[str, float, float]]:
    """Title, start and end of each chapter, seconds."""
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["chapters"]
    return [(each["tags"]["title"], float(each["start_time"]), float(each["end_time"])) for each in told]


def broken(path: Path, source: Path) -> Path:
    """The same with forty wrong bytes in its middle; its index is whole."""
    data = bytearray(source.read_bytes())
    begin = data.index(b"mdat")
    for number in range(40):
        data[begin + (len(data) - begin) // 3 + number * 97] ^= 0xFF
    path.write_bytes(data)
    return path


def tones(path: Path, layout: str, rate_hz: int = 48000) -> Path:
    """Four seconds with another tone in each channel, as PCM."""
    count = {"mono": 1, "stereo": 2, "5.1": 6, "5.1(side)": 6, "7.1": 8}[layout]
    channels = "|".join(f"{0.1 + number / 100}*sin(2*PI*{300 + 170 * number}*t)" for number in range(count))
    sound = f"aevalsrc='{channels}':c={layout}:s={rate_hz}:d=4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=4", "-f", "lavfi", "-i", sound,
           "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(path))  # fmt: skip
    return path


def brightest(path: Path) -> list[int]:
    """The brightness of every frame's brightest pixel."""
    picture = probe(path)["video"]
    size = int(picture["width"]) * int(picture["height"])
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "format=gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return [max(data[at : at + size]) for at in range(0, len(data), size)]


def subtitle_text(path: Path) -> str:
    """The first subtitle stream of a file, as ASS."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:s:0", "-f", "ass", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout
