"""Edits of the order that is sent instead of returned goods: what costs nothing stays so."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.editing import EditRequest
from apps.orders.facade import LineRequest
from apps.orders.models import Order, OrderLine, PromotionUse
from apps.orders.services.approve_return import approve_return
from apps.orders.services.edit_order import EditResult, edit_order
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS, make_order
from tests.orders.facts import captured, tell
from tests.orders.returns.factories import ask, delivered_order
from tests.orders.rules_factories import make_method, make_promotion, make_tax
from tests.support.people import make_user


def replacement() -> Any:
    """The order of two units of another size at 20.00, sent free of charge instead of two."""
    variants = [
        {"sku": sku, "price_cents": 2000, "options": {"size": sku}} for sku in ("TEE-S", "TEE-M")
    ]
    medium = make_product(variants=variants, stock=10).variant_ids[1]
    make_method(594)
    order = delivered_order(make_user(), sku="TEE-S", quantity=2)
    found = ask(order, 2, kind="exchange", wanted=medium)
    return approve_return(return_id=found.pk).exchange_order


def edit(order: Any, *units: int, add: tuple[LineRequest, ...] = (), **fields: Any) -> EditResult:
    """units: of the order's lines, in their order."""
    rows = OrderLine.objects.filter(order_id=order.pk).order_by("position")
    lines = tuple((row.pk, wanted) for row, wanted in zip(rows, units, strict=False))
    request = EditRequest(lines=lines, add=add, **fields)
    return edit_order(order_id=order.pk, request=request)


@pytest.mark.covers("PEER-07", "PEER-08")
def test_what_is_sent_instead_costs_nothing_however_it_is_sent(store: StoreRef) -> None:
    instead = replacement()
    make_method(990, code="express", name="Express")

    moved = edit(instead, shipping_address={**ADDRESS, "line1": "2 Other Way"})
    faster = edit(instead, shipping_method="express")
    fewer = edit(instead, 1)
    again = edit(instead, 2)

    for result in (moved, faster, fewer, again):
        assert (result.refund_cents, result.due_cents) == (0, 0)
        assert (result.after["total_cents"], result.after["shipping_cents"]) == (0, 0)
    row = Order.objects.get(pk=instead.pk)
    assert (row.payment_status, row.subtotal_cents, row.discount_cents) == ("paid", 4000, 4000)


@pytest.mark.covers("PEER-07", "PEER-08")
def test_more_than_came_back_is_paid_in_full(store: StoreRef) -> None:
    make_tax("10")
    make_product(sku="CAP", price_cents=3000, stock=10)
    instead = replacement()

    more = edit(instead, 3)
    other = edit(instead, 1, add=(LineRequest(sku="CAP"),))
    without = edit(instead, 0)

    assert (more.due_cents, more.after["shipping_cents"]) == (2200, 0)
    assert (other.due_cents, other.after["discount_cents"]) == (3300, 2000)
    assert (without.due_cents, without.after["discount_cents"]) == (3300, 0)
    assert Order.objects.get(pk=instead.pk).payment_status == "partially_paid"


@pytest.mark.covers("PEER-07", "PEER-08", "C-43")
def test_what_is_added_bears_nothing_of_what_was_taken_off(store: StoreRef) -> None:
    """Each line is worth what was paid for it, so that is what goes back for it."""
    make_product(sku="CAP", price_cents=3000, stock=10)
    instead = replacement()

    edit(instead, add=(LineRequest(sku="CAP"),))
    edit(instead, 1, 2)

    rows = OrderLine.objects.filter(order_id=instead.pk).order_by("position")
    assert [(row.sku, row.discount_cents, row.total_cents) for row in rows] == [
        ("TEE-M", 2000, 0),
        ("CAP", 0, 6000),
    ]


@pytest.mark.covers("PEER-07", "PEER-08", "PEER-01")
def test_no_promotion_applies_to_what_is_sent_instead(store: StoreRef) -> None:
    instead = replacement()
    make_promotion()

    result = edit(instead, 1)

    assert (result.after["total_cents"], result.after["discount_cents"]) == (0, 2000)
    assert not PromotionUse.objects.filter(order_id=instead.pk).exists()


@pytest.mark.covers("PEER-08", "PEER-01")
def test_shipping_that_a_promotion_takes_off_follows_the_promotion(store: StoreRef) -> None:
    make_method(594)
    make_promotion("free_shipping", minimums={"USD": 3000})
    order = make_order(price_cents=2000, quantity=2)
    tell(captured(order))
    assert (order.total_cents, order.shipping_cents) == (4000, 0)
    row = Order.objects.get(pk=order.id)

    assert edit(row, 3).after["shipping_cents"] == 0
    assert edit(row, 1).after["shipping_cents"] == 594
