"""An output that lost its end, anywhere, is caught before anybody sees it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.ffmpeg import ffmpeg
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Expectation
from videojobs_worker.probe.file_extent import claimed_bytes
from videojobs_worker.probe.verification import verify
from videojobs_worker.process.stopper import Stopper

pytestmark = pytest.mark.ffmpeg_matrix

CODED = {
    "mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart"),
    "mkv": ("-c:v", "libx264", "-preset", "ultrafast"),
    "webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
}
SECONDS = 5.0


@pytest.fixture(scope="module", params=CODED)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each container."""
    path = tmp_path_factory.mktemp("whole") / f"whole.{request.param}"
    picture = ("-f", "lavfi", "-i", f"testsrc2=size=160x90:duration={SECONDS}")
    ffmpeg(*picture, "-f", "lavfi", "-i", f"sine=duration={SECONDS}", *CODED[request.param], str(path))
    return path


def test_a_whole_file_is_whole(whole: Path) -> None:
    assert claimed_bytes(whole) == whole.stat().st_size
    verify([Expectation(whole, SECONDS, (), audio=True)], ["whole"], Stopper())


def test_of_twenty_cuts_twenty_are_caught(whole: Path, tmp_path: Path) -> None:
    data, places = whole.read_bytes(), random.Random(4)
    inside = [places.randrange(1, len(data)) for _ in range(15)]
    for at in [*inside, *(len(data) - places.randrange(1, 2000) for _ in range(4)), len(data) - 1]:
        cut = tmp_path / f"cut{whole.suffix}"
        cut.write_bytes(data[:at])
        with pytest.raises(JobError) as caught:
            verify([Expectation(cut, SECONDS, (), audio=True)], ["cut"], Stopper())
        assert caught.value.reason in ("OutputInvalid", "SourceTruncated"), at
