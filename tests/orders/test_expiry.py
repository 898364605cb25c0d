"""Orders that nobody paid give their stock back."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.inventory.facade import availability
from apps.orders.facade import cancel_order, get_order
from apps.orders.services.expire_orders import expire_orders
from apps.orders.tasks import expire
from apps.orders.types import OrderInfo
from tests.orders.factories import make_order
from tests.orders.facts import authorized, captured, tell


def overdue_order() -> OrderInfo:
    return make_order(expires_at=timezone.now() - timedelta(seconds=1), stock=10)


def status(order: OrderInfo) -> str:
    info = get_order(order.id)
    assert info is not None
    return info.status


@pytest.mark.covers("R3", "INV-05")
def test_an_overdue_unpaid_order_is_cancelled_and_its_stock_is_free(store: StoreRef) -> None:
    order = overdue_order()
    variant = order.lines[0].variant_id

    assert expire_orders() == 1

    info = get_order(order.id)
    assert info is not None
    assert (info.status, info.cancel_reason) == ("cancelled", "expired")
    assert availability([variant]) == {variant: 10}
    assert expire_orders() == 0


@pytest.mark.covers("R3")
def test_expiry_leaves_alone_what_is_not_due_paid_for_or_off_already(store: StoreRef) -> None:
    waiting = make_order()
    forever = make_order(expires_at=None)
    held, paid, off = overdue_order(), overdue_order(), overdue_order()
    tell(authorized(held))
    tell(captured(paid))
    cancel_order(order_id=off.id, reason="customer")

    assert expire_orders() == 0

    assert [status(order) for order in (waiting, forever, held, paid, off)] == [
        "confirmed",
        "confirmed",
        "confirmed",
        "paid",
        "cancelled",
    ]


def test_the_command_works_one_store_and_tells_how_many(live_store: StoreRef) -> None:
    overdue_order()
    out = StringIO()

    call_command("expire_orders", store=live_store.slug, stdout=out)

    assert out.getvalue() == f"Cancelled 1 overdue order(s) in {live_store.slug}.\n"


@pytest.mark.covers("TEN-01")
def test_the_task_visits_every_store(acme: StoreRef, globex: StoreRef) -> None:
    orders = []
    for store in (acme, globex):
        with enter_store(store):
            orders.append(overdue_order())

    expire()

    for store, order in zip((acme, globex), orders, strict=True):
        with enter_store(store):
            assert status(order) == "cancelled"
