"""Two who change the same rule at the same moment follow each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from apps.common.context import StoreRef
from apps.orders.models import Market, ShippingZone
from apps.orders.services.save_market import lock_market, update_market
from apps.orders.services.save_zone import lock_zone, update_zone
from tests.orders.rules_factories import make_market
from tests.orders.test_promotion_races import somebody_waits, wait_until
from tests.support.work import at_once


def _zone() -> tuple[Callable[[], Any], Callable[[str], Any]]:
    zone = ShippingZone.objects.create(name="Near", countries=["DE"])
    change = partial(update_zone, zone_id=zone.pk)
    return partial(lock_zone, zone.pk), lambda name: change(changes={"name": name})


def _market() -> tuple[Callable[[], Any], Callable[[str], Any]]:
    make_market("main")
    change = partial(update_market, code="main")
    return partial(lock_market, "main"), lambda name: change(changes={"name": name})


@pytest.mark.slow
@pytest.mark.covers("PEER-21", "PEER-30", "PEER-56")
@pytest.mark.parametrize(("make", "model"), [(_zone, ShippingZone), (_market, Market)])
def test_who_checks_the_version_and_who_does_not_never_wait_for_each_other(
    live_store: StoreRef, make: Any, model: Any
) -> None:
    lock, rename = make()
    locked = Event()

    def guarded() -> None:
        """As a call with If-Match does it: the version is read under the lock, then changed."""
        with transaction.atomic():
            lock()
            locked.set()
            wait_until(somebody_waits)
            rename("Guarded")

    def plain() -> None:
        locked.wait(30)
        rename("Plain")

    assert at_once(live_store, [guarded, plain]) == [None, None]
    assert model.objects.get().name == "Plain"
