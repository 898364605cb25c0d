"""Write down what was looked for (PEER-71)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from apps.catalog.models import SearchLog

KEPT_DAYS: Final = 90
# Different queries of one day; beyond them only those that are known are counted on.
MOST_OF_A_DAY: Final = 20_000

_NOTE: Final = """
INSERT INTO catalog_searchlog AS kept (day, query, searches, without_result)
SELECT %(day)s, one.query, one.searches, one.vain
FROM unnest(%(queries)s::text[], %(searches)s::int[], %(vain)s::int[])
  AS one(query, searches, vain)
WHERE (SELECT count(*) FROM catalog_searchlog WHERE day = %(day)s) < %(most)s
  OR EXISTS (SELECT 1 FROM catalog_searchlog old WHERE old.day = %(day)s AND old.query = one.query)
ORDER BY one.query
ON CONFLICT (day, query) DO UPDATE SET searches = kept.searches + EXCLUDED.searches,
  without_result = kept.without_result + EXCLUDED.without_result
"""


def note_searches(counts: Mapping[str, tuple[int, int]]) -> int:
    """Add to today's counts, and forget days older than KEPT_DAYS; returns how many were written.

    counts: by normalised query how often it was looked for, and how often in vain.
    """
    if not counts:
        return 0
    today = timezone.now().date()
    queries = sorted(counts)
    with transaction.atomic():
        SearchLog.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                {
                    "day": today,
                    "queries": queries,
                    "searches": [counts[query][0] for query in queries],
                    "vain": [counts[query][1] for query in queries],
                    "most": MOST_OF_A_DAY,
                },
            )
            return int(cursor.rowcount)
