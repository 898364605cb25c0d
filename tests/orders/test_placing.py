"""Placing an order through the facade."""

from __future__ import annotations

from apps.common.context import StoreRef
from tests.orders.factories import make_order


def test_smoke(store: StoreRef, django_assert_max_num_queries) -> None:
    order = make_order(quantity=2)
    assert (order.status, order.total_cents) == ("confirmed", 3998)
