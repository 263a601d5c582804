"""One language has many codes."""

from __future__ import annotations

import pytest

from videojobs_worker.media.languages import language_of


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (("de", "deu", "ger", "DE", "de-AT", " ger "), "de"),
        (("fr", "fra", "fre", "fr-CA"), "fr"),
        (("zh", "zho", "chi", "cmn", "zh-Hant"), "zh"),
        (("ca", "cat"), "ca"),
        (("hr", "hrv", "scr"), "hr"),
        (("no", "nor"), "no"),
        (("nb", "nob"), "nb"),
        (("qaa",), "qaa"),
        (("", "und"), ""),
        (("English",), "english"),
        (("a=b;c",), "a=b;c"),
    ],
)
def test_codes_of_a_language_are_one(texts: tuple[str, ...], language: str) -> None:
    assert {language_of(text) for text in texts} == {language}
