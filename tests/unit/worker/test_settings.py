"""The worker's settings: usual values, and errors that name the variable."""

from __future__ import annotations

import pytest

from videojobs_worker.settings import Rate, load


def test_usual_rates_and_times() -> None:
    found = load({})
    assert found.rate_limits == {
        "render": Rate(10, 60.0), "transcode": Rate(20, 60.0), "caption": Rate(5, 60.0), "preview": None,
    }  # fmt: skip
    assert found.stall_timeouts_s == {"render": 120, "preview": 120, "transcode": 120, "caption": 120}
    assert load({"PREVIEW_STALL_TIMEOUT": "7.5"}).stall_timeouts_s["preview"] == 7.5
    assert found.timeouts_s == {"render": 3600, "preview": 300, "transcode": 1800, "caption": 900}


@pytest.mark.parametrize(
    ("text", "rate"), [("3/s", Rate(3, 1.0)), ("10/m", Rate(10, 60.0)), ("7/h", Rate(7, 3600.0)), ("", None)]
)
def test_a_rate_is_written_as_celery_writes_it(text: str, rate: Rate | None) -> None:
    assert load({"RENDER_RATE_LIMIT": text}).rate_limits["render"] == rate
    assert rate is None or str(rate) == text


def test_one_setting_turns_all_limits_off() -> None:
    found = load({"RATE_LIMITS": "off", "RENDER_RATE_LIMIT": "1/h"})
    assert set(found.rate_limits.values()) == {None}


def test_a_level_may_be_written_as_loggers_write_it() -> None:
    assert load({"VIDEOJOBS_LOG_LEVEL": "WARNING"}).log_level == "warning"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("RENDER_RATE_LIMIT", "10", "not a rate such as 10/m"),
        ("RENDER_RATE_LIMIT", "0/m", "not a rate such as 10/m"),
        ("CAPTION_RATE_LIMIT", "5/d", "not a rate such as 10/m"),
        ("RATE_LIMITS", "false", "neither on nor off"),
        ("RECORD_MAX_AGE_DAYS", "0.5", "0.5 is less than 1"),
        ("RECORD_MAX_AGE_DAYS", "long", "not a number of days above 0"),
        ("PREVIEW_TIMEOUT", "soon", "not a number of seconds above 0"),
        ("VIDEOJOBS_MEDIA_ROOTS", "media", "not an absolute path"),
        ("VIDEOJOBS_LOG_LEVEL", "loud", "'loud' is none of debug, info, warning, error, critical"),
        ("VIDEOJOBS_LOG_FORMAT", "xml", "'xml' is none of text, json"),
        ("REDIS_URL", "secret@redis:6379", "give redis://[:PASSWORD@]HOST:PORT/DATABASE"),
    ],
)
def test_errors_name_the_variable(variable: str, value: str, told: str) -> None:
    with pytest.raises(ValueError, match=variable) as error:
        load({variable: value})
    assert told in str(error.value)
    assert "secret" not in str(error.value)
