"""When a stream begins and ends, by its packets: late, negative, hidden, without times, joined, standing long."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from videojobs_worker.media.clocks import FileTime
from videojobs_worker.media.stream_times import (
    Packet,
    StreamTimes,
    measured_times,
    packet_of,
    times_of_head_and_tail,
)

PAL = Fraction(25)
HEADER = StreamTimes(FileTime(0.0), FileTime(99.0), frame_rate=Fraction(7))


def frames(*times: float, step_s: float = 0.04) -> list[Packet]:
    return [Packet(time, time, step_s, hidden=False) for time in times]


def clocked(count: int, first_s: float = 0.0, fps: Fraction = PAL) -> list[Packet]:
    return frames(*(first_s + float(number / fps) for number in range(count)), step_s=float(1 / fps))


def span(times: StreamTimes) -> tuple[float, float | None]:
    return times.first_pts_s, times.end_pts_s


@pytest.mark.parametrize(
    ("line", "packet"),
    [
        ("1.5,1.4,0.04,K_", Packet(1.5, 1.4, 0.04, hidden=False)),
        ("N/A,1.4,N/A,__", Packet(None, 1.4, 0.0, hidden=False)),
        ("-0.02,-0.02,0.02,KD,side_data,", Packet(-0.02, -0.02, 0.02, hidden=True)),
        ("", Packet(None, None, 0.0, hidden=False)),
    ],
)
def test_a_line_of_ffprobe_is_a_packet(line: str, packet: Packet) -> None:
    assert packet_of(line) == packet


@pytest.mark.parametrize("first_s", [0.0, 1.4, -0.7, 95442.2])
def test_a_stream_lasts_from_its_first_packet_to_the_end_of_its_last(first_s: float) -> None:
    times = measured_times(clocked(75, first_s), HEADER, [PAL])
    assert span(times) == (pytest.approx(first_s), pytest.approx(first_s + 3))
    assert (times.packets, times.frame_rate, times.constant, times.measured) == (75, 25, True, True)
    assert times.duration_s == pytest.approx(3)


def test_frames_are_presented_in_another_order_than_they_are_stored_in() -> None:
    times = measured_times(frames(0.0, 0.16, 0.08, 0.04, 0.12), HEADER, [PAL])
    assert (span(times), times.constant) == ((0.0, pytest.approx(0.2)), True)


def test_a_last_frame_that_stands_long_keeps_its_time() -> None:
    held = [*frames(0.0, 0.04, 0.08), Packet(0.12, 0.12, 1.5, hidden=False)]
    times = measured_times(held, HEADER, [PAL])
    assert (times.end_pts_s, times.last_frame_s) == (pytest.approx(1.62), 1.5)


def test_frames_that_an_edit_list_hides_are_not_there() -> None:
    hidden = [Packet(-1.0, -3.0, 1.0, hidden=True), *frames(2.0, 1.0, 0.0, step_s=1.0)]
    times = measured_times(hidden, HEADER, [Fraction(1)])
    assert (span(times), times.packets, times.constant) == ((0.0, 3.0), 3, True)


def test_a_stream_without_timestamps_lasts_as_long_as_its_frames() -> None:
    raw = [Packet(None, None, 0.04, hidden=False)] * 50
    times = measured_times(raw, HEADER, [PAL])
    assert (span(times), times.packets, times.constant) == ((0.0, pytest.approx(2)), 50, True)
    assert not times.timed


def test_frames_before_the_first_timestamp_come_before_all_that_have_one() -> None:
    """Matroska's blocks before zero have none, and frames are presented in another order than they are stored in."""
    lost = Packet(None, None, 0.04, hidden=False)
    stored = [lost, lost, Packet(0.02, None, 0.04, hidden=False), lost, *frames(0.14, 0.06, 0.1)]
    times = measured_times(stored, HEADER, [PAL])
    assert span(times) == (pytest.approx(-0.1), pytest.approx(0.18))
    assert (times.constant, times.timed) == (True, False)


def test_a_frame_without_a_timestamp_between_others_follows_the_one_before() -> None:
    gap = [*frames(0.0, 0.04), Packet(None, None, 0.04, hidden=False), *frames(0.12)]
    assert measured_times(gap, HEADER, [PAL]).constant


def test_a_last_frame_without_a_duration_stands_as_long_as_others() -> None:
    times = measured_times([*clocked(74), Packet(2.96, 2.96, 0.0, hidden=False)], StreamTimes(frame_rate=PAL), [PAL])
    assert times.end_pts_s == pytest.approx(3)


def test_where_only_decoding_times_are_known_they_are_taken() -> None:
    packets = [Packet(None if number % 2 else number / 25, number / 25, 0.04, hidden=False) for number in range(10)]
    times = measured_times(packets, HEADER, [PAL])
    assert (span(times), times.constant) == ((0.0, pytest.approx(0.4)), True)


def test_of_no_packets_there_is_nothing() -> None:
    times = measured_times([], HEADER, [PAL])
    assert (times.packets, times.duration_s) == (0, 0.0)


@pytest.mark.parametrize(
    ("second_s", "breaks", "seconds"),
    [
        (1.4, False, 6.0),  # the same file twice
        (500.0, True, 6.0),  # another one, whose clock is ahead
        (500.0, False, 501.6),  # in a format whose timestamps do not break off, a picture stands so long
    ],
)
def test_joined_recordings_last_as_long_as_all_of_them(second_s: float, breaks: bool, seconds: float) -> None:
    times = measured_times([*clocked(75, 1.4), *clocked(75, second_s)], HEADER, [PAL], breaks=breaks)
    assert times.duration_s == pytest.approx(seconds)
    assert (times.packets, times.constant) == (150, False)


@pytest.mark.parametrize(
    ("fps", "candidates", "found"),
    [
        (Fraction(30_000, 1001), [Fraction(30_000, 1001)], Fraction(30_000, 1001)),
        (
            Fraction(30_000, 1001),
            [Fraction(30), Fraction(270_000, 9073), Fraction(30_000, 1001)],
            Fraction(30_000, 1001),
        ),
        (Fraction(25), [Fraction(50), Fraction(25)], Fraction(25)),  # two fields a frame
        (Fraction(1, 25), [Fraction(1, 25)], Fraction(1, 25)),
        (Fraction(960), [Fraction(90_000), Fraction(960)], Fraction(960)),
    ],
)
def test_a_constant_rate_is_exact(fps: Fraction, candidates: Sequence[Fraction], found: Fraction) -> None:
    times = measured_times(clocked(2000, fps=fps), HEADER, candidates)
    assert (times.frame_rate, times.constant) == (found, True)


def test_milliseconds_are_exact_enough_for_an_hour() -> None:
    ntsc = Fraction(30_000, 1001)
    ticks = frames(*(round(float(number / ntsc), 3) for number in range(108_000)), step_s=0.033)
    assert measured_times(ticks, HEADER, [ntsc]).constant
    assert not measured_times(ticks, HEADER, [Fraction(29_971, 1000)]).constant


def test_sound_keeps_what_its_header_says_of_its_rate() -> None:
    times = measured_times(frames(0.0, 0.021, 0.043), HEADER)
    assert (times.frame_rate, times.constant) == (7, True)


def test_of_a_long_stream_its_beginning_and_its_end_are_enough() -> None:
    header = StreamTimes(FileTime(0.0), FileTime(9999.0), packets=90_000, frame_rate=PAL)
    times = times_of_head_and_tail(clocked(1000, 1.4), clocked(100, 3600.0), header, [Fraction(50), PAL])
    assert span(times) == (1.4, 3604.0)
    assert (times.packets, times.frame_rate, times.constant) == (90_000, 25, True)


@pytest.mark.parametrize("mean", [Fraction(24), Fraction(250_100, 10_000)])
def test_a_long_stream_is_constant_only_where_its_mean_says_so_too(mean: Fraction) -> None:
    header = StreamTimes(frame_rate=mean)
    times = times_of_head_and_tail(clocked(1000), clocked(100, 3600.0), header, [PAL])
    assert (times.frame_rate, times.constant) == (25, False)


def test_where_nothing_was_read_the_header_stands() -> None:
    assert times_of_head_and_tail([], [], HEADER, [PAL]) == HEADER
