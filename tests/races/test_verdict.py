"""The judge of the races notices what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.races.journal import Journal
from tests.races.plan import Good, Round, plan_round
from tests.races.verdict import find_faults, judge

PLANTED = {
    "order stuck": "UPDATE orders_order SET status = 'confirmed'",
    "held for nobody": "UPDATE orders_order SET payment_status = 'unpaid'",
    "order without its stock": "UPDATE inventory_reservation SET status = 'released'",
    "levels and ledger differ": "UPDATE inventory_stocklevel SET on_hand = on_hand + 1",
    "shipped without its stock": "UPDATE inventory_reservation SET committed = 1",
    "order half written": "DELETE FROM orders_orderhistory",
    "ordered twice": "UPDATE orders_order SET email = 'same@example.com'",
    "money does not agree": "UPDATE orders_order SET paid_cents = paid_cents - 1",
    "charged without a payment": "UPDATE payments_payment SET gateway_id = 'other-' || id",
    "payment unsettled": "UPDATE payments_payment SET status = 'pending'",
    "delivery owed": "UPDATE events_delivery SET status = 'dead'",
}


@pytest.fixture
def paid(store: StoreRef, drain: Callable[[], int]) -> None:
    """Two orders, paid, of one SKU."""
    from django.contrib.auth.models import AnonymousUser

    from apps.payments.services.create_payment import create_payment
    from apps.payments.services.recover_payments import work_owed

    make_product(sku="R-TEE", stock=5)
    for name in ("ada", "bob"):
        order = make_order(sku="R-TEE", email=f"{name}@example.com")
        create_payment(
            order_id=order.id,
            payment_method="pm_card_visa",
            user=AnonymousUser(),
            email=order.email,
        )
    drain()
    work_owed()


@pytest.mark.covers("MOON-06")
def test_a_store_at_rest_has_no_fault(paid: None) -> None:
    assert find_faults() == []


@pytest.mark.covers("MOON-06", "I-09")
@pytest.mark.parametrize("what", PLANTED)
def test_each_planted_fault_is_found(paid: None, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLANTED[what])

    assert what in {line.partition(":")[0] for line in find_faults()}


@pytest.mark.covers("MOON-06", "I-03")
def test_stock_and_orders_are_compared_with_what_the_journals_tell(
    store: StoreRef, tmp_path: Path
) -> None:
    make_product(sku="R-TEE", stock=5)
    planned = plan_round("R", buyers=2, hot=True, seed=1)
    planned = Round(planned.name, (Good("R-TEE", 0, {"main": 4}),), planned.buyers)
    ada, bob = planned.buyers
    order = make_order(sku="R-TEE", email=ada.email, expires_at=timezone.now() + timedelta(hours=1))
    journal = Journal(tmp_path / "0.log")
    journal.write(what="answered", key=ada.key, order="another")
    journal.write(what="corrected", reason="Correction 1", sku="R-TEE", delta=1)
    journal.write(what="correcting", reason="Correction 1", sku="R-TEE", delta=1)

    complaints = judge(planned, tmp_path).complaints

    assert f"{ada.key} was told of {{'another'}}, and has {order.id}" in complaints
    assert f"{bob.key} has no order" in complaints
    assert "R-TEE: 5 on hand, 4 were put there" in complaints
    assert any(line.startswith("correction lost") for line in complaints)
