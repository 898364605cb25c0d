"""The language of a store's texts, as PostgreSQL's text search names it."""

from __future__ import annotations

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


def search_config() -> str:
    """The text search configuration of the current store's language, by its locale."""
    return _CONFIGS.get(current_store().locale.split("-")[0].lower(), "simple")
