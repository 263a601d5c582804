"""A VideoBatch's items as specs of VideoJobs: the template filled in, and everything checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from videojobs_operator.api.videobatch import Item, VideoBatchSpec
from videojobs_operator.core.job import parse_spec
from videojobs_operator.core.validation import SpecError

#: A year: what a VideoJob of a batch leaves is the batch's to clear away.
CHILD_TTL_S: Final = 31_536_000
#: Of a VideoJob, what its batch decides.
_OF_THE_BATCH: Final = ("suspend", "ttlSecondsAfterFinished")
_PLACEHOLDER: Final = re.compile(r"\$?\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def job_specs(spec: VideoBatchSpec) -> dict[str, dict[str, Any]]:
    """Item name to its VideoJob's spec, in the items' order.

    Raises:
        SpecError: the first that cannot be meant; the field is the batch's.
    """
    specs: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(spec.items):
        path = f"spec.items[{number}]"
        if item.name in specs:
            raise SpecError(f"{path}.name", f"{item.name} is another item's too")
        specs[item.name] = _checked(_spec_of(item, spec.template, path), f"{path} ({item.name})")
    return specs


def _spec_of(item: Item, template: Mapping[str, Any] | None, path: str) -> dict[str, Any]:
    if template is None:
        if item.spec is None:
            raise SpecError(f"{path}.spec", "give the item a spec, or the batch a template")
        return item.spec
    values = {"name": item.name, **(item.values or {})}
    return {field: fill(child, values, f"{path}.values") for field, child in template.items()}


def fill(node: Any, values: Mapping[str, int | str], where: str) -> Any:
    """A template with ``$(NAME)`` replaced in all of its strings, by Kubernetes' rules for ``command``.

    Raises:
        SpecError: a name has no value.
    """
    match node:
        case dict():
            return {name: fill(child, values, where) for name, child in node.items()}
        case list():
            return [fill(child, values, where) for child in node]
        case str():
            return _filled(node, values, where)
    return node


def _filled(text: str, values: Mapping[str, int | str], where: str) -> int | str:
    def value(name: str) -> int | str:
        if name not in values:
            raise SpecError(where, f"has no {name}, which the template asks for: $({name})")
        return values[name]

    whole = _PLACEHOLDER.fullmatch(text)
    if whole and not text.startswith("$$"):
        return value(whole[1])
    return _PLACEHOLDER.sub(lambda found: found[0][1:] if found[0].startswith("$$") else str(value(found[1])), text)


def _checked(spec: dict[str, Any], path: str) -> dict[str, Any]:
    for name in _OF_THE_BATCH:
        if name in spec:
            raise SpecError(f"{path}: spec.{name}", "belongs to the batch: set it there")
    _, problem = parse_spec(spec)
    if problem:
        raise SpecError(f"{path}: {problem.field}", problem.problem)
    return {**spec, "ttlSecondsAfterFinished": CHILD_TTL_S}
