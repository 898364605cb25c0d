"""The door of orders for other apps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.types import Person
from apps.common.queries import first
from apps.orders.guests import buyer_of
from apps.orders.locks import locked_order, order_in_hand
from apps.orders.mapping import to_info
from apps.orders.models import VendorOrder
from apps.orders.parts import order_row
from apps.orders.personal import orders_of
from apps.orders.ports import (
    PaymentWish,
    TaxProvider,
    TaxRequest,
    register_payment_starter,
    register_tax_provider,
)
from apps.orders.return_reads import return_info
from apps.orders.selectors import find_visible, visible_to
from apps.orders.services import cancel_order as _cancelling
from apps.orders.services import label_return as _labelling
from apps.orders.services import place_order as _placing
from apps.orders.types import LineRequest, NewOrder, OrderInfo, ReturnInfo

__all__ = [
    "LineRequest",
    "NewOrder",
    "PaymentWish",
    "TaxProvider",
    "TaxRequest",
    "buyer_of",
    "cancel_order",
    "get_order",
    "label_return",
    "lock_order",
    "order_in_hand",
    "order_of_vendor_order",
    "orders_of_person",
    "place_order",
    "register_payment_starter",
    "register_tax_provider",
    "visible_order",
    "visible_order_ids",
    "visible_return",
]


def place_order(new: NewOrder) -> OrderInfo:
    """Place an order at today's price and reserve its stock, in the caller's transaction if any.

    One that could not get its stock is kept as `cancelled` and has `shortages`. Publishes
    OrderCreated, and OrderConfirmed or OrderCancelled. Raises ValidationFailed, PriceChanged,
    TotalChanged, PromotionExhausted.
    """
    placement = _placing.place_order(new)
    return to_info(placement.order, shortages=placement.shortages)


def cancel_order(*, order_id: UUID, reason: str) -> OrderInfo:
    """Cancel an order; one that is cancelled already stays as it is.

    Locks the order. Publishes OrderCancelled. Raises OrderNotFound, and StepNotPossible for one
    that is delivered or on its way.
    """
    return _cancelling.cancel_order(order_id=order_id, reason=reason, repeatable=True)


def get_order(order_id: UUID) -> OrderInfo | None:
    """An order of the current store."""
    order = first(order_row(order_id))
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


def visible_return(return_id: UUID, user: Any) -> ReturnInfo:
    """A return as `user` (a request's user, or `buyer_of`) sees it. Raises ReturnNotFound."""
    return return_info(return_id, user)


def label_return(
    *, return_id: UUID, user: Any, carrier: str, tracking_number: str, url: str
) -> ReturnInfo:
    """Keep what a return's goods are sent back with; see `services/label_return.py`."""
    _labelling.label_return(
        return_id=return_id, carrier=carrier, tracking_number=tracking_number, url=url
    )
    return return_info(return_id, user)
