"""What catalog tells (CAT-06, CAT-07)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class ProductVariant(Payload):
    """A variant as the events show it; `price_cents` is in the subunit of `currency`."""

    variant_id: UUID
    sku: str
    price_cents: int | None = None
    currency: str = ""


class ProductCreated(EventContract):
    """A product exists. `sku` and `price_cents` are those of its first variant."""

    topic: ClassVar[str] = "product.created"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    sku: str = ""
    description: str = ""
    price_cents: int | None = None
    currency: str = ""
    vendor_id: UUID
    variants: tuple[ProductVariant, ...] = ()


class ProductUpdated(EventContract):
    """A product, one of its variants or a price has changed, or the product was deleted.

    `changed` names what: `name`, `price`, `variants`, `deleted` ...
    """

    topic: ClassVar[str] = "product.updated"
    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "catalog"

    id: UUID
    name: str
    slug: str
    vendor_id: UUID
    changed: tuple[str, ...] = ()
    variants: tuple[ProductVariant, ...] = ()
