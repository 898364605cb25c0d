"""The door of orders for other apps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.types import Person
from apps.orders.locks import locked_order
from apps.orders.mapping import to_info
from apps.orders.models import Order, VendorOrder
from apps.orders.personal import orders_of
from apps.orders.selectors import find_visible, visible_to, with_parts
from apps.orders.services import cancel_order as _cancelling
from apps.orders.services import place_order as _placing
from apps.orders.types import DEFAULT_EXPIRY, Expiry, LineRequest, OrderInfo

__all__ = [
    "DEFAULT_EXPIRY",
    "LineRequest",
    "cancel_order",
    "get_order",
    "lock_order",
    "order_of_vendor_order",
    "orders_of_person",
    "place_order",
    "visible_order",
    "visible_order_ids",
]


def place_order(
    *,
    items: Sequence[LineRequest],
    currency: str,
    customer_id: UUID | None,
    email: str,
    shipping_address: dict[str, Any] | None,
    notes: str = "",
    organization_id: str = "",
    purchase_order_number: str = "",
    shipping_method: str = "",
    source: str = "api",
    expires_at: datetime | Literal[Expiry.DEFAULT] | None = DEFAULT_EXPIRY,
) -> OrderInfo:
    """Place an order at catalog prices and reserve its stock, in the caller's transaction if any.

    `email` may be empty for a customer with an account. expires_at: None means never. One that
    could not get its stock is kept as `cancelled` and has `shortages`. Publishes OrderCreated,
    and OrderConfirmed or OrderCancelled. Raises ValidationFailed, PriceChanged.
    """
    placement = _placing.place_order(
        items=items,
        currency=currency,
        customer_id=customer_id,
        email=email,
        shipping_address=shipping_address,
        notes=notes,
        organization_id=organization_id,
        purchase_order_number=purchase_order_number,
        shipping_method=shipping_method,
        source=source,
        expires_at=expires_at,
    )
    return to_info(placement.order, shortages=placement.shortages)


def cancel_order(*, order_id: UUID, reason: str) -> OrderInfo:
    """Cancel an order; one that is cancelled already stays as it is.

    Locks the order. Publishes OrderCancelled. Raises OrderNotFound, and StepNotPossible for one
    that is delivered or on its way.
    """
    return _cancelling.cancel_order(order_id=order_id, reason=reason, repeatable=True)


def get_order(order_id: UUID) -> OrderInfo | None:
    """An order of the current store."""
    order = with_parts(Order.objects.all()).filter(pk=order_id).first()
    return to_info(order) if order is not None else None


def lock_order(order_id: UUID, *, parts: bool = True) -> OrderInfo:
    """The order, locked until the caller's transaction ends. Raises OrderNotFound.

    Whoever changes something that the order's state decides takes this lock first. Without
    `parts` its lines and vendor orders are not read, and those of the answer are empty.
    """
    return to_info(locked_order(order_id), parts=parts)


def order_of_vendor_order(vendor_order_id: UUID) -> UUID | None:
    """The id of the order that a vendor order is part of."""
    owners = VendorOrder.objects.filter(pk=vendor_order_id).values_list("order_id", flat=True)
    return owners.first()


def orders_of_person(person: Person) -> list[UUID]:
    """The ids of a person's orders, also when they were anonymised before."""
    return list(orders_of(person).values_list("pk", flat=True))


def visible_order(order_id: UUID, user: Any) -> OrderInfo | None:
    """The order as the API shows it to `user` (a request's user), or None.

    To a vendor's people it consists of their vendor's lines and vendor order alone.
    """
    order = find_visible(order_id, user)
    return to_info(order) if order is not None else None


def visible_order_ids(user: Any) -> QuerySet[Any, UUID] | None:
    """The ids of the orders that `user` may see, as a subquery; None means all of them."""
    orders = visible_to(user)
    if not orders.query.where:
        return None
    return orders.values_list("pk", flat=True)
