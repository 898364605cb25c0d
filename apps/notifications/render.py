"""Turn a template and its context into a subject, a text and an HTML page."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from apps.common.context import current_store
from apps.notifications.catalogue import SUBJECTS
from apps.notifications.links import store_url

_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be sent by any channel."""

    subject: str
    text: str
    html: str


def one_line(text: str, longest: int = _LONGEST_SUBJECT) -> str:
    """The text without line breaks, control and invisible characters, fit for a header."""
    spaced = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(spaced.split())[:longest]


def render(
    template: str, context: Mapping[str, Any], secrets: Mapping[str, str] | None = None
) -> Rendered:
    """Render a message of the catalogue in the current store. Raises KeyError for an unknown one.

    The context is data, never a template: what people typed into it stays text. `secrets` take
    the place of what the context masks, in the text but not in the subject, which is logged.
    """
    store = current_store()
    full = {**context, "store": store.name, "store_url": store_url()}
    subject = one_line(SUBJECTS[template].format_map(full))
    full |= {"title": subject, **(secrets or {})}
    return Rendered(
        subject=subject,
        text=render_to_string(f"notifications/{template}.txt", full).strip() + "\n",
        html=render_to_string(f"notifications/{template}.html", full),
    )
