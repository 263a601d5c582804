"""Merge patches: what they make of an object is what was wanted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_operator.controller.merge_patch import merge_patch

scalars = st.none() | st.integers(0, 3) | st.sampled_from(["x", ""]) | st.lists(st.integers(0, 3), max_size=3)
names = st.sampled_from("abcd")
objects = st.dictionaries(
    names, st.recursive(scalars, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6), max_size=3
)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def without_none(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: without_none(each) for name, each in value.items() if each is not None}


@given(old=objects.map(without_none), new=objects)
def test_merged_it_gives_what_was_wanted(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merged(old, merge_patch(old, new)) == without_none(new)


@given(objects.map(without_none))
def test_nothing_changed_nothing_to_write(old: dict[str, Any]) -> None:
    assert merge_patch(old, old) == {}


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": None}, {}),
    ],
)
def test_it_is_as_small_as_can_be(old: dict[str, Any], new: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merge_patch(old, new) == patch
