"""Let the past prices forget what nobody is told any more."""

from __future__ import annotations

from typing import Final

from django.db import connection

_SLICE: Final = 5_000
# What a sale that is on is compared with stays however long it lasts, and so does the last one of
# a price that is there: the present price began where it ended.
_DELETE: Final = """
WITH known AS (
  SELECT least(now() - interval '1 year',
               (SELECT min(public_since) FROM catalog_pricelist) - interval '30 days') AS since
), slice AS (
  SELECT past.*, past.until <= known.since AS is_old FROM catalog_pastprice past, known
  WHERE past.id > %(after)s ORDER BY past.id LIMIT %(slice)s
), gone AS (
  DELETE FROM catalog_pastprice past USING slice
  WHERE past.id = slice.id AND slice.is_old AND (
    EXISTS (
      SELECT FROM catalog_pastprice later
      WHERE later.variant_id = slice.variant_id AND later.currency = slice.currency
        AND later.list_code = slice.list_code AND later.until > slice.until)
    OR NOT EXISTS (
      SELECT FROM catalog_price price JOIN catalog_pricelist list ON list.id = price.price_list_id
      WHERE price.variant_id = slice.variant_id AND price.currency = slice.currency
        AND price.min_quantity = 1 AND list.code = slice.list_code))
  RETURNING past.id
)
SELECT max(id), bool_or(is_old), (SELECT count(*) FROM gone) FROM slice
"""


def prune_prices() -> int:
    """Delete past prices that ended a year ago and more; returns how many (PEER-05).

    In slices of a statement each, in the order in which they were written, which is nearly that in
    which they ended: the first slice without an old one is the last.
    """
    total, after = 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, {"after": after, "slice": _SLICE})
            last, any_old, deleted = cursor.fetchone()
        if not any_old:
            return total
        total, after = total + int(deleted), int(last)
