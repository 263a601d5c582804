"""SRT (SubRip), WebVTT (W3C) and JSON. Pure: cues in, text out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from videojobs_protocol.work import CaptionFormat
from videojobs_worker.speech.cues import Cue, safe_text
from videojobs_worker.timing import clock


def written(cues: Sequence[Cue], form: CaptionFormat, language: str, *, word_times: bool = False) -> str:
    """The caption file's text. ``word_times`` marks each word's beginning, which WebVTT can; JSON always does."""
    match form:
        case "srt":
            return srt(cues)
        case "vtt":
            return vtt(cues, word_times=word_times)
        case "json":
            return to_json(cues, language)


def srt(cues: Sequence[Cue]) -> str:
    """SubRip: numbered blocks, comma before the milliseconds."""
    blocks = [
        f"{number}\n{clock(cue.start_s, ',')} --> {clock(cue.end_s, ',')}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue], *, word_times: bool = False) -> str:
    """WebVTT: a header, a point before the milliseconds, ``&`` and ``<`` escaped."""
    blocks = [
        f"{clock(cue.start_s, '.')} --> {clock(cue.end_s, '.')}\n" + (_timed(cue) if word_times else _plain(cue)) + "\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _plain(cue: Cue) -> str:
    return "\n".join(map(_escaped, cue.lines))


def _timed(cue: Cue) -> str:
    """A cue's words, each but the first after a timestamp tag: rising, and within the cue, as WebVTT asks."""
    parts, last = [], round(cue.start_s * 1000)
    for word in cue.words:
        at = round(word.start_s * 1000)
        tag = f"<{clock(at / 1000, '.')}>" if last < at < round(cue.end_s * 1000) else ""
        last = max(last, at)
        parts.append(f"{' ' if word.text.startswith(' ') else ''}{tag}{_escaped(safe_text(word.text))}")
    return "".join(parts).strip()


def to_json(cues: Sequence[Cue], language: str) -> str:
    """``{"language", "segments": [{"start", "end", "text", "words": [{"start", "end", "text"}]}]}``, seconds."""
    segments = [
        {
            "start": round(cue.start_s, 3), "end": round(cue.end_s, 3), "text": " ".join(cue.lines),
            "words": [
                {"start": round(word.start_s, 3), "end": round(word.end_s, 3), "text": word.text.strip()}
                for word in cue.words
            ],
        }
        for cue in cues
    ]  # fmt: skip
    return json.dumps({"language": language, "segments": segments}, ensure_ascii=False, indent=2) + "\n"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
