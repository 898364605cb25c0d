"""Keep the counts of what is listed short."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from apps.common.context import current_store

# Under one lock each, so that two never take the same rows; writers only append, and never wait.
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_COMPACT: Final = """
WITH many AS (
  SELECT token FROM catalog_listingcount GROUP BY token HAVING count(*) > 1 OR sum(count) = 0
), taken AS (
  DELETE FROM catalog_listingcount c USING many WHERE c.token = many.token
  RETURNING c.token, c.count
)
INSERT INTO catalog_listingcount (token, count)
SELECT token, sum(count) FROM taken GROUP BY token HAVING sum(count) <> 0
"""


def compact_counts() -> int:
    """Put the rows of each token together; returns how many tokens are counted by new rows.

    Readers see the same sums before, during and after. Serves EVT-11, NFR-03.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"{current_store().schema}|catalog.counts"])
        cursor.execute(_COMPACT)
        return int(cursor.rowcount)
