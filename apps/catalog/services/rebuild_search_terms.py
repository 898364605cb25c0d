"""Bring the vocabulary of search up to date: the words of what is on show (PEER-71, I-55)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from apps.catalog.languages import folded_sql, words_sql
from apps.catalog.models import Synonym
from apps.catalog.search.stems import stem_keys
from apps.catalog.search.vector import SEARCHED
from apps.catalog.storefront import bump_on_commit

# Unstemmed, for these words are shown to people. What is joined in the name is a word too.
_TEXT: Final = (
    "p.name || ' ' || p.brand || ' ' || array_to_string(p.tags, ' ') || ' ' || "  # noqa: S608
    f"left(regexp_replace(p.description, '<[^>]*>|&[a-z]+;', ' ', 'g'), {SEARCHED}) || ' ' || "
    "coalesce((SELECT string_agg(DISTINCT category.name, ' ') "
    "FROM catalog_product_categories link "
    "JOIN catalog_category category ON category.id = link.category_id "
    "WHERE link.product_id = p.id), '') || ' ' || "
    "coalesce((SELECT string_agg(DISTINCT one.value, ' ') "
    "FROM catalog_variant v, jsonb_each_text(v.options) AS one "
    "WHERE v.product_id = p.id AND v.deleted_at IS NULL AND v.is_active), '')"
)
_WORDS: Final = f"""SELECT to_tsvector('simple', {words_sql(folded_sql("raw.text"))})
FROM (SELECT {_TEXT} AS text FROM catalog_productdocument d
      JOIN catalog_product p ON p.id = d.product_id WHERE {{condition}} OFFSET 0) AS raw"""  # noqa: S608
# Takes the statement of the words; numbers and single letters are no words to correct.
_TERMS: Final = r"""SELECT word AS term, ndoc AS count,
  ARRAY(SELECT DISTINCT substr('  ' || word || ' ', place, 3)
        FROM generate_series(1, char_length(word) + 1) AS place ORDER BY 1) AS grams
FROM ts_stat(%(words)s) WHERE char_length(word) BETWEEN 2 AND 64 AND word !~ '^[0-9]+$'"""
_REBUILD: Final = f"""
WITH fresh AS MATERIALIZED ({_TERMS}),
gone AS (DELETE FROM catalog_searchterm old
         WHERE NOT EXISTS (SELECT 1 FROM fresh WHERE fresh.term = old.term))
INSERT INTO catalog_searchterm AS old (term, count, grams) SELECT term, count, grams FROM fresh
ON CONFLICT (term) DO UPDATE SET count = EXCLUDED.count WHERE old.count <> EXCLUDED.count
"""  # noqa: S608 - of this module's own constants
_ADD: Final = f"""
INSERT INTO catalog_searchterm AS old (term, count, grams) SELECT term, count, grams FROM ({_TERMS})
AS fresh ON CONFLICT (term) DO UPDATE SET count = EXCLUDED.count WHERE old.count < EXCLUDED.count
"""  # noqa: S608


def rebuild_search_terms() -> int:
    """Count every word of the store's documents anew; returns how many words there are.

    Synonyms are stemmed anew as well, for the store's language may have changed.
    """
    _write(_REBUILD, "true", {})
    _stem_synonyms()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_searchterm")
        return int(cursor.fetchone()[0])


def add_search_terms(since: datetime) -> None:
    """Take in the words of what was written since: a word that is new can be corrected to at once.

    Counts are only raised; `rebuild_search_terms` makes them right again and takes away words that
    nothing has any more.
    """
    _write(_ADD, "d.updated_at >= {since}", {"since": since})


def _stem_synonyms() -> None:
    with transaction.atomic():
        # Held, so that nobody's new words get the keys of the old ones.
        rows = list(Synonym.objects.select_for_update().order_by("pk"))
        stems = iter(stem_keys([word for row in rows for word in row.words]))
        changed = []
        for row in rows:
            keys = [next(stems) for _ in row.words]
            if keys != row.keys:
                row.keys = keys
                changed.append(row)
        if changed:
            Synonym.objects.bulk_update(changed, ["keys"])
            bump_on_commit()


def _write(statement: str, condition: str, values: dict[str, datetime]) -> None:
    literals = {name: f"'{value.isoformat()}'::timestamptz" for name, value in values.items()}
    words = _WORDS.format(condition=condition.format(**literals)).replace("%%", "%")
    with transaction.atomic(), connection.cursor() as cursor:
        # One at a time: two would insert the same words and wait for each other.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '|search', 0))"
        )
        cursor.execute(statement, {"words": words})
