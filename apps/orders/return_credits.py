"""Which lines of an order the money of a return is for: what a credit note names (PEER-11)."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from apps.common.money import allocate
from apps.orders.models import Order, OrderLine, Return
from apps.orders.return_worth import paid_for, replaced_by

# In the subunit of the order's currency, by the line.
_Given = Counter[UUID]


def given_for(order: Order, source_id: UUID) -> dict[str, int]:
    """What a return gives back of the order, by the line's id, and of the shipping by "".

    A return of goods that were sent for those of the order is followed back to its lines, through
    however many exchanges; it may give back more than came out of this order's money. Empty where
    it does not lead here.
    """
    found = Return.objects.filter(pk=source_id).first()
    if found is None:
        return {}
    rows = found.lines.values_list("order_line_id", "refund_cents")
    given = _Given({pk: cents or 0 for pk, cents in rows})
    if found.order_id == order.pk:
        return _by_text(given) | {"": found.refund_shipping_cents}
    order_id = found.order_id
    while order_id != order.pk:
        origin = replaced_by(order_id)
        if origin is None:
            return {}
        given = _of_earlier(given, origin, order.pk)
        order_id = origin.order_id
    return _by_text(given)


def _by_text(given: _Given) -> dict[str, int]:
    return {str(pk): cents for pk, cents in given.items()}


def _of_earlier(given: _Given, origin: Return, payer: UUID) -> _Given:
    """The same money by the lines of the order whose goods came back for these.

    Where several lines came back for the same variant, by what the payer's order was paid for each.
    """
    paid = paid_for(origin.order)
    weights: dict[UUID | None, _Given] = {}
    for row in origin.lines.filter(refund_cents=None).select_related("order_line"):
        worth = paid[row.order_line_id][payer] * row.quantity // row.order_line.quantity
        weights.setdefault(row.exchange_variant_id, _Given())[row.order_line_id] = worth
    found = _Given()
    for line in OrderLine.objects.filter(pk__in=given):
        replaced = weights.get(line.variant_id, _Given())
        if replaced.total():
            shares = allocate(given[line.pk], list(replaced.values()))
            found += _Given(dict(zip(replaced, shares, strict=True)))
    return found
