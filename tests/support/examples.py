"""The examples of examples/ on sample media in a folder of this machine, instead of the test cluster's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from hack.demo.samples import SAMPLES
from tests.support.ffmpeg import ffmpeg
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.work import work_of
from videojobs_protocol.work import Render

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"


def make_samples(folder: Path) -> None:
    """The sample media, in ``source`` below a folder."""
    (folder / "source").mkdir()
    for name, arguments in SAMPLES.items():
        ffmpeg(*arguments, str(folder / "source" / name))


def render_example(name: str, folder: Path) -> Render:
    """The render of ``examples/more/NAME.yaml``, with sources and output below a folder."""
    text = (EXAMPLES / "more" / f"{name}.yaml").read_text().replace("file:///media/demo", folder.as_uri())
    work = work_of(VideoJobSpec.model_validate(yaml.safe_load(text)["spec"]))
    assert isinstance(work, Render)
    return work


def output_of(work: Render) -> Path:
    """The file that a render makes on this machine."""
    return Path(work.output.uri.removeprefix("file://"))
