"""A batch's items as VideoJobs: what is filled in, and what is refused before anything starts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_operator.api.videobatch import VideoBatchSpec
from videojobs_operator.core.batch_items import CHILD_TTL_S, fill, job_specs
from videojobs_operator.core.validation import SpecError

TEMPLATE = {
    "transcode": {
        "source": {"uri": "file:///media/$(clip).mp4"},
        "outputs": [{"uri": "file:///media/out/$(name).mp4", "video": {"height": "$(height)"}}],
    }
}
PREVIEW = {"preview": {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/frames"}}}


def specs(items: list[dict[str, Any]], template: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    return job_specs(VideoBatchSpec.model_validate({"items": items, **({"template": template} if template else {})}))


def test_a_template_is_filled_in_for_each_item_in_order() -> None:
    made = specs(
        [{"name": "b", "values": {"clip": "two", "height": 720}}, {"name": "a", "values": {"clip": "1", "height": 90}}],
        TEMPLATE,
    )
    assert list(made) == ["b", "a"]
    assert made["b"]["transcode"]["source"]["uri"] == "file:///media/two.mp4"
    assert made["b"]["transcode"]["outputs"][0] == {"uri": "file:///media/out/b.mp4", "video": {"height": 720}}


def test_items_have_specs_of_their_own_and_the_batch_keeps_their_videojobs() -> None:
    assert specs([{"name": "a", "spec": PREVIEW}])["a"] == {**PREVIEW, "ttlSecondsAfterFinished": CHILD_TTL_S}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$(n)", 7),
        ("$(s)", "x"),
        ("a$(n)b", "a7b"),
        ("$$(n)", "$(n)"),
        ("$$(n)$(n)", "$(n)7"),
        ("$n ${n} $(", "$n ${n} $("),
        ("$(s)$(s)", "xx"),
    ],
)
def test_fill(text: str, filled: int | str) -> None:
    assert fill({"k": [text]}, {"n": 7, "s": "x"}, "") == {"k": [filled]}


@given(st.text())
def test_a_value_is_never_filled_in_itself(value: str) -> None:
    assert fill("$(a)", {"a": value}, "") == value
    assert fill("-$(a)-", {"a": value}, "") == f"-{value}-"


@pytest.mark.parametrize(
    ("items", "template", "message"),
    [
        (
            [{"name": "a", "values": {"clip": "x"}}],
            TEMPLATE,
            "spec.items[0].values: has no height, which the template asks for: $(height)",
        ),
        (
            [{"name": "a", "spec": PREVIEW}, {"name": "a", "spec": PREVIEW}],
            None,
            "spec.items[1].name: a is another item's too",
        ),
        ([{"name": "a"}], None, "spec.items[0].spec: give the item a spec, or the batch a template"),
        (
            [{"name": "a", "spec": {**PREVIEW, "suspend": True}}],
            None,
            "spec.items[0] (a): spec.suspend: belongs to the batch: set it there",
        ),
        (
            [{"name": "a", "spec": {"priority": 3}}],
            None,
            "spec.items[0] (a): spec: set exactly one of render, preview, transcode, caption",
        ),
        (
            [{"name": "a", "values": {"clip": "x", "height": "tall"}}],
            TEMPLATE,
            "spec.items[0] (a): spec.transcode.outputs.0.video.height: "
            "Input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
def test_refused(items: list[dict[str, Any]], template: dict[str, Any] | None, message: str) -> None:
    with pytest.raises(SpecError) as refused:
        specs(items, template)
    assert str(refused.value) == message
