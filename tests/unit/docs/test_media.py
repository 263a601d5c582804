"""The tables of docs/reference/media.md say what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.unit.worker.builders import audio, video
from videojobs_protocol.work import AUDIO_CODECS, AUDIO_CONTAINERS, Fit
from videojobs_worker.media.colour import approximated, colour_of, output_colour
from videojobs_worker.media.containers import CONTAINERS
from videojobs_worker.media.sound import ENCODERS, LAYOUTS, encoded_channels

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/media.md").read_text()


def table(first: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    lines = PAGE.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def listed(codecs: frozenset[str]) -> str:
    return ", ".join(sorted(codecs)) or "none"


def test_containers() -> None:
    rows = [
        [name, f".{name}", ", ".join(AUDIO_CODECS[name]), listed(held.video), listed(held.audio)]
        for name, held in CONTAINERS.items()
    ]
    assert table("container | ending") == rows
    assert {row[0] for row in table("container | ending")[-5:]} == AUDIO_CONTAINERS


def test_encoders_of_sound() -> None:
    rows = [
        [codec, each.name, f"{each.bitrate_bps // 1000}k" if each.bitrate_bps else "lossless", str(each.channels)]
        for codec, each in ENCODERS.items()
    ]
    assert table("codec | encoder") == rows


@pytest.mark.parametrize(("row", "counts"), [(0, [1]), (1, [2]), (2, [3, 4, 5, 6]), (3, [7, 8, 16])])
def test_layouts(row: int, counts: list[int]) -> None:
    for channels in counts:
        becomes = encoded_channels("aac", audio(channels=channels, layout="known"))
        assert LAYOUTS[becomes] == table("channels of the source")[row][1]


@pytest.mark.parametrize("row", table("the source says"))
def test_colours(row: list[str]) -> None:
    said, size, read, made = row
    width, height = map(int, size.split("x"))
    words = {} if said == "nothing" else dict(word.split(" ") for word in said.split(", "))
    fields = {"pixels": "pixel_format"}
    stream = video(width=width, height=height, **{fields.get(name, name): value for name, value in words.items()})
    output = output_colour(stream, (width, height), "yuv420p10le" if "HDR" in made else "yuv420p")
    assert (colour_of(stream).name, output.name) == (read, made.removeprefix("as HDR: "))


@pytest.mark.parametrize("row", table("what it says"))
def test_approximated_colours(row: list[str]) -> None:
    said, read = row
    name, _, value = said.partition(" ")
    hdr = {"transfer": "smpte2084"} if read in ("bt2020nc", "ictcp") else {}
    assert getattr(colour_of(video(**{**hdr, name: value})), name) == read
    assert approximated(video(**{**hdr, name: value})).endswith(f" {value} is read as {read}")


def test_subtitles() -> None:
    rows = [
        [name, listed(held.subtitles), held.text_codec]
        for name, held in CONTAINERS.items()
        if name not in AUDIO_CONTAINERS
    ]
    assert table("container | kept as they are") == rows


@pytest.mark.parametrize("page", ["docs/reference/media.md", "docs/how-to/timelines.md"])
def test_every_fit_is_explained(page: str) -> None:
    text = (ROOT / page).read_text()
    missing = [fit for fit in get_args(Fit) if f"`{fit}`" not in text]
    assert not missing, f"{page} is written by hand: say what these values of fit do"
