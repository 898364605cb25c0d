"""What of a vendor's own import waits for the store's staff (CAT-17, PEER-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog import reviews
from apps.catalog.importing import ParsedProduct, ParsedVariant, RowError
from apps.catalog.models import (
    Category,
    ChangeRequest,
    Product,
    ProductImage,
    RequestStatus,
    ReviewState,
    Vendor,
    VendorStatus,
)
from apps.catalog.ports import stock
from apps.catalog.review_errors import VendorNotActive
from apps.catalog.review_reads import facts_of_many, waiting_of
from apps.catalog.services.import_matching import Matches
from apps.catalog.services.import_places import Places
from apps.catalog.services.note_stock import note_stock
from apps.catalog.services.submit_product import submit_edit
from apps.common.errors import DomainError
from apps.events.contracts import ProductSubmitted
from apps.events.facade import publish_many


@dataclass(slots=True)
class Edited:
    """What became of edits of approved products. changed, waiting: how many."""

    changed: int = 0
    waiting: int = 0
    errors: list[RowError] = field(default_factory=list)


class Reviews:
    """The store's policy towards one import.

    by_vendor: a vendor's own people import. submitted_by: which of them.
    """

    def __init__(self, by_vendor: bool = False, submitted_by: UUID | None = None) -> None:
        policy = reviews.policy() if by_vendor else reviews.NONE
        self._new_waits = policy != reviews.NONE
        self._edits_wait = policy == reviews.ALL
        self._by = submitted_by

    def new_state(self, places: Places) -> str:
        """What new products begin with. Raises VendorNotActive."""
        if not self._waits(places):
            return ReviewState.APPROVED
        return ReviewState.PENDING

    def _waits(self, places: Places) -> bool:
        if not self._new_waits or places.only is None:
            return False
        vendor = Vendor.objects.get(pk=places.only)
        if vendor.is_default:
            return False
        if vendor.status != VendorStatus.ACTIVE:
            raise VendorNotActive
        return True

    def take_edits(self, matches: Matches) -> list[ParsedProduct]:
        """The edits that the staff may have to see, out of what the import writes by itself."""
        if not self._edits_wait:
            return []
        known = matches.known
        edits = [
            product
            for product in matches.accepted
            if product.row in known and known[product.row].review == ReviewState.APPROVED
        ]
        held = {product.row for product in edits}
        matches.accepted = [one for one in matches.accepted if one.row not in held]
        return edits

    def submit_edits(
        self, edits: Sequence[ParsedProduct], matches: Matches, places: Places
    ) -> Edited:
        """Each as if it had been made by hand; stock, which is the vendor's own, at once."""
        done = Edited()
        ids = [matches.known[product.row].id for product in edits]
        before = _stamps(ids)
        for product in edits:
            known = matches.known[product.row]
            try:
                with transaction.atomic():
                    submission = submit_edit(
                        product_id=known.id,
                        changes=_changes(product, known.id, places),
                        variants=[_variant(one, matches) for one in product.variants],
                        by=self._by,
                    )
            except DomainError as error:
                faults = error.errors or ()
                done.errors += [
                    RowError(product.row, one.field, one.code, one.detail) for one in faults
                ] or [RowError(product.row, "", error.code, error.detail or error.title)]
                continue
            done.waiting += submission.request is not None
            if stock().set_initial(_stock(product, matches), "import"):
                note_stock([known.id])
        done.changed = sum(before[pk] != stamp for pk, stamp in _stamps(ids).items())
        return done

    def submit_new(self, product_ids: Sequence[UUID]) -> None:
        """Put new products before the staff. Publishes ProductSubmitted."""
        products = Product.objects.filter(pk__in=list(product_ids)).select_related("vendor")
        found = products.order_by("pk")
        waiting = waiting_of(found[0].vendor_id) if product_ids else 0
        facts = facts_of_many(product_ids)
        made, told = [], []
        for number, product in enumerate(found, 1):
            request = ChangeRequest(
                product=product,
                vendor=product.vendor,
                kind=ChangeRequest.Kind.NEW,
                status=RequestStatus.OPEN,
                diff=reviews.rows(reviews.listing(facts[product.pk])),
                submitted_by=self._by,
            )
            made.append(request)
            told.append(
                ProductSubmitted(
                    product_id=product.pk,
                    request_id=request.pk,
                    name=product.name,
                    vendor_id=product.vendor_id,
                    vendor_name=product.vendor.name,
                    kind=request.kind,
                    submitted_by=self._by,
                    waiting=waiting + number,
                )
            )
        ChangeRequest.objects.bulk_create(made)
        publish_many(told)


def _stamps(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    return dict(Product.objects.filter(pk__in=ids).values_list("pk", "updated_at"))


def _stock(product: ParsedProduct, matches: Matches) -> list[tuple[UUID, int]]:
    return [
        (matches.variant_ids[one.sku], one.inventory)
        for one in product.variants
        if one.inventory is not None and one.sku in matches.variant_ids
    ]


def _changes(product: ParsedProduct, product_id: UUID, places: Places) -> dict[str, Any]:
    """As `update_product` takes them; a blank leaves what the product has."""
    changes: dict[str, Any] = {
        "name": product.name,
        "kind": product.kind,
        "is_active": product.is_active,
        "is_featured": product.is_featured,
        "description": product.description,
        "brand": product.brand,
        "tags": list(product.tags),
        "external_url": product.external_url,
    }
    changes = {name: value for name, value in changes.items() if value not in ("", [])}
    if product.categories:
        ids = [places.category_id(path) for path in product.categories]
        slugs = Category.objects.filter(pk__in=ids).values_list("slug", flat=True)
        changes["categories"] = sorted(slugs)
    if product.images:
        images = ProductImage.objects.filter(product_id=product_id).exclude(url="")
        there = list(images.order_by("position", "pk").values_list("url", flat=True))
        missing = [image.url for image in product.images if image.url not in there]
        if missing:
            changes["images"] = there + missing
    if (extra := product.extra) is not None:
        for name in ("product_type", "attributes", "custom_fields", "external_id"):
            if value := getattr(extra, name):
                changes[name] = value
        for name in ("publish_at", "unpublish_at"):
            if (moment := getattr(extra, name)) is not None:
                changes[name] = moment
    return changes


def _variant(variant: ParsedVariant, matches: Matches) -> dict[str, Any]:
    row: dict[str, Any] = {
        "sku": variant.sku,
        "options": dict(variant.options),
        "requires_shipping": variant.requires_shipping,
        "track_inventory": variant.track_inventory,
        "price_cents": variant.price_cents,
        "currency": variant.currency,
        "compare_at_cents": variant.compare_at_price_cents,
    }
    if variant.sku in matches.variant_ids:
        row["id"] = matches.variant_ids[variant.sku]
    elif variant.inventory is not None:
        row["inventory"] = variant.inventory
    if variant.barcode:
        row["barcode"] = variant.barcode
    if variant.weight_grams is not None:
        row["weight_grams"] = variant.weight_grams
    if (extra := variant.extra) is not None:
        if extra.is_active is not None:
            row["is_active"] = extra.is_active
        if extra.cost_cents is not None:
            row["cost_cents"] = extra.cost_cents
        if extra.external_id:
            row["external_id"] = extra.external_id
        if extra.custom_fields:
            row["custom_fields"] = extra.custom_fields
    return row
