"""Settings: what an administrator reads when a variable is wrong."""

from __future__ import annotations

import pytest

from videojobs_operator.settings import Settings, SettingsError

REDIS = {"REDIS_URL": "redis://:hunter2@redis:6379/0"}


def test_defaults() -> None:
    found = Settings.from_environment(REDIS)
    assert found.broker_url == found.redis_url == REDIS["REDIS_URL"]
    assert (found.namespaces, found.http_port, found.redis_secret) == ((), 8080, "videojobs-redis")
    assert (found.log_level, found.log_format, found.worker_image_pull_policy) == ("info", "json", "IfNotPresent")


def test_namespaces_are_a_list_without_blanks_and_doubles() -> None:
    found = Settings.from_environment({**REDIS, "VIDEOJOBS_NAMESPACES": " a, b,,a "})
    assert found.namespaces == ("a", "b")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("REDIS_URL", "", "REDIS_URL is not set"),
        ("REDIS_URL", "http://redis:6379", "'http'"),
        ("CELERY_BROKER_URL", "amqp://rabbit", "'amqp'"),
        ("VIDEOJOBS_HTTP_PORT", "http", "0 to 65535"),
        ("VIDEOJOBS_HTTP_PORT", "70000", "0 to 65535"),
        ("VIDEOJOBS_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("VIDEOJOBS_LOG_FORMAT", "xml", "json, text"),
        ("VIDEOJOBS_WORKER_IMAGE_PULL_POLICY", "Sometimes", "Always, IfNotPresent, Never"),
    ],
)
def test_errors_name_the_variable_and_the_way_out(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=variable) as error:
        Settings.from_environment({**REDIS, variable: value})
    assert told in str(error.value)


def test_passwords_stay_out_of_logs_and_errors() -> None:
    assert "hunter2" not in repr(Settings.from_environment(REDIS))
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({"REDIS_URL": "amqp://:hunter2@redis"})
    assert "hunter2" not in str(error.value)
