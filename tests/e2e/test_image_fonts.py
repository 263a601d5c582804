"""The worker's image draws the scripts that people write subtitles in; libass names each glyph that no font has."""

from __future__ import annotations

import pytest

from hack.cluster_access import Cluster
from hack.version import VERSION

#: Reads a subtitle from standard input and draws it as a burnt subtitle is drawn.
BURN = (
    "cat > /tmp/text.srt && ffmpeg -nostdin -hide_banner -loglevel warning -f lavfi -i color=gray:s=640x360:d=1 "
    "-vf subtitles=/tmp/text.srt -frames:v 1 -f null - 2>&1"
)
SCRIPTS = {
    "Latin": "Łódź, Ångström, ñandú",
    "Greek and Cyrillic": "Ελληνικά, кириллица, Ґ",
    "Chinese": "简体字 繁體字",
    "Japanese": "日本語 ひらがな カタカナ",
    "Korean": "한국어 자막",
    "Arabic": "العربية فارسی اردو",
    "Hebrew": "עברית",
    "Indic": "हिन्दी தமிழ் বাংলা తెలుగు ಕನ್ನಡ മലയാളം ગુજરાતી ਪੰਜਾਬੀ",
    "Southeast Asian": "ไทย ខ្មែរ ລາວ မြန်မာ",
    "Emoji": "😀 🎬 👍 🚀 ☂ ✈ ♫",
}


def missing_glyphs(cluster: Cluster, text: str) -> list[str]:
    """What libass says of the glyphs that no font of the image has."""
    said = cluster.run(
        "docker", "run", "--rm", "--interactive", "--network=none", "--read-only", "--tmpfs=/tmp",
        f"videojobs/worker:{VERSION}", "sh", "-c", BURN,
        stdin=f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n",
    )  # fmt: skip
    return [line for line in said.splitlines() if "failed to find any fallback with glyph" in line]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_drawn_whole(script: str, cluster: Cluster) -> None:
    assert missing_glyphs(cluster, SCRIPTS[script]) == []


def test_a_glyph_that_no_font_has_is_named(cluster: Cluster) -> None:
    assert len(missing_glyphs(cluster, "private use: \uf8fe")) == 1
