"""Specs become work in plain units."""

from typing import Any

import pytest

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


def test_a_timeline_with_everything() -> None:
    spec = {
        "scenes": [
            {"source": {"uri": "file:///media/logo.png"}, "duration": "3s", "chapter": "Intro"},
            {
                "source": {"uri": "file:///media/a.mp4"}, "speed": 2, "audio": {"gain": "-6dB", "stream": 1},
                "transition": {"type": "wipeleft", "duration": "1s"},
            },
            {"source": {"uri": "file:///media/a.mp4"}, "speed": "0.5", "transition": {"type": "none"}},
        ],
        "overlays": [{"source": {"uri": "file:///media/logo.png"}, "position": "TopLeft", "width": 64, "end": "2s"}],
        "titles": [{"text": "Hello", "start": "1s"}],
        "music": {"source": {"uri": "file:///media/song.mp3"}, "ducking": "-6.5dB", "fadeOut": "2s", "loop": False},
        "damage": "Fail",
        "output": {
            "uri": "file:///media/o.mp4", "metadata": {"title": "Trailer"}, "audio": {"loudness": {"target": -23}},
            "video": {"fit": "Crop"},
        },
    }  # fmt: skip
    scenes = (
        work.Scene("file:///media/logo.png", duration_s=3.0, chapter="Intro"),
        work.Scene(
            "file:///media/a.mp4", speed=2.0, gain_db=-6.0, audio_stream="1",
            transition=work.Transition("wipeleft", 1.0),
        ),
        work.Scene("file:///media/a.mp4", speed=0.5, transition=work.Transition("none", 0.5)),
    )  # fmt: skip
    video, audio = work.VideoSettings(fit="Crop"), work.AudioSettings(loudness_lufs=-23)
    assert work_of(VideoJobSpec.model_validate({"render": spec})) == work.Render(
        scenes,
        work.MediaOutput("file:///media/o.mp4", video=video, audio=audio, title="Trailer"),
        overlays=(work.Overlay("file:///media/logo.png", "TopLeft", width=64, end_s=2.0),),
        titles=(work.Title("Hello", start_s=1.0),),
        music=work.Music("file:///media/song.mp3", ducking_db=-6.5, loop=False, fade_out_s=2.0),
        damage="Fail",
    )


def test_streams_of_a_transcode() -> None:
    output = {"uri": "file:///media/o.mkv", "audio": {"streams": [0, "eng"]}, "subtitles": {"streams": ["all"]}}
    spec = {"source": {"uri": "file:///media/a.mkv"}, "outputs": [output], "damage": "Fail"}
    assert work_of(VideoJobSpec.model_validate({"transcode": spec})) == work.Transcode(
        "file:///media/a.mkv",
        (
            work.MediaOutput(
                "file:///media/o.mkv", audio=work.AudioSettings(streams=("0", "eng")), subtitle_streams=("all",)
            ),
        ),
        "Fail",
    )


def test_preview_and_caption() -> None:
    preview = {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/f", "width": 320}}
    caption = {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/o.vtt", "format": "vtt"}}
    assert work_of(VideoJobSpec.model_validate({"preview": preview})) == work.Preview(
        "file:///media/a.mp4", "file:///media/f", frames=10, width=320
    )
    assert work_of(VideoJobSpec.model_validate({"caption": caption})) == work.Caption(
        "file:///media/a.mp4", "file:///media/o.vtt", format="vtt"
    )


A, OUT = {"uri": "file:///media/a.mp4"}, "file:///media/o.mp4"


def render(**more: Any) -> work.Render:
    spec = {"scenes": [{"source": A}], "output": {"uri": OUT}, **more}
    made = work_of(VideoJobSpec.model_validate({"render": spec}))
    assert isinstance(made, work.Render)
    return made


def transcode(**output: Any) -> work.MediaOutput:
    spec = {"source": A, "outputs": [{"uri": OUT, **output}], "damage": "Fail"}
    made = work_of(VideoJobSpec.model_validate({"transcode": spec}))
    assert isinstance(made, work.Transcode)
    assert made.damage == "Fail"
    return made.outputs[0]


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ({"duration": "3s"}, {"duration_s": 3.0}),
        ({"speed": 2}, {"speed": 2.0}),
        ({"speed": "0.25"}, {"speed": 0.25}),
        ({"audio": {"gain": "-6.5dB"}}, {"gain_db": -6.5}),
        ({"audio": {"gain": "+3dB", "stream": 1}}, {"gain_db": 3.0, "audio_stream": "1"}),
        ({"audio": {"stream": "eng"}}, {"audio_stream": "eng"}),
        ({"transition": {"type": "none"}}, {"transition": work.Transition("none", 0.5)}),
        ({"transition": {"type": "wipeup"}}, {"transition": work.Transition("wipeup", 0.5)}),
        ({"transition": {"type": "fade", "duration": "2s"}}, {"transition": work.Transition("fade", 2.0)}),
        ({"chapter": "Two"}, {"chapter": "Two"}),
    ],
)
def test_a_scene(scene: dict[str, Any], expected: dict[str, Any]) -> None:
    made = render(scenes=[{"source": A}, {"source": A, **scene}]).scenes
    assert made == (work.Scene(A["uri"]), work.Scene(A["uri"], **expected))


def test_an_audio_file() -> None:
    assert transcode(container="m4a") == work.MediaOutput(OUT, "m4a")


def test_what_is_left_out_is_the_works_default() -> None:
    assert render() == work.Render((work.Scene(A["uri"]),), work.MediaOutput(OUT))
    assert render(music={"source": A}).music == work.Music(A["uri"])


def test_a_caption_of_one_of_several_streams() -> None:
    spec = {"source": A, "audioStream": 1, "output": {"uri": "file:///media/o.srt"}}
    made = work_of(VideoJobSpec.model_validate({"caption": spec}))
    assert made == work.Caption(A["uri"], "file:///media/o.srt", audio_stream="1")


@pytest.mark.parametrize(
    ("scene", "problem"),
    [
        ({"speed": "4.1"}, "must be a number from 0.25 to 4"),
        ({"audio": {"gain": "21dB"}}, "must be a gain from -60dB to 20dB"),
        ({"audio": {"stream": "all"}}, "must be one stream: default"),
        ({"audio": {"stream": "x y"}}, "must be one stream: default"),
    ],
)
def test_what_the_api_server_refuses_the_operator_does_too(scene: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        render(scenes=[{"source": A, **scene}])
