"""Text from outside: descriptions that are safe to show, names without control characters."""

from __future__ import annotations

import re
from uuid import UUID

import nh3
from django.utils.text import slugify

from apps.common.errors import ValidationFailed

# What a product description may be made of; scripts, styles, frames and handlers fall away.
_TAGS = {
    *[
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
    ],
    *[
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ],
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MAX_SLUG = 200


def clean_html(text: str) -> str:
    """The description with everything that is not on the allow-list taken out.

    Plain text stays as it is written. Raises ValidationFailed for control characters.
    """
    if _CONTROL_BUT_LAYOUT.search(text):
        raise ValidationFailed.of("description", "control", "Remove control characters.")
    if "<" not in text:
        return text
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def clean_line(field: str, text: str) -> str:
    """One line of text, trimmed. Raises ValidationFailed for control characters."""
    if _CONTROL.search(text):
        raise ValidationFailed.of(field, "control", "Remove control characters and line breaks.")
    return text.strip()


def slug_of(*texts: str, fallback: str) -> str:
    """The slug of the first text that has a letter or digit, else `fallback`."""
    for text in filter(None, texts):
        slug = slugify(text)[:MAX_SLUG].strip("-_")
        if slug:
            return slug
    return fallback


def small(name: str) -> str:
    """An option's name in small letters as tokens have it, which PostgreSQL makes letter by letter.

    Python's own `lower` makes two characters of İ, and another sigma at the end of a word.
    """
    return "".join(char.lower()[0] for char in name)


def is_id(key: str) -> bool:
    """Whether a part of an address is read as an id and not as a slug."""
    if len(key) not in {32, 36}:
        return False
    try:
        UUID(key)
    except ValueError:
        return False
    return True
