"""ffprobe's packets, told apart by stream."""

from __future__ import annotations

from videojobs_worker.media.packets import PacketTimes, from_csv, from_json

LINES = """\
2,-0.023220,-0.023220,KD,side_data,

1,0.080000,0.000000,K_
0,0.000000,0.000000,K_
1,0.040000,0.040000,__
3,7.000000,7.000000,K_
4,7.000000,N/A,K_
"""


def test_packets_are_those_of_the_streams_asked_for() -> None:
    read = from_csv(LINES.splitlines(), 1, 2)
    assert read.picture == ["0.080000,0.000000,K_", "0.040000,0.040000,__"]
    assert read.sound == ["-0.023220,-0.023220,KD,side_data,"]
    assert from_csv(LINES.splitlines(), 4, None) == PacketTimes(["7.000000,N/A,K_"], [])


def test_a_file_without_streams_has_no_packets() -> None:
    assert from_csv([], None, None) == from_json([], None, None) == PacketTimes([], [])


def test_json_says_the_same() -> None:
    packets = [
        {"stream_index": 1, "pts_time": "0.080000", "dts_time": "0.000000", "flags": "K_"},
        {"stream_index": 0, "pts_time": "0.000000", "dts_time": "0.000000", "flags": "K_"},
        {"stream_index": 1, "pts_time": "0.040000", "dts_time": "0.040000", "flags": "__"},
        {"stream_index": 4, "pts_time": "7.000000", "flags": "K_"},
        {"stream_index": 2, "pts_time": "-0.023220", "dts_time": "-0.023220", "flags": "KD"},
    ]
    read = from_json(packets, 1, 2)
    assert read.picture == ["0.080000,0.000000,K_", "0.040000,0.040000,__"]
    assert read.sound == ["-0.023220,-0.023220,KD"]
