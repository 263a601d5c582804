"""What the demo shows of its results."""

from __future__ import annotations

from hack.demo.media import MediaFile, folded

FILM = MediaFile("/media/demo/out/a.mp4", "h264+aac", "1280x720", 16.0, 4_000_000)


def picture(number: int) -> MediaFile:
    return MediaFile(f"/media/demo/out/frames/frame-{number:03}.jpg", "mjpeg", "640x360", None, 1000 * number)


def test_the_pictures_of_a_job_are_one_row() -> None:
    (row,) = folded([picture(number) for number in (1, 2, 3)])
    assert (row.path, row.codecs, row.size, row.bytes) == ("3 x frame-*.jpg", "mjpeg", "640x360", 6000)


def test_films_and_a_single_picture_have_a_row_each() -> None:
    assert folded([FILM, picture(1)]) == [FILM, picture(1)]
    assert folded([]) == []
