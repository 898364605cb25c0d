"""Words as the store's language stems them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from apps.catalog.languages import search_config
from apps.catalog.search.words import split_words


def stem_keys(phrases: Sequence[str]) -> list[str]:
    """Each phrase's stems in their order, joined by spaces: one statement."""
    rows = [(at, word) for at, phrase in enumerate(phrases) for word in split_words(phrase)]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT at, array_to_string(tsvector_to_array(
                        to_tsvector(%s::regconfig, word)), ' ')
               FROM unnest(%s::int[], %s::text[]) WITH ORDINALITY AS one(at, word, place)
               ORDER BY place""",
            [search_config(), [row[0] for row in rows], [row[1] for row in rows]],
        )
        found = cursor.fetchall()
    keys: list[list[str]] = [[] for _ in phrases]
    for at, stem in found:
        if stem:
            keys[at].append(stem)
    return [" ".join(stems) for stems in keys]
