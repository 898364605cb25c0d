"""Many products in hand at once: locked, read and written back in a few statements.

What a bulk edit touches is named by a `Place`: a product or a variant, and one field of it. A price
is the field `price.USD` of its variant, as `[amount_cents, compare_at_cents]` or None; a product's
`categories` are the sorted ids. Every value can be kept as JSON, so that an edit can be undone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.catalog.locks import lock_products
from apps.catalog.models import Price, Product, ReviewState, Variant
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.refresh_requests import refresh_requests
from apps.catalog.services.variants import default_list_id
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common.ids import uuid7
from apps.events.facade import publish_many

PRODUCT: Final = "product"
VARIANT: Final = "variant"
PRODUCT_FIELDS: Final = frozenset(
    {"name", "brand", "tags", "is_active", "is_featured", "publish_at", "unpublish_at"}
)
VARIANT_FIELDS: Final = frozenset({"barcode", "weight_grams", "cost_cents", "is_active"})
_TIMES = frozenset({"publish_at", "unpublish_at"})
_Links = Product.categories.through
_PRICE = "price."


class Place(NamedTuple):
    """One field of one product or variant."""

    kind: str
    id: UUID
    field: str


class Goods:
    """The products of these ids that are not deleted, locked, with all that may be changed.

    In the caller's transaction. Six statements to read, whatever the number.
    """

    def __init__(self, product_ids: Iterable[UUID]) -> None:
        locked = lock_products(Q(pk__in=set(product_ids)))
        self.products = Product.objects.in_bulk(locked)
        live = Variant.objects.filter(product_id__in=locked, deleted_at=None)
        self.variants = {row.pk: row for row in live}
        self._list_id = default_list_id()
        prices = Price.objects.filter(
            variant__in=self.variants, price_list_id=self._list_id, min_quantity=1
        )
        self._prices = {(row.variant_id, row.currency): row for row in prices}
        self._links: dict[UUID, set[UUID]] = defaultdict(set)
        links = _Links.objects.filter(product_id__in=locked)
        for product_id, category_id in links.values_list("product_id", "category_id"):
            self._links[product_id].add(category_id)
        self._dirty: dict[Place, Any] = {}

    def read(self, place: Place) -> Any:
        """The present value, what was written before included. Raises KeyError."""
        if place.kind == PRODUCT:
            product = self.products[place.id]
            if place.field == "categories":
                return sorted(str(pk) for pk in self._links[place.id])
            value = getattr(product, place.field)
            return value.isoformat() if isinstance(value, datetime) else value
        variant = self.variants[place.id]
        if not place.field.startswith(_PRICE):
            return getattr(variant, place.field)
        price = self._prices.get((place.id, place.field.removeprefix(_PRICE)))
        return None if price is None else [price.amount_cents, price.compare_at_cents]

    def write(self, place: Place, value: Any) -> None:
        """Have the field hold `value` after `flush`."""
        self._dirty[place] = value
        if place.kind == PRODUCT and place.field == "categories":
            self._links[place.id] = {UUID(pk) for pk in value}
        elif place.field.startswith(_PRICE):
            self._price(place.id, place.field.removeprefix(_PRICE), value)
        else:
            row = self.products[place.id] if place.kind == PRODUCT else self.variants[place.id]
            timed = place.field in _TIMES and value is not None
            setattr(row, place.field, datetime.fromisoformat(value) if timed else value)

    def flush(self) -> None:
        """Write what has changed, the documents too, and publish ProductUpdated per product."""
        if not self._dirty:
            return
        now = timezone.now()
        self._flush_rows(PRODUCT, Product, self.products, sorted(PRODUCT_FIELDS))
        self._flush_rows(VARIANT, Variant, self.variants, sorted(VARIANT_FIELDS))
        self._flush_prices(now)
        self._flush_links()
        changed = self._changed()
        Product.objects.filter(pk__in=changed).update(updated_at=now)
        write_documents(list(changed))
        approved = ReviewState.APPROVED
        refresh_requests([pk for pk in changed if self.products[pk].review != approved])
        told = {product_id: sorted(fields) for product_id, fields in changed.items()}
        publish_many(updated_events(list(changed), dict(told)))
        bump_on_commit()

    def _price(self, variant_id: UUID, currency: str, value: Sequence[Any] | None) -> None:
        if value is None:
            self._prices.pop((variant_id, currency), None)
            return
        row = self._prices.get((variant_id, currency))
        if row is None:
            row = Price(
                id=uuid7(),
                variant_id=variant_id,
                price_list_id=self._list_id,
                currency=currency,
            )
            self._prices[variant_id, currency] = row
        row.amount_cents, row.compare_at_cents = value

    def _flush_rows(self, kind: str, model: Any, rows: dict[UUID, Any], fields: list[str]) -> None:
        dirty = {place.id for place in self._dirty if place.kind == kind and place.field in fields}
        if dirty:
            now = timezone.now()
            for pk in dirty:
                rows[pk].updated_at = now
            model.objects.bulk_update([rows[pk] for pk in sorted(dirty)], [*fields, "updated_at"])

    def _flush_prices(self, now: datetime) -> None:
        touched = [
            (place.id, place.field.removeprefix(_PRICE))
            for place in self._dirty
            if place.field.startswith(_PRICE)
        ]
        kept = [self._prices[key] for key in sorted(touched) if key in self._prices]
        for row in kept:
            row.updated_at = now
        Price.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["variant", "currency", "price_list", "min_quantity"],
            update_fields=["amount_cents", "compare_at_cents", "updated_at"],
        )
        for variant_id, currency in touched:
            if (variant_id, currency) not in self._prices:
                Price.objects.filter(
                    variant=variant_id,
                    currency=currency,
                    price_list_id=self._list_id,
                    min_quantity=1,
                ).delete()

    def _flush_links(self) -> None:
        dirty = [place.id for place in self._dirty if place.field == "categories"]
        if dirty:
            _Links.objects.filter(product_id__in=dirty).delete()
            _Links.objects.bulk_create(
                _Links(product_id=product_id, category_id=category_id)
                for product_id in dirty
                for category_id in sorted(self._links[product_id])
            )

    def _changed(self) -> dict[UUID, set[str]]:
        """What has changed, by product, in the words of ProductUpdated."""
        changed: dict[UUID, set[str]] = defaultdict(set)
        for place in self._dirty:
            if place.kind == PRODUCT:
                changed[place.id].add(place.field)
            else:
                what = "price" if place.field.startswith(_PRICE) else "variants"
                changed[self.variants[place.id].product_id].add(what)
        return changed
