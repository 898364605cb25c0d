"""Any sequence of allowed actions keeps every invariant; any refused one changes nothing (P10).

`make fuzz` tries 10,000 sequences.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.orders.facade import LineRequest
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_coupon, make_method, make_tax
from tests.orders.sequences.world import World, at_rest, check
from tests.support.people import make_user

pytestmark = pytest.mark.property
NAMES = (
    "pay",
    "authorise",
    "decline",
    "capture",
    "void",
    "refund",
    "cancel",
    "expire",
    "hold",
    "release",
    "edit",
    "ship",
    "deliver",
    "ask back",
    "approve",
    "turn down",
    "call off",
    "receive",
    "complete",
    "adjust",
    "work",
)
# Left to chance alone, few sequences would come as far as a delivered order.
_FAR = [("pay", 0), ("work", 0), ("ship", 0), ("ship", 1), ("deliver", 0), ("deliver", 1)]
steps = st.tuples(st.sampled_from(NAMES), st.integers(0, 4))
sequences = st.lists(steps, min_size=1, max_size=10)
# A sequence costs a thousand times what a basket does: a few in every run, 10,000 in `make fuzz`.
_BEGINNINGS = (0, 2, 4, 6)
_EXAMPLES = (settings.default.max_examples if settings.default.max_examples > 1_000 else 32) // 4


@pytest.fixture
def world(store: Any) -> World:
    """A confirmed order of goods of two vendors, with tax, shipping and a coupon."""
    make_tax("8.875")
    make_method(490)
    make_coupon("TEN", max_uses=3)
    skus = (f"A-{uuid4().hex[:6]}", f"B-{uuid4().hex[:6]}")
    make_product(sku=skus[0], price_cents=1_999, stock=6)
    make_product(sku=skus[1], price_cents=333, stock=6, vendor=make_vendor("Potter"))
    user = make_user()
    order = make_order(
        user,
        items=[LineRequest(skus[0], quantity=2), LineRequest(skus[1], quantity=3)],
        coupon_codes=("TEN",),
    )
    return World(order.id, user, skus)


@pytest.mark.covers("P10", "ORD-13", "I-06", "I-56", "P9", "PEER-07", "PEER-08")
@pytest.mark.parametrize("begun", _BEGINNINGS)
@settings(
    max_examples=_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=sequences)
def test_whatever_is_done_every_invariant_holds(
    world: World, begun: int, sequence: list[tuple[str, int]]
) -> None:
    # By hand: an atomic block would be a transaction in which no gateway may be asked.
    before = transaction.savepoint()
    try:
        for name, number in [*_FAR[:begun], *sequence]:
            world.take(name, number)
            check(world.order_id)
        at_rest(world.order_id)
    finally:
        transaction.savepoint_rollback(before)
