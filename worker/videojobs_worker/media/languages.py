"""Languages of streams, as files and users write them. Pure."""

from __future__ import annotations

from langcodes import Language, standardize_tag
from langcodes.tag_parser import LanguageTagError


def language_of(text: str) -> str:
    """One code for each language: ``deu``, ``ger``, ``de-AT`` and ``DE`` are ``de``; empty where none is said.

    A language within another is the wider one, such as Mandarin and Chinese (BCP 47, macrolanguages).
    """
    try:
        standard = standardize_tag(text.strip(), macro=True)
        return Language.get(standard).language or ""
    except LanguageTagError:
        return text.strip().lower()
