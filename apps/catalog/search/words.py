"""What somebody typed, as words that can be looked for."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from apps.catalog.languages import JOINTS, folded

# Of a longer query the beginning is looked for; it is kept, too, in columns of this length.
MOST_CHARACTERS: Final = 200
MOST_WORDS: Final = 10
# A word shorter than this is not the beginning of others, and none that was mistyped.
LEAST_PREFIX: Final = 3
_JOINTS = str.maketrans(dict.fromkeys(JOINTS, " "))
_NOT_CODE = re.compile(r"[^\w\-./]")
_UMLAUTS = re.compile("([aou])e")


def normal_query(text: str) -> str:
    """The query in one spelling: small, without accents, signs and doubled spaces.

    Whatever was typed, what comes out is letters, digits and single spaces. Marks of scripts that
    write vowels so are kept.
    """
    return " ".join(split_words(text))


def split_words(text: str) -> list[str]:
    """At most MOST_WORDS words of the text, folded, in their order."""
    # Cut again: folded, some letters are several.
    plain = folded(_clean(text)).translate(_JOINTS)[:MOST_CHARACTERS]
    kept = "".join(char if char.isalnum() or _is_mark(char) else " " for char in plain)
    return [word[:64] for word in kept.split()][:MOST_WORDS]


def as_code(text: str) -> str:
    """The query as it could be a SKU or a barcode; blank where it could not."""
    code = folded(_clean(text)).strip()
    return "" if len(code) > 64 or _NOT_CODE.search(code) else code


def grams(word: str) -> list[str]:
    """The word's runs of three letters, its edges marked by spaces; as services store them."""
    marked = f"  {word} "
    return sorted({marked[place : place + 3] for place in range(len(marked) - 2)})


def spellings(word: str, language: str) -> list[str]:
    """Other ways to write the word in a language: German ue for ü."""
    if language != "de" or not _UMLAUTS.search(word):
        return []
    return [_UMLAUTS.sub(r"\1", word)]


def _clean(text: str) -> str:
    return text[: 4 * MOST_CHARACTERS].replace("\x00", " ").strip()[:MOST_CHARACTERS]


def _is_mark(char: str) -> bool:
    """Whether it is part of a letter, as the vowel signs of many scripts are."""
    return char > "\u036f" and unicodedata.category(char)[0] == "M"
