"""Whether what an output shows and plays is what it should, in words."""

from __future__ import annotations

from typing import Final

from tests.support.film import Film

#: A frame of 25 a second, or two packets of AAC.
LENGTH_TOLERANCE_S: Final = 0.045
SYNC_TOLERANCE_S: Final = 0.020
#: Matroska's ticks are milliseconds.
TIME_TOLERANCE_S: Final = 0.0025
#: How late a frame of an uneven source may come in a scene, and how short one may be to be left out.
STEP_TOLERANCE_S: Final = 0.040


def differences(expected: Film, made: Film, length_tolerance_s: float = LENGTH_TOLERANCE_S) -> list[str]:
    """What an output shows or plays otherwise than it should, in words; empty where nothing is."""
    found = []
    numbers, wanted = [frame.number for frame in made.frames], [frame.number for frame in expected.frames]
    if numbers != wanted:
        found.append(f"frames {numbers}, not {wanted}")
    else:
        found += _uneven(expected, made)
    found += _out_of_sync(expected, made)
    for name, is_s, should_s in (
        ("picture", _picture_s(made), _picture_s(expected)),
        ("file", made.ends_s - made.frames[0].at_s, expected.ends_s - expected.frames[0].at_s),
    ):
        if abs(is_s - should_s) > length_tolerance_s:
            found.append(f"the {name} lasts {is_s:.3f} s, not {should_s:.3f} s")
    return found


def scene_differences(source: Film, start_s: float, end_s: float, made: Film) -> list[str]:
    """The same of a scene whose rate is not its source's: what is shown at a time was shown there about then."""
    found = []
    for frame in made.frames:
        time_s = start_s + frame.at_s - made.frames[0].at_s
        around = source.shown_within(time_s - STEP_TOLERANCE_S, time_s + STEP_TOLERANCE_S)
        if frame.number not in around:
            found.append(f"at {time_s:.3f} s frame {frame.number} is shown, not {source.shown_at(time_s)}")
    missing = _lasting(source, start_s, end_s) - {frame.number for frame in made.frames}
    found += [f"frames {sorted(missing)} are not shown"] if missing else []
    wanted = tuple(beep_s - start_s for beep_s in source.beeps_s if start_s <= beep_s < end_s)
    late = [abs(is_s - should_s) for is_s, should_s in zip(made.beeps_s, wanted, strict=False)]
    if len(made.beeps_s) != len(wanted) or max(late, default=0.0) > STEP_TOLERANCE_S:
        found.append(f"beeps at {_times(made.beeps_s)}, not {_times(wanted)}")
    if abs(made.ends_s - (end_s - start_s)) > LENGTH_TOLERANCE_S:
        found.append(f"it lasts {made.ends_s:.3f} s, not {end_s - start_s:.3f} s")
    return found


def _lasting(source: Film, start_s: float, end_s: float) -> set[int]:
    """The numbers of frames that are shown for long enough within a scene to be seen in it."""
    ends = [frame.at_s for frame in source.frames[1:]] + [source.picture_ends_s]
    return {
        frame.number
        for frame, until_s in zip(source.frames, ends, strict=True)
        if min(until_s, end_s) - max(frame.at_s, start_s) > STEP_TOLERANCE_S + TIME_TOLERANCE_S
    }


def _picture_s(film: Film) -> float:
    return film.picture_ends_s - film.frames[0].at_s


def _uneven(expected: Film, made: Film) -> list[str]:
    pairs = zip(expected.frames, made.frames, strict=True)
    late = [
        (is_.at_s - made.frames[0].at_s) - (should.at_s - expected.frames[0].at_s) for should, is_ in pairs
    ]  # fmt: skip
    worst = max(late, key=abs)
    return [f"a frame is shown {worst:+.4f} s off its time"] if abs(worst) > TIME_TOLERANCE_S else []


def _out_of_sync(expected: Film, made: Film) -> list[str]:
    """Beeps against frames: each should come as long after the first frame as in the source."""
    if len(made.beeps_s) != len(expected.beeps_s):
        return [f"beeps at {_times(made.beeps_s)}, not {_times(expected.beeps_s)}"]
    starts = made.frames[0].at_s - expected.frames[0].at_s
    late = [is_s - starts - should_s for is_s, should_s in zip(made.beeps_s, expected.beeps_s, strict=True)]
    worst = max(late, key=abs, default=0.0)
    return [f"a beep comes {worst:+.3f} s off its frame"] if abs(worst) > SYNC_TOLERANCE_S else []


def _times(times_s: tuple[float, ...]) -> str:
    return ", ".join(f"{time_s:.3f}" for time_s in times_s) or "no time"
