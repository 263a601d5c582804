"""SRT (SubRip), WebVTT (W3C) and JSON. Pure: cues in, text out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from videojobs_protocol.work import CaptionFormat
from videojobs_worker.speech.cues import Cue
from videojobs_worker.timing import clock


def written(cues: Sequence[Cue], form: CaptionFormat, language: str) -> str:
    """The caption file's text."""
    match form:
        case "srt":
            return srt(cues)
        case "vtt":
            return vtt(cues)
        case "json":
            return to_json(cues, language)


def srt(cues: Sequence[Cue]) -> str:
    """SubRip: numbered blocks, comma before the milliseconds."""
    blocks = [
        f"{number}\n{clock(cue.start_s, ',')} --> {clock(cue.end_s, ',')}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue]) -> str:
    """WebVTT: a header, a point before the milliseconds, ``&`` and ``<`` escaped."""
    blocks = [
        f"{clock(cue.start_s, '.')} --> {clock(cue.end_s, '.')}\n" + "\n".join(map(_escaped, cue.lines)) + "\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def to_json(cues: Sequence[Cue], language: str) -> str:
    """``{"language", "segments": [{"start", "end", "text"}]}``, seconds."""
    segments = [
        {"start": round(cue.start_s, 3), "end": round(cue.end_s, 3), "text": " ".join(cue.lines)} for cue in cues
    ]
    return json.dumps({"language": language, "segments": segments}, ensure_ascii=False, indent=2) + "\n"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
