"""Reads of returns, scoped to what the caller may see (PEER-07)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.facade import is_vendor_role
from apps.common.errors import PermissionDenied
from apps.orders.guests import OrderGuest
from apps.orders.models import Return, ReturnLine
from apps.orders.return_errors import ReturnNotFound
from apps.orders.return_states import MAY, Step, Who, steps_from
from apps.orders.selectors import visible_to
from apps.orders.types import ReturnInfo


def of_vendor(rows: QuerySet[Return], vendor_id: UUID) -> QuerySet[Return]:
    """Those of `rows` that are of the vendor's goods."""
    own = ReturnLine.objects.filter(
        return_request=OuterRef("pk"), order_line__vendor_order__vendor_id=vendor_id
    )
    return rows.filter(Exists(own))


def returns_visible_to(user: Any) -> QuerySet[Return]:
    """The returns that the user, or the OrderGuest, may see.

    A guest: those of the order that they have proven to be theirs. Staff with `orders.read`: all. A
    vendor's people: those of their vendor's goods, and of their own purchases. Everybody else who
    is signed in: those of their own orders.
    """
    rows = Return.objects.select_related("order", "exchange_order")
    if isinstance(user, OrderGuest):
        return rows.filter(order_id=user.order_id)
    if not user.is_authenticated:
        return rows.none()
    mine = Q(order__customer_id=user.pk)
    if is_vendor_role(user.role):
        if user.vendor_id is None:
            return rows.filter(mine)
        return rows.filter(mine | Q(pk__in=of_vendor(Return.objects.all(), user.vendor_id)))
    return rows if "orders.read" in user.permissions else rows.filter(mine)


def with_lines(rows: QuerySet[Return]) -> QuerySet[Return]:
    """The returns with their lines and whose goods these are, in one query more."""
    return rows.prefetch_related("lines__order_line__vendor_order")


def get_return(return_id: UUID, user: Any) -> Return:
    """One return with its lines. Raises ReturnNotFound, also for other people's."""
    found = with_lines(returns_visible_to(user)).filter(pk=return_id).first()
    if found is None:
        raise ReturnNotFound("There is no return with this id.")
    return found


def returns_of_order(order_id: UUID, user: Any) -> QuerySet[Return]:
    """An order's returns that the user, or the OrderGuest, may see."""
    rows = returns_visible_to(user).filter(order_id=order_id)
    if not isinstance(user, OrderGuest):
        rows = rows.filter(order__in=visible_to(user).filter(pk=order_id))
    return with_lines(rows).order_by("created_at", "id")


def vendor_of_return(found: Return) -> UUID:
    """Whose goods they are: those of one vendor."""
    return found.lines.all()[0].order_line.vendor_order.vendor_id


def acts_as(user: Any, found: Return) -> frozenset[Who]:
    """As whom the user may act on this return. An API key is the store's, and no buyer."""
    if isinstance(user, OrderGuest):
        return frozenset({Who.BUYER} if user.order_id == found.order_id else ())
    parts: set[Who] = set()
    if found.order.customer_id == user.pk:
        parts.add(Who.BUYER)
    if is_vendor_role(user.role):
        if user.vendor_id is not None and user.vendor_id == vendor_of_return(found):
            parts.add(Who.VENDOR)
        return frozenset(parts)
    if "orders.write" in user.permissions:
        parts.add(Who.STAFF)
    if "orders.refund" in user.permissions:
        parts.add(Who.FINANCE)
    return frozenset(parts)


def return_info(return_id: UUID, user: Any) -> ReturnInfo:
    """The return as the user sees it, for other apps. Raises ReturnNotFound."""
    found = get_return(return_id, user)
    label = found.label or {}
    weights = [(row.order_line.weight_grams or 0) * row.quantity for row in found.lines.all()]
    return ReturnInfo(
        id=found.pk,
        number=found.number,
        order_number=found.order.number,
        status=str(found.status),
        sender=found.order.shipping_address,
        weight_grams=sum(weights),
        is_awaited=Step.RECEIVE in steps_from(found.kind, found.status),
        may_receive=bool(MAY[Step.RECEIVE] & acts_as(user, found)),
        carrier=label.get("carrier", ""),
        tracking_number=label.get("tracking_number", ""),
        label_url=label.get("url", ""),
    )


def check_may(user: Any, found: Return, step: Step) -> None:
    """Raises PermissionDenied when the user may see the return but not take this step."""
    if not MAY[step] & acts_as(user, found):
        raise PermissionDenied(f"You may not {step} this return.")


__all__ = [
    "acts_as",
    "check_may",
    "get_return",
    "of_vendor",
    "return_info",
    "returns_of_order",
    "returns_visible_to",
    "vendor_of_return",
    "with_lines",
]
