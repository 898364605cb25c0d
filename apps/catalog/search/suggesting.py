"""What the search field offers while somebody types: one statement, from the index of words."""

from __future__ import annotations

from typing import Final

from django.db import connection

from apps.catalog.languages import folded_sql, search_config
from apps.catalog.search.types import Suggestion
from apps.catalog.search.words import split_words

# So many products that begin so are looked at; the best of them are offered.
_LOOKED_AT: Final = 300

_SUGGEST: Final = f"""
WITH products AS MATERIALIZED (
  SELECT d.name, d.slug, d.in_stock FROM catalog_productdocument d
  WHERE d.is_listed AND (d.hidden_from IS NULL OR d.hidden_from > now())
    AND d.search @@ (%(query)s::tsquery) LIMIT {_LOOKED_AT}
), branded AS MATERIALIZED (
  SELECT d.tokens FROM catalog_productdocument d
  WHERE d.is_listed AND (d.hidden_from IS NULL OR d.hidden_from > now())
    AND d.search @@ (%(anywhere)s::tsquery) LIMIT {_LOOKED_AT}
)
(SELECT 'category' AS kind, category.name AS label, category.slug AS value
 FROM catalog_category category
 WHERE starts_with({folded_sql("category.name")}, %(text)s)
 ORDER BY char_length(category.name), category.name LIMIT 3)
UNION ALL
(SELECT 'brand', substr(token, 7), substr(token, 7)
 FROM (SELECT DISTINCT token FROM branded, unnest(tokens) AS token
       WHERE token LIKE 'brand:%%') AS brand
 WHERE starts_with({folded_sql("substr(token, 7)")}, %(text)s)
 ORDER BY char_length(token), token LIMIT 3)
UNION ALL
(SELECT 'product', name, slug FROM products
 ORDER BY NOT starts_with({folded_sql("name")}, %(text)s), NOT in_stock, char_length(name), name
 LIMIT %(limit)s)
"""  # noqa: S608 - of modules' own constants


def suggestions(text: str, limit: int) -> list[Suggestion]:
    """At most `limit`: up to three categories and three brands, and products."""
    words = split_words(text)
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, tsvector_to_array(to_tsvector(%s::regconfig, word)) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS one(word, place) ORDER BY place",
            [search_config(), words],
        )
        stems = [row[1] for row in cursor.fetchall()]
        cursor.execute(
            _SUGGEST,
            {
                "query": _query(words, stems, "="),
                "anywhere": _query(words, stems, ""),
                "text": " ".join(words),
                "limit": limit,
            },
        )
        return [Suggestion(*row) for row in cursor.fetchall()][:limit]


def _query(words: list[str], stems: list[list[str]], mark: str) -> str:
    """All words, the last one also as a beginning; stop words may stand for nothing."""
    groups = [[f"'{mark}{stem}'" for stem in found] for found in stems]
    last = " | ".join([" & ".join(groups[-1]) or "''", f"'{mark}{words[-1]}':*"][not groups[-1] :])
    return " & ".join([*(part for group in groups[:-1] for part in group), f"({last})"])
