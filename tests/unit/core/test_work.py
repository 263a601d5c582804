"""Specs become work in plain units."""

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.work import work_of
from videojobs_protocol import work


def test_render() -> None:
    spec = VideoJobSpec.model_validate(
        {
            "render": {
                "scenes": [
                    {"source": {"uri": "file:///media/a.mp4"}, "start": "1m30s", "end": "1h"},
                    {"source": {"uri": "file:///media/b.mp4"}},
                ],
                "transition": {"type": "fade", "duration": "250ms"},
                "subtitles": {"uri": "file:///media/s.srt", "mode": "Soft"},
                "output": {"uri": "file:///media/o.mp4", "video": {"fps": "30000/1001", "bitrate": "5M", "width": 640}},
            }
        }
    )
    made = work_of(spec)
    assert isinstance(made, work.Render)
    assert made.scenes == (work.Scene("file:///media/a.mp4", 90.0, 3600.0), work.Scene("file:///media/b.mp4", 0.0))
    assert made.transition == work.Transition("fade", 0.25)
    assert made.output.video == work.VideoSettings(width=640, fps=30000 / 1001, bitrate_bps=5_000_000)


def test_preview_and_caption() -> None:
    preview = {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/f", "width": 320}}
    caption = {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/o.vtt", "format": "vtt"}}
    assert work_of(VideoJobSpec.model_validate({"preview": preview})) == work.Preview(
        "file:///media/a.mp4", "file:///media/f", frames=10, width=320
    )
    assert work_of(VideoJobSpec.model_validate({"caption": caption})) == work.Caption(
        "file:///media/a.mp4", "file:///media/o.vtt", format="vtt"
    )
