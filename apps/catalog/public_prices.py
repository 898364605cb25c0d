"""What everybody pays now for one unit of the variant `v`, as SQL (PEER-04, PEER-05).

Each gives `currency`, `amount_cents`, `compare_at_cents` and `lowest_30_days_cents`. Documents
follow `public_since` of a list and not the clock: whoever opens or closes a sale has them written
anew afterwards, see `keep_prices`.
"""

from __future__ import annotations

from typing import Final

# The default list's own: what staff edit, and what shoppers see while no sale is on.
PLAIN: Final = """(
  SELECT own.currency, own.amount_cents, own.compare_at_cents,
    NULL::bigint AS lowest_30_days_cents
  FROM catalog_price own
  WHERE own.variant_id = v.id AND own.price_list_id = %(price_list)s AND own.min_quantity = 1
)"""
_PUBLIC: Final = "(list.is_default OR list.public_since IS NOT NULL)"
# The lowest that was public in the 30 days before `began`: of what is over, and of what was
# public already when the reduction began.
_LOWEST: Final = """(
  SELECT min(before.amount_cents) FROM (
    SELECT past.amount_cents FROM catalog_pastprice past
    WHERE past.variant_id = v.id AND past.currency = best.currency
      AND past.until > best.began - interval '30 days' AND past.since < best.began
    UNION ALL
    SELECT other.amount_cents
    FROM catalog_price other JOIN catalog_pricelist list ON list.id = other.price_list_id
    WHERE other.variant_id = v.id AND other.currency = best.currency AND other.min_quantity = 1
      AND <public>
      AND best.began > greatest(other.created_at, list.public_since, (
        SELECT max(past.until) FROM catalog_pastprice past
        WHERE past.variant_id = v.id AND past.currency = best.currency
          AND past.list_code = list.code))
  ) AS before
)""".replace("<public>", _PUBLIC)
# The lowest of the default list and of the sales that are on.
_ON_SALE: Final = """(
  SELECT best.currency, best.amount_cents,
    CASE WHEN best.own > best.amount_cents THEN greatest(best.own, best.own_compare_at)
         ELSE best.own_compare_at END AS compare_at_cents,
    CASE WHEN best.own > best.amount_cents THEN <lowest> END AS lowest_30_days_cents
  FROM (
    SELECT price.currency, min(price.amount_cents) AS amount_cents,
      max(price.amount_cents) FILTER (WHERE list.is_default) AS own,
      max(price.compare_at_cents) FILTER (WHERE list.is_default) AS own_compare_at,
      (array_agg(greatest(price.created_at, list.public_since)
                 ORDER BY price.amount_cents, greatest(price.created_at, list.public_since)))[1]
        AS began
    FROM catalog_price price JOIN catalog_pricelist list ON list.id = price.price_list_id
    WHERE price.variant_id = v.id AND price.min_quantity = 1 AND <public>
    GROUP BY price.currency
  ) AS best
)"""
ON_SALE: Final = _ON_SALE.replace("<public>", _PUBLIC).replace("<lowest>", _LOWEST)
# How a row of either is told; what is not reduced says nothing of the past.
_THREE: Final = """'currency', price.currency, 'amount_cents', price.amount_cents,
             'compare_at_cents', price.compare_at_cents"""
PLAIN_ROW: Final = f"json_build_object({_THREE})"
ON_SALE_ROW: Final = f"""CASE WHEN price.lowest_30_days_cents IS NULL THEN {PLAIN_ROW}
    ELSE json_build_object({_THREE},
             'lowest_30_days_cents', price.lowest_30_days_cents) END"""
