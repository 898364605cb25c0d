"""What shoppers read of a master entry: its winner, and every vendor's offer (PEER-31, ADR 15).

Like documents, the text has a mark where each variant's stock goes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.catalog.models import MasterProduct
from apps.catalog.public_prices import ON_SALE, ON_SALE_ROW
from apps.catalog.services.choose_winners import RANKING
from apps.catalog.text import is_id
from apps.catalog.vendor_errors import MasterNotFound

_SHOWN: Final = "(d.hidden_from IS NULL OR d.hidden_from > now())"
# `same` is the variant of the product in question that an offer is one of.
_OFFERS: Final = f"""
SELECT coalesce(json_agg(json_build_object(
    'product_id', p.id, 'product_slug', p.slug, 'product_name', p.name,
    'vendor', json_build_object('id', vendor.id, 'name', vendor.name, 'slug', vendor.slug),
    'variant_id', v.id, 'matches_variant_id', same.id, 'sku', v.sku, 'barcode', v.barcode,
    'options', v.options, 'prices', coalesce(prices.rows, '[]'::json),
    'inventory', CASE WHEN v.track_inventory
                      THEN (E'\\n"' || replace(v.id::text, '-', '') || '"')::json END,
    'is_winner', d.is_listed
  ) ORDER BY same.position, same.id, {RANKING}, v.position, v.sku), '[]'::json)::text,
  coalesce(array_agg(DISTINCT p.id), '{{}}'), min(d.hidden_from)
FROM catalog_productdocument d
JOIN catalog_product p ON p.id = d.product_id
JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
JOIN catalog_variant v ON v.product_id = p.id AND v.deleted_at IS NULL AND v.is_active
JOIN LATERAL (
  SELECT u.id, u.position FROM catalog_variant u
  WHERE u.product_id = %(product)s AND u.deleted_at IS NULL AND u.is_active
    AND (u.options_key = v.options_key OR (u.barcode <> '' AND u.barcode = v.barcode))
  ORDER BY u.barcode <> '' AND u.barcode = v.barcode DESC, u.position, u.id LIMIT 1
) same ON true
LEFT JOIN LATERAL (
  SELECT json_agg({ON_SALE_ROW} ORDER BY price.currency) AS rows FROM {ON_SALE} AS price
) prices ON true
WHERE d.master_id = %(master)s AND {_SHOWN}
"""  # noqa: S608 - of this module's own constants
_MASTER: Final = f"""
SELECT m.id, m.slug, CASE WHEN m.name = m.barcode THEN d.name ELSE m.name END,
  d.product_id, d.body
FROM catalog_masterproduct m JOIN catalog_productdocument d ON d.master_id = m.id AND {_SHOWN}
WHERE m.{{column}} = %s ORDER BY d.is_listed DESC, {RANKING} LIMIT 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Offers:
    """`text` is a JSON list with marks for stock, of these products; true until `until`."""

    text: str
    product_ids: list[UUID]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MasterBody:
    """`text` is JSON with marks for stock, of these products; true until `until`."""

    text: str
    product_ids: list[UUID]
    until: datetime | None


def offers_of(product_id: UUID, master_id: UUID) -> Offers:
    """What every vendor on show asks for each variant of the product, its own offer included.

    An offer is for a variant of the same barcode, else of the same options. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, {"product": product_id, "master": master_id})
        row = cursor.fetchone()
    text, product_ids, until = row or ("[]", [], None)
    return Offers(text, list(product_ids), until)


def with_offers(body: str, offers: Offers) -> str:
    """A product's document with its offers in it."""
    return f'{body[:-1]}, "offers" : {offers.text}}}'


def master_body(key: str) -> MasterBody:
    """The page of an entry, by id or slug: its winner and all offers. Two queries.

    Raises MasterNotFound, also where none of its offers is on show.
    """
    column = "id" if is_id(key) else "slug"
    with connection.cursor() as cursor:
        cursor.execute(_MASTER.format(column=column), [key])
        row = cursor.fetchone()
    if row is None:
        raise MasterNotFound()
    master_id, slug, name, winner_id, winner = row
    offers = offers_of(winner_id, master_id)
    head = json.dumps({"id": str(master_id), "slug": slug, "name": name})
    text = f'{head[:-1]}, "winner" : {winner}, "offers" : {offers.text}}}'
    return MasterBody(text, [winner_id, *offers.product_ids], offers.until)


def find_master(key: str) -> MasterProduct:
    """The entry of this id or slug, for staff. Raises MasterNotFound."""
    wanted = Q(pk=key) if is_id(key) else Q(slug=key)
    found = MasterProduct.objects.filter(wanted).first()
    if found is None:
        raise MasterNotFound()
    return found


def masters_for_staff() -> QuerySet[MasterProduct]:
    """Every entry with its products, also with nothing on show: three queries."""
    return MasterProduct.objects.prefetch_related("products__vendor")
