"""What neither a bulk edit nor taking one back may make of a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.catalog.attributes import Definition, check_required
from apps.catalog.definitions import of_type
from apps.catalog.models import Product, ReviewState
from apps.catalog.review_reads import edits_wait
from apps.catalog.reviews import is_free
from apps.catalog.services.bulk_goods import PRODUCT, Goods, Place
from apps.common.errors import DomainError, ValidationFailed


class BulkChecks:
    """Of one call, so that the policy and each product type are asked for once.

    vendor_id: the vendor who calls, whose edits may have to be approved; None is the store.
    """

    def __init__(self, goods: Goods, vendor_id: UUID | None) -> None:
        self._goods = goods
        self._waits = edits_wait(vendor_id)
        self._required: dict[UUID, list[Definition]] = {}

    def check(self, kind: str, target: UUID, wanted: Mapping[Place, Any]) -> None:
        """Whether these fields of one product or variant may be written together.

        Raises ValidationFailed for what the store's staff have to approve first (CAT-17), for a
        publish window that ends before it begins, and for a draft that would be published without
        what its type requires (PEER-76).
        """
        owner = target if kind == PRODUCT else self._goods.variants[target].product_id
        product = self._goods.products[owner]
        self._refuse_what_waits(product, wanted)
        _check_window(self._goods, target, wanted)
        if wanted.get(Place(PRODUCT, target, "is_active")):
            self._check_complete(product)

    def _refuse_what_waits(self, product: Product, wanted: Mapping[Place, Any]) -> None:
        if not self._waits or product.review != ReviewState.APPROVED:
            return
        for place, value in wanted.items():
            if not is_free(place.field) and self._goods.read(place) != value:
                detail = "The store approves this first: send it as an edit of the product."
                raise ValidationFailed.of(place.field, "needs_review", detail)

    def _check_complete(self, product: Product) -> None:
        type_id = product.product_type_id
        if product.is_active or type_id is None:
            return
        if type_id not in self._required:
            self._required[type_id] = [one for one in of_type(product.product_type) if not one.axis]
        check_required(self._required[type_id], product.attributes)


def told(error: DomainError) -> dict[str, str]:
    """Why a row was refused, as its outcome says it."""
    first = error.errors[0] if error.errors else error
    return {"code": first.code, "detail": first.detail}


def _check_window(goods: Goods, target: UUID, wanted: Mapping[Place, Any]) -> None:
    places = [Place(PRODUCT, target, field) for field in ("publish_at", "unpublish_at")]
    if not any(place in wanted for place in places):
        return
    begins, ends = (wanted[place] if place in wanted else goods.read(place) for place in places)
    if begins and ends and begins >= ends:
        raise ValidationFailed.of("unpublish_at", "invalid", "It has to be after publish_at.")
