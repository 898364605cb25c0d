"""A reservation lasts while its buyer is paying, and no longer than it may (PEER-28)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from apps.orders.models import Order
from apps.payments.facade import create_payment
from tests.orders.factories import make_order
from tests.support.people import make_user

pytestmark = pytest.mark.covers("PEER-28")
LIMIT = timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)


def tried(store: Any, *, age: timedelta, left: timedelta) -> tuple[Order, Order]:
    """An order of that age with so much time left, before and after an attempt to pay it."""
    user = make_user()
    order = make_order(user)
    now = timezone.now()
    Order.objects.filter(pk=order.id).update(created_at=now - age, expires_at=now + left)
    before = Order.objects.get(pk=order.id)
    create_payment(order_id=order.id, payment_method="pm_card_chargeDeclined", user=user)
    return before, Order.objects.get(pk=order.id)


def test_an_attempt_to_pay_gives_the_order_its_whole_time_again(store: Any) -> None:
    before, after = tried(store, age=LIMIT, left=timedelta(minutes=1))

    assert before.expires_at is not None
    assert after.expires_at is not None
    assert after.expires_at - before.expires_at > LIMIT - timedelta(minutes=2)


def test_it_is_never_held_longer_than_four_times_its_limit(store: Any) -> None:
    before, after = tried(store, age=4 * LIMIT - timedelta(minutes=5), left=timedelta(minutes=1))

    assert after.expires_at == before.created_at + 4 * LIMIT


def test_an_order_that_has_more_time_keeps_it(store: Any) -> None:
    before, after = tried(store, age=timedelta(0), left=2 * LIMIT)

    assert after.expires_at == before.expires_at
