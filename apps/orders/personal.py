"""What orders hold on a person (CMP-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.types import Person
from apps.orders.models import Order

_FIELDS = (
    "number",
    "status",
    "payment_status",
    "email",
    "currency",
    "total_cents",
    "shipping_address",
    "notes",
    "organization_id",
    "purchase_order_number",
    "created_at",
)
_LINE_FIELDS = ("sku", "name", "quantity", "unit_price_cents", "total_cents")


def orders_of(person: Person) -> QuerySet[Order]:
    """The person's orders: the account's, and guests' under an address that is proven theirs.

    Also those that were anonymised before, so that an erasure can be taken up again.
    """
    theirs = Q(email=person.placeholder, customer=None)
    if person.user_id is not None:
        theirs |= Q(customer_id=person.user_id)
    if person.by_email:
        theirs |= Q(email=person.email, customer=None)
    return Order.objects.filter(theirs).order_by("created_at")


def export_orders(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Orders with their lines."""
    return {
        "orders": [
            {
                **{name: getattr(order, name) for name in _FIELDS},
                "items": [
                    {name: getattr(line, name) for name in _LINE_FIELDS}
                    for line in order.lines.all()
                ],
            }
            for order in orders_of(person).prefetch_related("lines")
        ]
    }
