"""What orders tells (EVT-02, EVT-03, ORD-03, ORD-14)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class OrderItem(Payload):
    """A line: `price` is the documents' decimal number, `unit_price_cents` the exact amount.

    track_inventory: whether the variant is counted at all; one that is not needs no reservation.
    """

    sku: str
    quantity: int
    price: float
    unit_price_cents: int
    line_id: UUID
    variant_id: UUID
    vendor_id: UUID
    name: str = ""
    track_inventory: bool = True


class _OrderFact(EventContract):
    """What every order event carries; `customer_id` is empty for a guest."""

    key_field: ClassVar[str] = "order_id"
    publisher: ClassVar[str] = "orders"

    order_id: UUID
    number: str
    customer_id: UUID | None = None
    email: str = ""
    total_cents: int
    currency: str


class OrderCreated(_OrderFact):
    """An order was placed at catalog prices; stock is reserved in the same transaction."""

    topic: ClassVar[str] = "order.created"

    total: float
    items: tuple[OrderItem, ...]


class OrderConfirmed(_OrderFact):
    """The order has its stock. The lines and sums are what the customer is told."""

    topic: ClassVar[str] = "order.confirmed"

    items: tuple[OrderItem, ...] = ()
    subtotal_cents: int | None = None
    discount_cents: int = 0
    tax_cents: int = 0
    shipping_cents: int = 0


class OrderPaid(_OrderFact):
    """The whole total is captured."""

    topic: ClassVar[str] = "order.paid"

    payment_id: UUID


class OrderShipped(_OrderFact):
    """Everything in the order is on its way."""

    topic: ClassVar[str] = "order.shipped"

    tracking_numbers: tuple[str, ...] = ()


class OrderDelivered(_OrderFact):
    """Everything in the order has arrived."""

    topic: ClassVar[str] = "order.delivered"


class OrderCancelled(_OrderFact):
    """The order is off. `reason` is a code such as `customer`, `expired`, `out_of_stock`."""

    topic: ClassVar[str] = "order.cancelled"

    reason: str
    previous_status: str
