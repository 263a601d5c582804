"""Queues and priorities, as users know them and as the broker wants them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_protocol import queues


@pytest.mark.parametrize(
    ("kind", "gpu", "name"),
    [
        ("render", False, "render_queue"),
        ("render", True, "render_queue_gpu"),
        ("caption", False, "caption_queue"),
        ("preview", True, "preview_queue_gpu"),
    ],
)
def test_a_kind_has_a_queue_and_a_gpu_twin(kind: queues.Kind, gpu: bool, name: str) -> None:
    assert queues.queue_name(kind, gpu=gpu) == name
    assert name in queues.queue_names()


@pytest.mark.parametrize(("priority", "broker"), [(10, 0), (9, 0), (8, 1), (5, 4), (1, 8), (0, 9)])
def test_the_highest_priority_is_the_brokers_lowest(priority: int, broker: int) -> None:
    assert queues.broker_priority(priority) == broker


@given(st.integers(0, 10), st.integers(0, 10))
def test_a_higher_priority_is_never_read_later(one: int, other: int) -> None:
    if one >= other:
        assert queues.broker_priority(one) <= queues.broker_priority(other)


@pytest.mark.parametrize("priority", [-1, 11])
def test_a_priority_outside_the_scale_is_named(priority: int) -> None:
    with pytest.raises(ValueError, match=f"priority {priority} is outside 0-10"):
        queues.broker_priority(priority)


def test_the_bare_key_is_read_first_and_every_priority_has_a_list() -> None:
    names = queues.queue_keys("render_queue")
    assert names[0] == "render_queue"
    assert names[3] == "render_queue\x06\x163"
    assert len(names) == len(set(names)) == 10
    assert queues.queue_key("render_queue", 10) == "render_queue"
    assert queues.queue_key("render_queue", 6) == names[3]
