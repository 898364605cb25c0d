"""Events that people are told of."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction

from apps.events.contracts import EventContract, OrderConfirmed, OrderItem, UserRegistered
from apps.events.facade import publish
from apps.events.models import Delivery


def tell(event: EventContract) -> EventContract:
    """Publish in a transaction of its own."""
    with transaction.atomic():
        publish(event)
    return event


def registered(**fields: Any) -> UserRegistered:
    """Somebody of the current store has registered."""
    from tests.support.people import make_user

    user = make_user(email=fields.pop("email", "ada@example.com"))
    return UserRegistered(
        **{"user_id": user.id, "email": user.email, "first_name": "Ada", **fields}
    )


def order_fields(**fields: Any) -> dict[str, Any]:
    """What every order event carries, of a guest."""
    known = {
        "order_id": uuid4(),
        "number": "ORD-20261120-A7K2",
        "email": "ada@example.com",
        "total_cents": 4598,
        "currency": "USD",
    }
    return {**known, **fields}


def confirmed(**fields: Any) -> OrderConfirmed:
    """An order of two shirts and one mug is confirmed."""
    items = (
        item("Organic cotton T-shirt, navy, size M", "TEE-NAVY-M", 2, 1599),
        item("Enamel mug", "MUG-01", 1, 900),
    )
    known = {"items": items, "subtotal_cents": 4098, "shipping_cents": 500}
    return OrderConfirmed(**order_fields(**{**known, **fields}))


def item(name: str, sku: str, quantity: int, unit_price_cents: int) -> OrderItem:
    """A line of an order event."""
    return OrderItem(
        name=name,
        sku=sku,
        quantity=quantity,
        price=unit_price_cents / 100,
        unit_price_cents=unit_price_cents,
        line_id=uuid4(),
        variant_id=uuid4(),
        vendor_id=uuid4(),
    )


def delivery_of(subscriber: str) -> Delivery:
    """The newest delivery that a subscriber owes or owed."""
    return Delivery.objects.filter(subscriber=f"notifications.{subscriber}").latest("created_at")
