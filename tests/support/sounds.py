"""Files for tests whose sound matters: layouts, tones, speech, silence."""

from __future__ import annotations

from pathlib import Path

from tests.support.ffmpeg import ffmpeg


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


def talk(path: Path, silence_s: int) -> None:
    """Somebody speaks, between silences: synthesized speech, which voice activity detection takes for one."""
    text = "The river bends where the old mill stands and nobody remembers who built it"
    sound = f"flite=text='{text}':voice=slt,aresample=48000,adelay={silence_s * 1000},apad=pad_dur={silence_s}"
    ffmpeg("-f", "lavfi", "-i", sound, "-c:a", "aac", "-f", "mp4", str(path))


def silence(path: Path, seconds: float) -> None:
    """Sound without anything in it."""
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", str(seconds), "-c:a", "aac", "-f", "mp4", str(path))


def tones(path: Path, layout: str, rate_hz: int = 48000) -> Path:
    """Four seconds with another tone in each channel, as PCM."""
    count = {"mono": 1, "stereo": 2, "5.1": 6, "5.1(side)": 6, "7.1": 8}[layout]
    channels = "|".join(f"{0.1 + number / 100}*sin(2*PI*{300 + 170 * number}*t)" for number in range(count))
    sound = f"aevalsrc='{channels}':c={layout}:s={rate_hz}:d=4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=4", "-f", "lavfi", "-i", sound,
           "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(path))  # fmt: skip
    return path
