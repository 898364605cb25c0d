"""What completing a return may give back, and out of which order's money (PEER-07, C-43, I-18)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.common.money import allocate
from apps.orders.dues import left_cents
from apps.orders.exchanges import is_replacement
from apps.orders.models import Order, OrderLine, Return, ReturnKind, ReturnLine, ReturnStatus
from apps.orders.return_amounts import worth_of_units

# What was paid for something: by the order whose money it is.
Paid = Counter[UUID]


@dataclass(frozen=True, slots=True)
class Worth:
    """What of a return can go back, in the order's subunit: by its lines, and of the shipping.

    A line's money is of the return's own order, or of the one whose goods were exchanged for it.
    """

    lines: dict[UUID, Paid]
    shipping_cents: int

    @property
    def goods_cents(self) -> int:
        """What the units are worth together."""
        return sum(money.total() for money in self.lines.values())


def settled_units(row: ReturnLine, kind: str) -> int:
    """The units of a line that completing its return settles: what came, or what is claimed."""
    return row.quantity if kind == ReturnKind.CLAIM else row.received_quantity


def worth_of(found: Return, lines: Sequence[ReturnLine], *, shipping_cents: int = 0) -> Worth:
    """What completing the return may give back at most. Exact only while its orders are locked.

    lines: those that money goes back for, each with its order line. What stands for goods that
    were paid in another order is worth what these were, to be given back once. It is no more than
    is left of that order's money; shipping_cents: what of it goes back for the shipping.
    """
    paid = paid_for(found.order)
    before = _settled(_completed(found.order_id).exclude(return_request=found))
    worths: dict[UUID, Paid] = {}
    for row in lines:
        units, given = before.get(row.order_line_id, (0, 0))
        money = paid[row.order_line_id]
        worths[row.pk] = _capped(_share(row, found.kind, money, units), money.total() - given)
    left = _left({found.order_id}.union(*worths.values()))
    shipping = _shipping_left(found.order)
    if found.order_id in left:
        shipping = min(shipping, left[found.order_id])
        left[found.order_id] -= min(shipping_cents, shipping)
    return Worth(_within(worths, left), shipping)


def replaced_by(order_id: UUID) -> Return | None:
    """The return whose goods the order stands for; None for an order that was bought."""
    return Return.objects.select_related("order").filter(exchange_order_id=order_id).first()


def given_beyond_cents(order: Order) -> int:
    """What returns gave back for lines beyond what these cost now, after an edit.

    Of a replacement it is nothing: its returns give back another order's money. Two queries at
    most. The order's row is locked.
    """
    given = _settled(_completed(order.pk)) if not is_replacement(order) else {}
    if not given:
        return 0
    costs = OrderLine.objects.filter(pk__in=given).values_list("pk", "total_cents")
    return sum(max(given[pk][1] - cents, 0) for pk, cents in costs)


def paid_for(order: Order) -> dict[UUID, Paid]:
    """By line, what was paid for it: its own total, and that of what it was exchanged for."""
    lines = list(order.lines.order_by("position", "pk"))
    paid = {line.pk: Paid({order.pk: line.total_cents}) for line in lines}
    origin = replaced_by(order.pk)
    if origin is None:
        return paid
    for variant_id, (units, money) in _replaced(origin).items():
        so_far = 0
        for line in (line for line in lines if line.variant_id == variant_id):
            here = min(line.quantity, units - so_far)
            paid[line.pk] += _part(money, units, so_far, here)
            so_far += here
    return paid


def _replaced(origin: Return) -> dict[UUID | None, tuple[int, Paid]]:
    """By the variant that is sent instead: for how many units, and what was paid for those.

    Once the return is completed: then lines without a refund are those that were replaced.
    """
    if origin.status != ReturnStatus.COMPLETED:
        return {}
    paid = paid_for(origin.order)
    earlier = Q(return_request__completed_at__lt=origin.completed_at) | Q(
        return_request__completed_at=origin.completed_at, return_request_id__lt=origin.pk
    )
    before = _settled(_completed(origin.order_id).filter(earlier))
    found: dict[UUID | None, tuple[int, Paid]] = {}
    rows = origin.lines.filter(exchange_variant_id__isnull=False, refund_cents=None)
    for row in rows.select_related("order_line"):
        units, money = found.get(row.exchange_variant_id, (0, Paid()))
        settled, _ = before.get(row.order_line_id, (0, 0))
        share = _share(row, origin.kind, paid[row.order_line_id], settled)
        found[row.exchange_variant_id] = (units + row.quantity, money + share)
    return found


def _share(row: ReturnLine, kind: str, money: Paid, settled: int) -> Paid:
    """What the units that a return settles are worth of what was paid for all of their line."""
    line = row.order_line
    here = min(settled_units(row, kind), line.quantity - settled)
    return _part(money, line.quantity, settled, max(here, 0))


def _part(money: Paid, quantity: int, settled: int, units: int) -> Paid:
    return Paid(
        {
            order_id: worth_of_units(cents, quantity, settled=settled, units=units)
            for order_id, cents in money.items()
        }
    )


def _capped(money: Paid, most: int) -> Paid:
    """No more of it than `most` together."""
    capped, left = Paid(), max(most, 0)
    for order_id, cents in money.items():
        capped[order_id] = max(min(cents, left), 0)
        left -= capped[order_id]
    return capped


def _left(order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What is left of the orders' money; one of which nothing was paid yet owes it for later."""
    orders = Order.objects.filter(pk__in=list(order_ids), paid_cents__gt=0)
    return {order.pk: left_cents(order) for order in orders}


def _within(worths: Mapping[UUID, Paid], left: Mapping[UUID, int]) -> dict[UUID, Paid]:
    """The lines' shares of what is left of each order's money, where they are worth more."""
    within = {pk: Paid(money) for pk, money in worths.items()}
    for order_id, most in left.items():
        parts = [money[order_id] for money in worths.values()]
        if sum(parts) > most:
            for money, part in zip(within.values(), allocate(most, parts), strict=True):
                money[order_id] = part
    return within


def _completed(order_id: UUID) -> QuerySet[ReturnLine]:
    return ReturnLine.objects.filter(
        return_request__order_id=order_id, return_request__status=ReturnStatus.COMPLETED
    ).select_related("return_request")


def _settled(rows: Iterable[ReturnLine]) -> dict[UUID, tuple[int, int]]:
    """By order line: the units that the returns settled, and what they gave back."""
    found: dict[UUID, tuple[int, int]] = {}
    for row in rows:
        units, given = found.get(row.order_line_id, (0, 0))
        units += settled_units(row, row.return_request.kind)
        found[row.order_line_id] = (units, given + (row.refund_cents or 0))
    return found


def _shipping_left(order: Order) -> int:
    """What the order paid for shipping, its tax included, that no return has given back."""
    goods = sum(order.lines.values_list("total_cents", flat=True))
    done = Return.objects.filter(order=order, status=ReturnStatus.COMPLETED)
    return order.total_cents - goods - sum(done.values_list("refund_shipping_cents", flat=True))


__all__ = ["Worth", "given_beyond_cents", "paid_for", "replaced_by", "settled_units", "worth_of"]
