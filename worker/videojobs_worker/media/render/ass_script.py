"""Scripts of SSA (v4.00) and ASS (v4.00+) as ffmpeg and libass take them, from what people's files are. Pure.

libass takes no script that does not say which of the two it is. ffmpeg's demuxer takes the fields of events for the
usual ones, whatever the script's ``Format:`` says.
"""

from __future__ import annotations

import re
from typing import Final

_KIND_OF_ASS: Final = re.compile(r"^(ScriptType\s*:|\[V4\+? Styles\])", re.IGNORECASE | re.MULTILINE)
_SCRIPT_INFO: Final = re.compile(r"^\[Script Info\][^\n]*$", re.IGNORECASE | re.MULTILINE)
_KIND: Final = "ScriptType: v4.00+"
_EVENTS: Final = re.compile(r"^\s*\[Events\]", re.IGNORECASE)
_SECTION: Final = re.compile(r"^\s*\[[^\]]*\]\s*$")
_LINE: Final = re.compile(r"^\s*(Format|Dialogue|Comment)\s*:\s*(.*)$", re.IGNORECASE)
#: The fields of an event in their order, and what they are where a script has none; SSA has Marked in place of Layer.
_FIELDS: Final = {
    "Layer": "0", "Start": "0:00:00.00", "End": "0:00:00.00", "Style": "Default", "Name": "",
    "MarginL": "0", "MarginR": "0", "MarginV": "0", "Effect": "", "Text": "",
}  # fmt: skip


def as_ass(text: str) -> str:
    """The same script, with its kind and the usual fields of events."""
    return _with_kind(_with_usual_fields(text))


def _with_kind(text: str) -> str:
    if _KIND_OF_ASS.search(text):
        return text
    if _SCRIPT_INFO.search(text):
        return _SCRIPT_INFO.sub(lambda match: f"{match[0]}\n{_KIND}", text, count=1)
    return f"[Script Info]\n{_KIND}\n\n{text}"


def _with_usual_fields(text: str) -> str:
    made, fields, events = [], [*map(str.lower, _FIELDS)], False
    for line in text.split("\n"):
        if _SECTION.match(line):
            events = _EVENTS.match(line) is not None
        match = _LINE.match(line) if events else None
        if match is None:
            made.append(line)
        elif match[1].lower() == "format":
            fields = [name.strip().lower() for name in match[2].split(",")]
            first = "Marked" if fields[0] == "marked" else "Layer"
            made.append(f"Format: {', '.join([first, *[*_FIELDS][1:]])}")
        else:
            made.append(f"{match[1]}: {','.join(_usual(match[2], fields))}")
    return "\n".join(made)


def _usual(values: str, fields: list[str]) -> list[str]:
    """The values of an event by the usual fields; the last one, its text, may have commas."""
    given = dict(zip(fields, values.split(",", len(fields) - 1), strict=False))
    given.setdefault("layer", given.get("marked", _FIELDS["Layer"]))
    return [given.get(name.lower(), usual) for name, usual in _FIELDS.items()]
