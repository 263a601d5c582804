"""Overlays have the colours of their images, whatever the image's and the output's pixel formats are."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.support import clips
from tests.support.ffmpeg import ffmpeg
from tests.support.frames import Rgb, pixels
from tests.support.pipeline import Pipeline, pipeline
from videojobs_protocol.work import MediaOutput, Overlay, Render, Scene, VideoSettings

#: Of 255, of each channel.
TOLERANCE = 2
ORANGE, GREEN, BLUE = (200, 90, 30), (40, 160, 70), (50, 70, 190)
#: What an overlay is seen on.
GROUND = 128
#: Odd, as logos are.
SIDES = (81, 43)


@pytest.fixture(scope="module")
def running() -> Iterator[Pipeline]:
    with pipeline() as found:
        for name, size, says in (("sd", "320x180", "smpte170m"), ("hd", "1280x720", "bt709")):
            picture = f"nullsrc=s={size}:r=25:d=1,format=yuv420p,geq=lum=126:cb=128:cr=128"
            ffmpeg(
                "-f", "lavfi", "-i", f"{picture},setparams=colorspace={says}:range=tv", "-c:v", "libx264", "-qp", "0",
                "-colorspace", says, "-color_range", "tv", str(found.folder / f"{name}.mp4"),
            )  # fmt: skip
        for transfer in ("smpte2084", "arib-std-b67"):
            clips.hdr(found.folder / f"{transfer}.mp4", transfer)
        yield found


def saved(mode: str, colour: tuple[int, ...], **options: object) -> Callable[[Path], None]:
    return lambda path: Image.new(mode, SIDES, colour).save(path, **options)


def coded(colour: Rgb, pixel_format: str, alpha: int = 255) -> Callable[[Path], None]:
    """An image that Pillow cannot write."""
    red, green, blue = map(int, colour)
    size = f"{SIDES[0]}x{SIDES[1]}"
    picture = f"color=0x{red:02x}{green:02x}{blue:02x}{alpha:02x}:s={size},format=rgba,format={pixel_format}"
    return lambda path: ffmpeg("-f", "lavfi", "-i", picture, "-frames:v", "1", str(path))


def palette(path: Path) -> None:
    image = Image.new("RGBA", SIDES, (*BLUE, 255)).convert("P", palette=Image.Palette.ADAPTIVE)
    image.save(path)


#: Name of the file, how it is made, the colour that it has and the opacity of the whole.
IMAGES: dict[str, tuple[str, Callable[[Path], None], Rgb, float]] = {
    "RGB PNG": ("a.png", saved("RGB", ORANGE), ORANGE, 1),
    "RGBA PNG, opaque": ("a.png", saved("RGBA", (*GREEN, 255)), GREEN, 1),
    "RGBA PNG, half": ("a.png", saved("RGBA", (*ORANGE, 128)), ORANGE, 128 / 255),
    "RGBA PNG, a tenth": ("a.png", saved("RGBA", (*BLUE, 26)), BLUE, 26 / 255),
    "grey PNG": ("a.png", saved("L", (60,)), (60, 60, 60), 1),
    "grey PNG with alpha": ("a.png", saved("LA", (220, 128)), (220, 220, 220), 128 / 255),
    "bits": ("a.png", lambda path: Image.new("1", SIDES, 1).save(path), (255, 255, 255), 1),
    "palette": ("a.png", palette, BLUE, 1),
    "RGB PNG of 16 bits": ("a.png", coded(ORANGE, "rgb48be"), ORANGE, 1),
    "RGBA PNG of 16 bits": ("a.png", coded(GREEN, "rgba64be", 128), GREEN, 128 / 255),
    "JPEG": ("a.jpg", saved("RGB", ORANGE, quality=98), ORANGE, 1),
    "JPEG without subsampling": ("a.jpg", saved("RGB", BLUE, quality=98, subsampling=0), BLUE, 1),
    "grey JPEG": ("a.jpg", saved("L", (60,), quality=98), (60, 60, 60), 1),
    "WebP": ("a.webp", saved("RGB", ORANGE, quality=100), ORANGE, 1),
    "WebP with alpha": ("a.webp", saved("RGBA", (*GREEN, 128), quality=100), GREEN, 128 / 255),
    "lossless WebP with alpha": ("a.webp", saved("RGBA", (*BLUE, 128), lossless=True), BLUE, 128 / 255),
}
#: The clip under it, and the output's pixel format.
OUTPUTS = {
    "SD": ("sd", VideoSettings(crf=1)),
    "HD": ("hd", VideoSettings(crf=1)),
    "HD as SD": ("hd", VideoSettings(crf=1, height=180)),
    "10 bits": ("hd", VideoSettings("h265", crf=1, pixel_format="yuv420p10le")),
    "10 bits SD": ("sd", VideoSettings("h265", crf=1, pixel_format="yuv420p10le")),
}


def laid_over(running: Pipeline, images: Sequence[Path], clip: str, video: VideoSettings) -> Path:
    """A film that shows each image in one frame, one after another."""
    scene = Scene((running.folder / f"{clip}.mp4").as_uri(), 0, 0.04 * len(images))
    made = images[0].with_name("out.mp4")
    times = [0.04 * number for number in range(len(images) + 1)]
    rows = zip(images, pairwise(times), strict=True)
    overlays = tuple(Overlay(image.as_uri(), "TopLeft", 20, start_s=start, end_s=end) for image, (start, end) in rows)
    status = running.attempt(Render((scene,), MediaOutput(made.as_uri(), video=video), overlays=overlays))
    assert status.status == "completed", status.failure
    return made


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.ffmpeg_matrix
def test_in_sdr(running: Pipeline, tmp_path: Path, output: str) -> None:
    clip, video = OUTPUTS[output]
    folder = running.folder / tmp_path.name
    folder.mkdir()
    images = [folder / f"{number}-{name}" for number, (name, *_) in enumerate(IMAGES.values())]
    for path, (_, make, *_) in zip(images, IMAGES.values(), strict=True):
        make(path)
    made = laid_over(running, images, clip, video)
    size = (320, 180) if clip == "sd" or video.height else (1280, 720)
    wrong = {}
    for number, (image, (_, _, colour, opacity)) in enumerate(IMAGES.items()):
        seen = pixels(made, number, *size)
        wanted = tuple(opacity * value + (1 - opacity) * GROUND for value in colour)
        found = seen.part(28, 28, 60, 26).mean(), seen.part(110, 70, 60, 60).mean()
        if found != (pytest.approx(wanted, abs=TOLERANCE), pytest.approx((GROUND,) * 3, abs=TOLERANCE)):
            wrong[image] = (*found, wanted)
    assert wrong == {}


def pq(nits: float) -> float:
    """The inverse of SMPTE ST 2084's EOTF, 0 to 1."""
    light = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * light) / (1 + 2392 / 128 * light)) ** (2523 / 32))


def in_pq(colour: Rgb) -> Rgb:
    """R'G'B' of sRGB as PQ's of BT.2020, white at 203 nits (BT.2408, BT.2087); 0 to 255."""
    red, green, blue = (((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10 else v / 255 / 12.92 for v in colour)
    wide = (
        0.6274 * red + 0.3293 * green + 0.0433 * blue,
        0.0691 * red + 0.9195 * green + 0.0114 * blue,
        0.0164 * red + 0.0880 * green + 0.8956 * blue,
    )
    one, two, three = (255 * pq(203 * value) for value in wide)
    return one, two, three


def codes(path: Path) -> Rgb:
    """The mean R'G'B' of the middle of the overlay, 0 to 255, from the 10 bits of the output."""
    filters = (
        "crop=8:8:28:28,scale=in_color_matrix=bt2020:in_range=tv:flags=accurate_rnd+full_chroma_inp,format=gbrp16le"
    )
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", filters, "-f", "rawvideo", "-"]
    data = memoryview(subprocess.run(command, capture_output=True, check=True).stdout).cast("H")
    green, blue, red = (sum(data[64 * plane : 64 * plane + 64]) / 64 / 257 for plane in range(3))
    return red, green, blue


HDR = VideoSettings("h265", crf=1, pixel_format="yuv420p10le")


@pytest.mark.parametrize("colour", [(255, 255, 255), ORANGE, GREEN, BLUE])
@pytest.mark.parametrize("ending", ["png", "webp"])
@pytest.mark.ffmpeg_matrix
def test_in_pq(running: Pipeline, tmp_path: Path, colour: tuple[int, int, int], ending: str) -> None:
    folder = running.folder / tmp_path.name
    folder.mkdir()
    Image.new("RGBA", (33, 33), (*colour, 255)).save(folder / f"a.{ending}", lossless=True)
    made = laid_over(running, [folder / f"a.{ending}"], "smpte2084", HDR)
    assert codes(made) == pytest.approx(in_pq(colour), abs=TOLERANCE)


@pytest.mark.ffmpeg_matrix
def test_white_in_hlg(running: Pipeline, tmp_path: Path) -> None:
    """Three quarters of the signal (BT.2408)."""
    folder = running.folder / tmp_path.name
    folder.mkdir()
    Image.new("RGBA", (33, 33), (255, 255, 255, 255)).save(folder / "a.png")
    made = laid_over(running, [folder / "a.png"], "arib-std-b67", HDR)
    assert codes(made) == pytest.approx((0.75 * 255,) * 3, abs=TOLERANCE)
