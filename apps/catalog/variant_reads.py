"""What other apps read of variants: one statement, however many variants and prices (I-30)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from apps.catalog.models import ProductKind
from apps.catalog.price_choice import choose_price
from apps.catalog.types import PriceTier, VariantInfo
from apps.common.database import executed, ids_array

NOT_SOLD_HERE: Final = frozenset({ProductKind.GROUPED, ProductKind.EXTERNAL})
# Just these columns: every order asks, and a product's description is long. A list applies from
# its start on, and no longer at its end.
_READ: Final = """
SELECT v.id, v.product_id, p.name, v.sku, v.options::json, v.vendor_id, vendor.name,
  v.requires_shipping, v.weight_grams, v.track_inventory,
  v.is_active AND v.deleted_at IS NULL AND d.product_id IS NOT NULL
    AND (d.hidden_from IS NULL OR d.hidden_from > now()) AND p.kind <> ALL(%(not_sold)s),
  p.kind, p.tax_category, places.ids, tiers.rows
FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id
JOIN catalog_vendor vendor ON vendor.id = v.vendor_id
LEFT JOIN catalog_productdocument d ON d.product_id = v.product_id
LEFT JOIN LATERAL (
  SELECT array_agg(DISTINCT above.id) AS ids
  FROM catalog_product_categories link
  JOIN catalog_category category ON category.id = link.category_id,
    unnest(category.path) AS above(id)
  WHERE link.product_id = v.product_id
) places ON true
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_array(list.code, list.kind, list.priority, price.amount_cents,
           price.min_quantity)
         ORDER BY list.kind, list.priority, list.code, price.min_quantity) AS rows
  FROM catalog_price price JOIN catalog_pricelist list ON list.id = price.price_list_id
  WHERE price.variant_id = v.id AND price.currency = %(currency)s
    AND list.is_active AND list.customer_group IN ('', %(group)s)
    AND list.market IN ('', %(market)s)
    AND (list.starts_at IS NULL
         OR list.starts_at <= coalesce(%(at)s::timestamptz, statement_timestamp()))
    AND (list.ends_at IS NULL
         OR list.ends_at > coalesce(%(at)s::timestamptz, statement_timestamp()))
) tiers ON true
WHERE {which}
ORDER BY v.product_id, v.position, v.sku
"""
_OF_MANY: Final = _READ.format(
    which="v.id = ANY(%(ids)s::uuid[]) OR (v.sku = ANY(%(skus)s) AND v.deleted_at IS NULL)"
)
# As many as an order has lines, and a little more.
_MOST_NAMED: Final = 256
_OF_PRODUCT: Final = _READ.format(which="v.product_id = %(product)s AND v.deleted_at IS NULL")


def get_variants(
    *,
    skus: Sequence[str] = (),
    variant_ids: Sequence[UUID] = (),
    currency: str,
    customer_group: str = "",
    market: str = "",
    at: datetime | None = None,
) -> list[VariantInfo]:
    """The variants of these SKUs or ids, in one statement; what is unknown is left out.

    A SKU that several vendors have gives several rows. Deleted ones are found by id alone. Their
    `prices` are what this customer group pays in this market, beside what everybody does, at the
    database's present moment or at another one. Serves PEER-04, I-30.
    """
    if not skus and not variant_ids:
        return []
    parameters: dict[str, Any] = {"at": at, "group": customer_group, "market": market}
    if max(len(skus), len(variant_ids)) > _MOST_NAMED:
        parameters |= {"ids": ids_array(variant_ids), "skus": list(skus)}
        return _read(_OF_MANY, currency, parameters)
    parameters |= {f"id{number}": pk for number, pk in enumerate(_padded(variant_ids))}
    parameters |= {f"sku{number}": sku for number, sku in enumerate(_padded(skus))}
    sql = _of_named(_places(len(variant_ids)), _places(len(skus)))
    return _read(sql, currency, parameters)


def product_variants(product_id: UUID, currency: str) -> list[VariantInfo]:
    """The product's variants that are not deleted, in their order, with everybody's prices."""
    parameters = {"product": product_id, "group": "", "market": "", "at": None}
    return _read(_OF_PRODUCT, currency, parameters)


def _places(count: int) -> int:
    """The next power of two, so that few statements do for all lengths."""
    return 1 << (count - 1).bit_length() if count else 0


def _padded(values: Sequence[Any]) -> list[Any]:
    """The values, the last one again until their places are full."""
    return [*values, *[values[-1]] * (_places(len(values)) - len(values))] if values else []


@lru_cache(maxsize=128)
def _of_named(ids: int, skus: int) -> str:
    """Named one by one: an array, whose length it cannot know, the server would plan anew for each
    order, and that costs more than to find the rows.
    """
    ways = []
    if ids:
        ways.append(f"v.id IN ({', '.join(f'%(id{n})s::uuid' for n in range(ids))})")
    if skus:
        names = ", ".join(f"%(sku{n})s" for n in range(skus))
        ways.append(f"(v.sku IN ({names}) AND v.deleted_at IS NULL)")
    return _READ.format(which=" OR ".join(ways))


def _read(sql: str, currency: str, parameters: dict[str, Any]) -> list[VariantInfo]:
    known = {"currency": currency, "not_sold": [str(kind) for kind in NOT_SOLD_HERE]}
    return [_info(row, currency) for row in executed(sql, parameters | known).fetchall()]


def _info(row: tuple[Any, ...], currency: str) -> VariantInfo:
    """From the columns of `_READ`, in their order."""
    tiers = tuple(PriceTier(*tier) for tier in row[14] or ())
    own = choose_price((tier for tier in tiers if tier.kind == "default"), 1)
    return VariantInfo(
        id=row[0],
        product_id=row[1],
        product_name=row[2],
        sku=row[3],
        options=row[4],
        vendor_id=row[5],
        vendor_name=row[6],
        price_cents=None if own is None else own.amount_cents,
        currency=currency,
        requires_shipping=row[7],
        weight_grams=row[8],
        track_inventory=row[9],
        is_sellable=row[10],
        kind=row[11],
        tax_category=row[12],
        category_ids=tuple(row[13] or ()),
        prices=tiers,
    )
