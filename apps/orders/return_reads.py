"""Reads of returns, scoped to what the caller may see, and what a return is worth (PEER-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.facade import is_vendor_role
from apps.common.errors import PermissionDenied
from apps.orders.models import Order, Return, ReturnKind, ReturnLine, ReturnStatus
from apps.orders.return_amounts import worth_of_units
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
    """The returns that the user may see.

    Staff with `orders.read`: all. A vendor's people: those of their vendor's goods, and of their
    own purchases. Everybody else who is signed in: those of their own orders.
    """
    rows = Return.objects.select_related("order", "exchange_order")
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
    """An order's returns that the user may see; none for an order that they may not."""
    known = visible_to(user).filter(pk=order_id)
    return with_lines(returns_visible_to(user).filter(order__in=known)).order_by("created_at", "id")


def returns_of_guest(order_id: UUID) -> QuerySet[Return]:
    """An order's returns, for a guest who has proven that it is theirs."""
    rows = Return.objects.select_related("order", "exchange_order")
    return with_lines(rows.filter(order_id=order_id)).order_by("created_at", "id")


def vendor_of_return(found: Return) -> UUID:
    """Whose goods they are: those of one vendor."""
    return found.lines.all()[0].order_line.vendor_order.vendor_id


def acts_as(user: Any, found: Return) -> frozenset[Who]:
    """As whom the user may act on this return. An API key is the store's, and no buyer."""
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


@dataclass(frozen=True, slots=True)
class Worth:
    """What of a return can go back, in the order's subunit: by its lines, and of the shipping."""

    lines: dict[UUID, int]
    shipping_cents: int

    @property
    def goods_cents(self) -> int:
        """What the units are worth together."""
        return sum(self.lines.values())


def settled_units(row: ReturnLine, kind: str) -> int:
    """The units of a line that completing its return settles: what came, or what is claimed."""
    return row.quantity if kind == ReturnKind.CLAIM else row.received_quantity


def worth_of(found: Return, lines: Sequence[ReturnLine]) -> Worth:
    """What completing the return may give back at most. Exact only while the order is locked.

    lines: those that money goes back for, each with its order line. Serves C-43, I-18.
    """
    before = _settled_before(found)
    worths: dict[UUID, int] = {}
    for row in lines:
        line = row.order_line
        units, given = before.get(line.pk, (0, 0))
        here = min(settled_units(row, found.kind), line.quantity - units)
        worth = worth_of_units(line.total_cents, line.quantity, settled=units, units=max(here, 0))
        worths[row.pk] = max(min(worth, line.total_cents - given), 0)
    return Worth(worths, _shipping_left(found.order))


def _settled_before(found: Return) -> dict[UUID, tuple[int, int]]:
    """By order line: the units that completed returns settled, and what they gave back."""
    rows = ReturnLine.objects.filter(
        return_request__order_id=found.order_id, return_request__status=ReturnStatus.COMPLETED
    )
    rows = rows.exclude(return_request=found).select_related("return_request")
    found_before: dict[UUID, tuple[int, int]] = {}
    for row in rows:
        units, given = found_before.get(row.order_line_id, (0, 0))
        units += settled_units(row, row.return_request.kind)
        found_before[row.order_line_id] = (units, given + (row.refund_cents or 0))
    return found_before


def _shipping_left(order: Order) -> int:
    """What the order paid for shipping, its tax included, that no return has given back."""
    goods = sum(order.lines.values_list("total_cents", flat=True))
    done = Return.objects.filter(order=order, status=ReturnStatus.COMPLETED)
    return order.total_cents - goods - sum(done.values_list("refund_shipping_cents", flat=True))


__all__ = [
    "Worth",
    "acts_as",
    "check_may",
    "get_return",
    "of_vendor",
    "return_info",
    "returns_of_guest",
    "returns_of_order",
    "returns_visible_to",
    "settled_units",
    "vendor_of_return",
    "with_lines",
    "worth_of",
]
