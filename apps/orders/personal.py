"""What orders hold on a person (CMP-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.types import Person
from apps.orders.models import Cart, Order

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
_CART_FIELDS = (
    "status",
    "email",
    "currency",
    "coupon_codes",
    "shipping_address",
    "billing_address",
    "vat_id",
    "notes",
    "organization_id",
    "purchase_order_number",
    "created_at",
    "active_at",
)
_INVOICE_FIELDS = ("number", "kind", "issued_at", "currency", "total_cents", "content")
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


def carts_of(person: Person) -> QuerySet[Cart]:
    """The person's carts: the account's, and guests' under an address that is proven theirs."""
    theirs = Q(pk=None)
    if person.user_id is not None:
        theirs |= Q(customer_id=person.user_id)
    if person.by_email:
        theirs |= Q(email=person.email, customer=None)
    return Cart.objects.filter(theirs).order_by("created_at")


def export_carts(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Carts with what lies in them."""
    return {
        "carts": [
            {
                **{name: getattr(cart, name) for name in _CART_FIELDS},
                "items": [
                    {
                        "sku": line.variant.sku,
                        "quantity": line.quantity,
                        "saved_for_later": line.saved_for_later,
                    }
                    for line in cart.lines.all()
                ],
            }
            for cart in carts_of(person).prefetch_related("lines__variant")
        ]
    }


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
                "invoices": [
                    {name: getattr(paper, name) for name in _INVOICE_FIELDS}
                    for paper in order.invoices.all()
                ],
            }
            for order in orders_of(person).prefetch_related("lines", "invoices")
        ]
    }
