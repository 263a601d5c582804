"""ffprobe's packets, told apart by stream: the first picture's and the first sound's."""

from __future__ import annotations

from videojobs_worker.media.packets import PacketTimes, from_csv, from_json

LINES = """\
packet,2,-0.023220,-0.023220,KD,side_data,

packet,1,0.080000,0.000000,K_
packet,0,0.000000,0.000000,K_
packet,1,0.040000,0.040000,__
packet,3,7.000000,7.000000,K_
packet,4,7.000000,N/A,K_
stream,0,subtitle
stream,1,video,
stream,2,audio
stream,3,audio
stream,4,video
"""


def test_packets_are_of_the_first_stream_of_their_kind() -> None:
    told = from_csv(LINES.splitlines())
    assert told.picture == ["0.080000,0.000000,K_", "0.040000,0.040000,__"]
    assert told.sound == ["-0.023220,-0.023220,KD,side_data,"]


def test_a_file_without_streams_has_no_packets() -> None:
    assert from_csv([]) == from_json([], []) == PacketTimes([], [])


def test_json_says_the_same() -> None:
    kinds = ("subtitle", "video", "audio", "audio", "video")
    streams = [{"index": number, "codec_type": kind} for number, kind in enumerate(kinds)]
    packets = [
        {"stream_index": 1, "pts_time": "0.080000", "dts_time": "0.000000", "flags": "K_"},
        {"stream_index": 0, "pts_time": "0.000000", "dts_time": "0.000000", "flags": "K_"},
        {"stream_index": 1, "pts_time": "0.040000", "dts_time": "0.040000", "flags": "__"},
        {"stream_index": 4, "pts_time": "7.000000", "flags": "K_"},
        {"stream_index": 2, "pts_time": "-0.023220", "dts_time": "-0.023220", "flags": "KD"},
    ]
    told = from_json(streams, packets)
    assert told.picture == ["0.080000,0.000000,K_", "0.040000,0.040000,__"]
    assert told.sound == ["-0.023220,-0.023220,KD"]
