"""Each example of a timeline is rendered by a worker and measured: what its comment says is in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hack import pictures
from tests.integration.worker.conftest import Bench
from tests.support import measure
from tests.support.examples import EXAMPLES, make_samples, output_of, render_example
from tests.support.frames import Pixels, pixels
from tests.support.measure import level_db
from videojobs_protocol.work import Render

pytestmark = pytest.mark.usefixtures("worker")

NAMES = sorted(path.stem for path in (EXAMPLES / "more").glob("render-*.yaml"))
#: Pixels of the output: of 640x360.
WIDTH, HEIGHT = 640, 360


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_samples(folder)
    (folder / "source/subtitles.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nHills\n")
    return folder


def frame_count(film: Path) -> int:
    return int(measure.probe(film)["video"]["nb_read_frames"])


def clip(samples: Path, name: str, number: int) -> Pixels:
    """A frame of a sample clip, which does not say that it is BT.709 as all of its size are."""
    return pixels(samples / f"source/clip-{name}.mp4", number, WIDTH, HEIGHT, "bt709")


def images(film: Path, samples: Path) -> None:
    assert frame_count(film) == 60 + 90 + 30
    photo = pixels(samples / "source/photo.jpg", 0, 360, 360)
    for number in (0, 59, 150, 179):
        shown = pixels(film, number, WIDTH, HEIGHT)
        assert shown.part(140, 0, 360, 360).difference(photo) < 3
        assert shown.part(0, 0, 130, 360).mean() == pytest.approx((0, 0, 0), abs=2)
    assert pixels(film, 60, WIDTH, HEIGHT).difference(clip(samples, "a", 30)) < 6
    assert level_db(film, 0.1, 1.9) < -80 < -25 < level_db(film, 2.1, 4.9)


def overlay(film: Path, samples: Path) -> None:
    logo = pixels(samples / "source/logo.png", 0, 100, 100)
    assert logo.part(45, 45, 10, 10).mean() == pytest.approx((255, 136, 0), abs=1)
    under = pixels(film, 15, WIDTH, HEIGHT)
    for number, shown in ((29, False), (30, True), (119, True), (120, False)):
        seen = pixels(film, number, WIDTH, HEIGHT)
        dot, plain = seen.part(565, 65, 10, 10).mean(), under.part(565, 65, 10, 10).mean()
        mixed = tuple((a + b) / 2 for a, b in zip(plain, (255, 136, 0), strict=True))
        assert dot == pytest.approx(mixed if shown else plain, abs=5)
        assert seen.part(0, 0, 510, 360).difference(under.part(0, 0, 510, 360)) < 1.5


def title(film: Path, samples: Path) -> None:
    def inked(number: int, top: int, colour: tuple[int, int, int]) -> int:
        return pixels(film, number, WIDTH, HEIGHT).part(0, top, WIDTH, 110).count(colour, 24)

    white, yellow = (255, 255, 255), (255, 220, 120)
    before = inked(0, 125, white)
    assert [inked(n, 125, white) > before + 2000 for n in (11, 13, 50, 99, 100)] == [False, True, True, True, False]
    assert [inked(n, 250, yellow) > 150 for n in (36, 38, 99, 100)] == [False, True, True, False]


def music(film: Path, samples: Path) -> None:
    bed = level_db(samples / "source/music.m4a", 0.5, 3.5, 275)
    assert level_db(film, 0.5, 2.5, 275) == pytest.approx(bed - 3, abs=1)
    assert level_db(film, 3.2, 5.8, 275) == pytest.approx(bed - 15, abs=1.5)
    assert level_db(film, 6.5, 7.9, 275) == pytest.approx(bed - 3, abs=1)
    assert level_db(film, 9.8, 10.0, 275) < bed - 20
    assert level_db(film, 3.2, 5.8, 660) > level_db(film, 0.5, 2.5, 660) + 20


def speed(film: Path, samples: Path) -> None:
    assert frame_count(film) == 60 + 30 + 120
    for number, source in ((0, 60), (59, 119), (60, 60), (75, 90), (89, 118), (90, 60), (150, 90)):
        seen = pixels(film, number, WIDTH, HEIGHT)
        right, wrong = (clip(samples, "a", n) for n in (source, source + 8))
        assert seen.difference(right) < 0.6 * seen.difference(wrong)
    plain = level_db(film, 0.2, 1.8, 440)
    assert level_db(film, 2.2, 2.8, 440) == pytest.approx(plain + 6, abs=1)
    assert level_db(film, 3.2, 6.8, 440) == pytest.approx(plain - 6, abs=1)


def transitions(film: Path, samples: Path) -> None:
    assert frame_count(film) == 90 + 90 - 15 + 90 - 30 + 60
    fading = pixels(film, 82, WIDTH, HEIGHT)  # 7 of 15 frames of the fade are over
    mixed = clip(samples, "a", 82).mixed(clip(samples, "b", 7), 7 / 15)
    assert fading.difference(mixed) < 8
    wiping = pixels(film, 150, WIDTH, HEIGHT)  # half of the wipe
    assert wiping.part(0, 0, 300, HEIGHT).difference(clip(samples, "b", 75).part(0, 0, 300, HEIGHT)) < 6
    assert wiping.part(340, 0, 300, HEIGHT).difference(clip(samples, "c", 15).part(340, 0, 300, HEIGHT)) < 6
    assert pixels(film, 224, WIDTH, HEIGHT).difference(clip(samples, "c", 89)) < 6
    assert pixels(film, 225, WIDTH, HEIGHT).difference(clip(samples, "a", 0)) < 6


def chapters(film: Path, samples: Path) -> None:
    assert measure.probe(film)["format"]["tags"]["title"] == "From cards to hills"
    assert measure.chapters(film) == [("Test cards", 0.0, 4.0), ("Hills", 4.0, pytest.approx(6.0, abs=0.03))]


def loudness(film: Path, samples: Path) -> None:
    assert measure.loudness_lufs(film) == pytest.approx(-14, abs=0.5)
    assert level_db(film, 3.2, 5.8) - level_db(film, 0.2, 2.8) == pytest.approx(10, abs=1)


def subtitles(film: Path, samples: Path) -> None:
    blended = pixels(film, 45, 1280, 720).part(0, 560, 1280, 150)
    assert blended.count((255, 255, 255), 40) > pixels(film, 120, 1280, 720).part(0, 560, 1280, 150).count(
        (255, 255, 255), 40
    )


MEASURED: dict[str, Callable[[Path, Path], None]] = {
    "render-images": images,
    "render-overlay": overlay,
    "render-title": title,
    "render-music": music,
    "render-speed": speed,
    "render-transitions": transitions,
    "render-chapters": chapters,
    "render-loudness": loudness,
    "render-subtitles": subtitles,
}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_makes_what_it_says(bench: Bench, samples: Path, name: str) -> None:
    work: Render = render_example(name, samples)
    status = bench.run(work)
    assert status.status == "completed", status.failure
    assert status.details.get("note", "") == ""
    MEASURED[name](output_of(work), samples)
    if name in pictures.PICTURES:
        drawn, size = bench.folder / "drawn.jpg", jpeg_size(pictures.FOLDER / f"{name}.jpg")
        pictures.draw(name, output_of(work), drawn)
        assert pixels(drawn, 0, *size).difference(pixels(pictures.FOLDER / f"{name}.jpg", 0, *size)) < 6, (
            "the documentation shows something else: run `make pictures`"
        )


def jpeg_size(path: Path) -> tuple[int, int]:
    picture = measure.probe(path)["video"]
    return picture["width"], picture["height"]
