"""The language of a store's texts, as PostgreSQL's text search names it, and letters made alike.

Accents are taken off on both sides, of what is stored by `folded_sql` and of what is asked by
`folded`: the two must do the same, which a test holds them to. Marks that are letters of their own
in their script (of Arabic, Hebrew, Devanagari, or the Cyrillic й) stay.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from apps.common.context import current_store

# Those that PostgreSQL brings along; every other one is taken word by word.
_CONFIGS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Letters that Unicode does not take apart, and what people type for them.
_LIGATURES: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_STROKES: Final = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ħ": "h"}
# What PostgreSQL would otherwise read as part of a host, a path, a number or a mail address.
JOINTS: Final = "-_/.:@#+~&=?'’,;\\"
_ACCENT = re.compile("([a-zα-ω])[\u0300-\u036f]+")
_MARKS: Final = r"([a-zα-ω])[\u0300-\u036f]+"


def search_config() -> str:
    """The text search configuration of the current store's language, by its locale."""
    return _CONFIGS.get(language(), "simple")


def language() -> str:
    """The current store's language, without the country."""
    return current_store().locale.split("-")[0].lower()


def folded(text: str) -> str:
    """The text in small letters without accents."""
    text = text.lower()
    if text.isascii():
        return text
    text = _ACCENT.sub(r"\1", unicodedata.normalize("NFKD", text))
    text = unicodedata.normalize("NFC", text)
    for letter, instead in (_LIGATURES | _STROKES).items():
        text = text.replace(letter, instead)
    return text


def folded_sql(text: str) -> str:
    """The same as an expression of SQL; `text` is one too, and is evaluated several times."""
    plain = (
        f"normalize(regexp_replace(normalize(lower({text}), NFKD), '{_MARKS}', '\\1', 'g'), NFC)"
    )
    for letter, instead in _LIGATURES.items():
        plain = f"replace({plain}, '{letter}', '{instead}')"
    plain = f"translate({plain}, '{''.join(_STROKES)}', '{''.join(_STROKES.values())}')"
    return (
        f"CASE WHEN octet_length({text}) = char_length({text}) THEN lower({text}) ELSE {plain} END"
    )


def words_sql(text: str) -> str:
    """The expression `text`, already folded, with spaces where words are joined.

    `translate` would do, at six times the time: it walks all joints for each letter.
    """
    joints = JOINTS.replace("\\", "\\\\").replace("'", "''")
    return f"regexp_replace({text}, '[{joints}]', ' ', 'g')"
