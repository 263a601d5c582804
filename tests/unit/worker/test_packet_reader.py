"""Packets of real files: read once for picture and sound, or come with the probe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support import clips
from videojobs_worker.media.source import Source
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.packet_reader import read_packet_times
from videojobs_worker.process.stopper import Stopper


def test_a_clip_is_read_once_for_both(tmp_path: Path) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=2)
    source = Source("file:///clip.mp4", clip, probe(str(clip), "file:///clip.mp4"))
    silent, whole = read_packet_times(source, Stopper()), read_packet_times(source, Stopper(), sound=True)
    assert silent is not None
    assert whole is not None
    assert (len(silent.picture), silent.sound) == (50, [])
    assert whole.picture == silent.picture
    assert len(whole.sound) >= 2 * 48_000 // 1024


def test_what_came_with_the_probe_is_the_same(tmp_path: Path) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=2)
    info = probe(str(clip), "file:///clip.mp4", packets=True)
    asked = read_packet_times(Source("file:///clip.mp4", clip, replace(info, packets=None)), Stopper(), sound=True)
    assert info.packets is not None
    assert asked is not None
    assert info.packets.picture == asked.picture
    assert [line[:20] for line in info.packets.sound] == [line[:20] for line in asked.sound]
    assert read_packet_times(Source("file:///clip.mp4", tmp_path / "gone.mp4", info), Stopper()) == info.packets


def test_of_millions_of_packets_none_are_told_with_the_probe(tmp_path: Path) -> None:
    """Three bytes of a hostile file may be a packet, and a hundred times as much to whoever lists them."""
    tiny = tmp_path / "tiny.y4m"
    tiny.write_bytes(b"YUV4MPEG2 W1 H1 F25:1 Cmono\n" + b"FRAME\n\x80" * 200_000)
    info = probe(str(tiny), "file:///tiny.y4m", packets=True)
    assert info.video is not None
    assert info.packets is None


def test_what_cannot_be_read_has_none(tmp_path: Path) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=1)
    info = probe(str(clip), "file:///clip.mp4")
    assert read_packet_times(Source("file:///gone.mp4", tmp_path / "gone.mp4", info), Stopper()) is None
