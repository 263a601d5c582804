"""Subtitles in the charsets that people's files have."""

from __future__ import annotations

import pytest

from videojobs_worker.media.render.subtitle_text import decoded

GERMAN = "Wo möchten Sie hingehen? Ich weiß es nicht.\nDie Mädchen spielen draußen auf der Straße.\n“Für” Größe."
FRENCH = "À bientôt, ça va très bien ! Où êtes-vous allés hier ?\nJe ne sais pas, mais c'est très étrange.\nLe garçon."
POLISH = "Dzień dobry, proszę wejść. Książka leży na półce.\nGdzie jest mój płaszcz?"
RUSSIAN = "Привет, как дела? Мы идём домой сегодня вечером."
GREEK = "Καλημέρα, τι κάνεις σήμερα; Πάμε σπίτι."
HEBREW = "שלום, מה שלומך היום? אנחנו הולכים הביתה."
ARABIC = "مرحبا كيف حالك اليوم؟ نحن ذاهبون إلى البيت"
TURKISH = "İyi günler, şimdi eve gidiyoruz ağabey.\nÇok güzel bir gün, değil mi? Teşekkür ederim."
JAPANESE = "こんにちは、元気ですか。今日は天気がいいですね。"
CHINESE = "你好。我们今天晚上回家吃饭吧。"
TAIWANESE = "你好。我們今天晚上回家吃飯吧。"
KOREAN = "안녕하세요, 오늘 저녁에 집에 갑니다."


def srt(text: str) -> str:
    return "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n\n" for n, line in enumerate(text.split("\n")))


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (GERMAN, "cp1252"), (FRENCH, "cp1252"), (FRENCH, "latin-1"), (POLISH, "cp1250"), (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"), (GREEK, "cp1253"), (HEBREW, "cp1255"), (ARABIC, "cp1256"), (TURKISH, "cp1254"),
        (JAPANESE, "shift_jis"), (JAPANESE, "euc-jp"), (CHINESE, "gbk"), (TAIWANESE, "big5"), (KOREAN, "euc-kr"),
        (GERMAN, "utf-8"), (GERMAN, "utf-8-sig"), (GERMAN, "utf-16"), (GERMAN, "utf-32"), (GERMAN, "utf-16-le"),
        (RUSSIAN, "utf-16-be"), ("plain", "ascii"), ("für", "latin-1"), ("naïve café", "latin-1"),
        ("naïve café déjà vu à la carte", "latin-1"), ("Ça va très bien, où êtes-vous ?", "latin-1"),
    ],
)  # fmt: skip
def test_a_file_is_read_in_the_charset_that_it_was_saved_in(text: str, charset: str) -> None:
    read = decoded(srt(text).encode(charset))
    assert read is not None
    assert read.text == srt(text), read.charset
    assert read.damaged == ()


def test_lines_end_as_on_unix() -> None:
    read = decoded(b"one\r\ntwo\rthree\n\0")
    assert read is not None
    assert read.text == "one\ntwo\nthree\n"


def test_a_utf8_file_with_a_broken_line_is_not_read_as_something_else() -> None:
    content = srt("\n".join([RUSSIAN] * 10)).encode() + b"10\n00:00:20,000 --> 00:00:21,000\nbroken \xff\n"
    read = decoded(content)
    assert read is not None
    assert (read.charset, read.damaged) == ("utf-8", (43,))
    assert read.text.count(RUSSIAN) == 10


def test_an_utf16_file_may_be_cut_off() -> None:
    read = decoded("1\n00:00:01,000 --> 00:00:02,000\nend".encode("utf-16") + b"x")
    assert read is not None
    assert read.damaged == (3,)


def test_no_text_is_no_text() -> None:
    assert decoded(bytes(range(256)) * 20) is None
