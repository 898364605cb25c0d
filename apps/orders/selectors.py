"""Reads of orders, scoped to what the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from apps.accounts.facade import is_vendor_role
from apps.common.ids import NO_VENDOR
from apps.common.queries import hold
from apps.orders.dues import AMOUNTS
from apps.orders.errors import OrderNotFound
from apps.orders.models import (
    Order,
    OrderHistory,
    OrderLine,
    OrderNote,
    OrganizationMember,
    OrganizationRole,
    ReturnLine,
    ReturnStatus,
    VendorOrder,
)


def vendor_of(user: Any) -> UUID | None:
    """The vendor that the user acts for, or None when they act for none."""
    return user.vendor_id if is_vendor_role(user.role) else None


def visible_to(user: Any) -> QuerySet[Order]:
    """The orders that the user may see (ORD-04, ORD-18).

    Staff with `orders.read`: all. A vendor's people: those with a part of theirs, and their own
    purchases. Everybody else who is signed in: their own, and those of a company whose approver
    they are (PEER-25).
    """
    if not user.is_authenticated:
        return Order.objects.none()
    own = Q(customer_id=user.pk) | company_orders(user, roles=[OrganizationRole.APPROVER])
    if is_vendor_role(user.role):
        if user.vendor_id is None:
            return Order.objects.filter(own)
        parts = VendorOrder.objects.filter(order=OuterRef("pk"), vendor_id=user.vendor_id)
        return Order.objects.filter(own | Q(Exists(parts)))
    if "orders.read" in user.permissions:
        return Order.objects.all()
    return Order.objects.filter(own)


def company_orders(user: Any, *, roles: Sequence[str] = OrganizationRole.values) -> Q:
    """The orders placed for the companies in which the user has one of the roles.

    The companies are found once and their ids compared as the orders keep them, so that an index
    serves however many orders there are.
    """
    ids = (
        OrganizationMember.objects.filter(user_id=user.pk, role__in=roles)
        .order_by()
        .values_list(Cast("organization_id", CharField()))
    )
    theirs = Func(
        F("organization_id"),
        ArraySubquery(ids),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return ~Q(organization_id="") & Q(theirs)


def approves_for(user: Any, order: Order) -> bool:
    """Whether the user is an approver of the company that the order was placed for."""
    if getattr(user, "kind", "user") != "user":
        return False
    mine = company_orders(user, roles=[OrganizationRole.APPROVER])
    return Order.objects.filter(mine, pk=order.pk).exists()


def with_parts(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with lines and vendor orders, in two queries more however many they are."""
    return orders.prefetch_related("lines", "vendor_orders")


def shown_to(order: Order, user: Any) -> Order:
    """The order as the user sees it: to a vendor it consists of that vendor's part alone.

    Changes the instance in memory, amounts included; it must not be saved.
    """
    vendor_id = vendor_of(user)
    if vendor_id is None or order.customer_id == user.pk:
        return order
    parts = [part for part in order.vendor_orders.all() if part.vendor_id == vendor_id]
    ids = {part.pk for part in parts}
    lines = [line for line in order.lines.all() if line.vendor_order_id in ids]
    hold(order, "vendor_orders", parts)
    hold(order, "lines", lines)
    order.subtotal_cents = sum(line.unit_price_cents * line.quantity for line in lines)
    order.discount_cents = sum(line.discount_cents for line in lines)
    order.shipping_cents = sum(part.shipping_cents for part in parts)
    # A part from before parts had sums of their own has no tax on shipping either.
    order.tax_cents = max(
        sum(part.tax_cents for part in parts), sum(line.tax_cents for line in lines)
    )
    order.tax_included_cents = sum(line.tax_included_cents for line in lines)
    order.total_cents = (
        order.subtotal_cents - order.discount_cents + order.tax_cents + order.shipping_cents
    )
    order.__dict__["_is_part"] = True
    return order


def is_part(order: Order) -> bool:
    """Whether `shown_to` made one vendor's part of the instance."""
    return "_is_part" in order.__dict__


def find_visible(order_id: UUID, user: Any) -> Order | None:
    """One order as the user sees it, or None."""
    order = with_parts(visible_to(user)).filter(pk=order_id).first()
    return shown_to(order, user) if order is not None else None


def get_visible(order_id: UUID, user: Any) -> Order:
    """One order as the user sees it. Raises OrderNotFound, also for other people's."""
    order = find_visible(order_id, user)
    if order is None:
        raise OrderNotFound("There is no order with this id.")
    return order


# What only the store's staff learns of: neither the buyer nor a vendor.
_INTERNAL = ("hold", "note", "tags")
# What is about more than one vendor's part.
_WHOLE = ("line", "payment_status", *AMOUNTS)
# What happened to a return: the reason begins with its number.
_RETURN = "return"
_FIRST_WORD = Func(
    F("reason"), Value(" "), Value(1), function="split_part", output_field=CharField()
)


def is_staff(user: Any) -> bool:
    """Whether the user reads all orders for the store; a vendor's people never do."""
    return "orders.read" in user.permissions and not is_vendor_role(user.role)


def history_of(order_id: UUID, user: Any) -> QuerySet[OrderHistory]:
    """What happened to an order, oldest first, as far as the user may know (ORD-20, PEER-12).

    A vendor learns neither the amounts of the whole order nor what others sell in it, or take back.
    """
    rows = OrderHistory.objects.filter(order_id=order_id)
    if is_staff(user):
        return rows
    if is_vendor_role(user.role):
        numbers = ReturnLine.objects.filter(
            return_request__order_id=order_id,
            order_line__vendor_order__vendor_id=user.vendor_id or NO_VENDOR,
        ).values("return_request__number")
        own = ~Q(field=_RETURN) | Q(first_word__in=numbers)
        rows = rows.annotate(first_word=_FIRST_WORD).filter(
            Q(order__customer_id=user.pk) | (~Q(field__in=_WHOLE) & own)
        )
    return rows.exclude(field__in=_INTERNAL)


def shown_steps(steps: Sequence[OrderHistory], user: Any) -> Sequence[OrderHistory]:
    """Steps of an order's history as the user may read them: without the notes of approvals.

    They stay within the store, and the vendor has its own with the return. Changes the instances in
    memory; they must not be saved.
    """
    if not is_staff(user):
        for step in steps:
            # Rows from before say more than the return's number.
            if (step.field, step.new_value) == (_RETURN, ReturnStatus.APPROVED):
                step.reason = step.reason.partition(" ")[0]
    return steps


def own_part(order_id: UUID, user: Any) -> VendorOrder | None:
    """The part of the vendor that the user acts for.

    None for who acts for none. Raises OrderNotFound for a vendor without a part in the order.
    """
    if not is_vendor_role(user.role):
        return None
    parts = VendorOrder.objects.filter(order_id=order_id, vendor_id=user.vendor_id)
    part = parts.first() if user.vendor_id is not None else None
    if part is None:
        raise OrderNotFound("There is no order with this id.")
    return part


def notes_visible_to(user: Any, order_id: UUID) -> QuerySet[OrderNote]:
    """The notes beside an order: all for staff, a vendor's own for a vendor (PEER-12).

    Raises OrderNotFound.
    """
    part = own_part(order_id, user)
    notes = OrderNote.objects.filter(order_id=order_id).order_by("created_at", "id")
    if part is not None:
        return notes.filter(vendor_order=part)
    get_visible(order_id, user)
    return notes if is_staff(user) else notes.none()


def vendor_orders_visible_to(user: Any) -> QuerySet[VendorOrder]:
    """A vendor's own parts; for staff all of them (ORD-17)."""
    parts = VendorOrder.objects.select_related("order").prefetch_related(
        Prefetch("lines", queryset=OrderLine.objects.order_by("position"))
    )
    if is_vendor_role(user.role):
        return parts.filter(vendor_id=user.vendor_id) if user.vendor_id else parts.none()
    return parts
