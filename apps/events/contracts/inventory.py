"""What inventory tells (INV-05, INV-11, CAT-07)."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class Shortage(Payload):
    """A SKU of which less is left than was asked for."""

    sku: str
    requested: int
    available: int


class InventoryReserved(EventContract):
    """Every line of the order has its stock."""

    topic: ClassVar[str] = "inventory.reserved"
    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "inventory"

    order_id: UUID
    status: Literal["reserved"] = "reserved"
    sku: str | None = None
    quantity: int | None = None


class InventoryInsufficient(EventContract):
    """At least one line cannot be served; nothing is reserved. `sku` is the first short one."""

    topic: ClassVar[str] = "inventory.insufficient"
    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "inventory"

    order_id: UUID
    status: Literal["insufficient"] = "insufficient"
    sku: str | None = None
    quantity: int | None = None
    shortages: tuple[Shortage, ...] = ()


class InventoryReleased(EventContract):
    """What was reserved for an order can be sold again."""

    topic: ClassVar[str] = "inventory.released"
    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "inventory"

    order_id: UUID
    reason: str = ""


class AllocatedItem(Payload):
    """Units of an order line that waited and are held now."""

    line_id: UUID
    variant_id: UUID
    quantity: int


class InventoryAllocated(EventContract):
    """Back-ordered units of an order have come and are held for it; `items` are these alone."""

    topic: ClassVar[str] = "inventory.allocated"
    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "inventory"

    order_id: UUID
    order_number: str = ""
    items: tuple[AllocatedItem, ...]


class InventoryLowStock(EventContract):
    """Availability of a SKU in a warehouse fell to its reorder threshold or below."""

    topic: ClassVar[str] = "inventory.low_stock"
    key_field: ClassVar[str] = "variant_id"
    publisher: ClassVar[str] = "inventory"

    variant_id: UUID
    sku: str
    product_id: UUID
    product_name: str = ""
    vendor_id: UUID | None = None
    warehouse: str
    available: int
    threshold: int


class ProductOutOfStock(EventContract):
    """The last unit of a variant, over all warehouses, is spoken for."""

    topic: ClassVar[str] = "product.out_of_stock"
    key_field: ClassVar[str] = "product_id"
    publisher: ClassVar[str] = "inventory"

    product_id: UUID
    variant_id: UUID
    sku: str
    product_name: str = ""
    vendor_id: UUID | None = None


class ProductBackInStock(EventContract):
    """A variant of which nothing was left, over all active warehouses, can be bought again."""

    topic: ClassVar[str] = "product.back_in_stock"
    key_field: ClassVar[str] = "product_id"
    publisher: ClassVar[str] = "inventory"

    product_id: UUID
    variant_id: UUID
    sku: str
    product_name: str = ""
    vendor_id: UUID | None = None
