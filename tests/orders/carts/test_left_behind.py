"""Carts that are left behind: told once, reminded of, recovered, and in the end deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.services.change_status import change_status
from apps.common.context import StoreRef
from apps.events.contracts import CartCheckout
from apps.events.facade import publish
from apps.events.models import Event
from apps.notifications.models import Notification
from apps.orders.models import Cart, CartLine
from apps.orders.services.clear_carts import delete_idle_carts
from apps.orders.services.tell_abandoned_carts import tell_abandoned_carts
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, ITEMS, Shopper
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
Drain = Callable[[], int]


@pytest.fixture(autouse=True)
def _own_mail(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.EMAIL_BACKEND = "apps.notifications.channels.file_mail.FileBackend"


@pytest.fixture
def guest(api: Api, store: StoreRef) -> Shopper:
    make_product(sku="TEE-S", price_cents=1999, stock=100, name="Tee")
    shopper = Shopper(api())
    shopper.add(quantity=2)
    shopper.send("patch", CART, {"email": "ada@example.com"})
    return shopper


def leave(minutes: float, **which: Any) -> None:
    moment = timezone.now() - timedelta(minutes=minutes)
    Cart.objects.filter(**which).update(active_at=moment)


def told() -> list[dict[str, Any]]:
    return [event.payload for event in Event.objects.filter(topic="cart.abandoned")]


@pytest.mark.covers("PEER-17")
def test_an_idle_cart_with_an_address_is_told_once_and_reminded_of(
    guest: Shopper, drain: Drain
) -> None:
    assert tell_abandoned_carts() == 0
    leave(settings.CART_ABANDONED_MINUTES + 1)

    assert (tell_abandoned_carts(), tell_abandoned_carts()) == (1, 0)

    [payload] = told()
    cart = Cart.objects.get()
    assert (payload["cartId"], payload["customerId"]) == (str(cart.pk), None)
    assert (payload["email"], payload["totalCents"], payload["currency"]) == (
        "ada@example.com",
        3998,
        "USD",
    )
    (item,) = payload["items"]
    assert (item["sku"], item["quantity"], item["unitPriceCents"]) == ("TEE-S", 2, 1999)
    assert cart.abandoned_at is not None
    drain()
    mail = Notification.objects.get(template_name="cart_abandoned")
    assert (mail.recipient, mail.status) == ("ada@example.com", "sent")
    assert mail.subject == "Your cart at Acme is waiting"


@pytest.mark.covers("PEER-17")
def test_who_comes_back_and_leaves_again_is_told_of_again_but_not_mailed_twice_a_day(
    guest: Shopper, drain: Drain
) -> None:
    leave(500)
    tell_abandoned_carts()
    drain()

    guest.add()
    assert Cart.objects.values_list("abandoned_at", "recovered").get() == (None, True)
    leave(500)
    assert tell_abandoned_carts() == 1
    drain()

    assert len(told()) == 2
    assert Notification.objects.filter(template_name="cart_abandoned").count() == 1


@pytest.mark.covers("PEER-17")
def test_nobody_is_told_of_a_cart_that_nobody_can_be_written_to_about(
    guest: Shopper, api: Api
) -> None:
    Shopper(api()).add()
    saved = guest.cart()["lines"][0]["id"]
    guest.send("patch", f"{ITEMS}/{saved}", {"saved_for_later": True})
    leave(500)

    assert tell_abandoned_carts() == 0
    leave(60 * 24 * 10)
    guest.send("patch", f"{ITEMS}/{saved}", {"saved_for_later": False})
    leave(60 * 24 * 10)
    assert tell_abandoned_carts() == 0
    assert told() == []


@pytest.mark.covers("PEER-17")
def test_a_customer_is_told_of_by_the_address_of_the_account(guest: Shopper, api: Api) -> None:
    user = make_user(email="bea@example.com")
    Shopper(api(user)).add()
    leave(500, customer=user)

    assert tell_abandoned_carts() == 1

    [payload] = told()
    assert (payload["email"], payload["customerId"]) == ("bea@example.com", str(user.id))


@pytest.mark.covers("PEER-17", "CRT-03")
def test_an_order_of_a_cart_that_was_left_behind_is_a_recovery(
    guest: Shopper, api: Api, drain: Drain
) -> None:
    other = Shopper(api())
    other.add()
    leave(500)
    tell_abandoned_carts()

    for cart in Cart.objects.all():
        with transaction.atomic():
            publish(
                CartCheckout(cart_id=cart.pk, order_id=uuid4(), total_cents=3998, currency="USD")
            )
    drain()

    assert dict(Cart.objects.values_list("email", "recovered")) == {
        "ada@example.com": True,
        "": False,
    }


@pytest.mark.covers("CRT-02")
def test_guests_carts_go_in_time_and_customers_stay(guest: Shopper, api: Api) -> None:
    user = make_user()
    Shopper(api(user)).add()
    fresh = Shopper(api())
    fresh.add()
    days = settings.CART_KEPT_DAYS * 24 * 60
    leave(days + 1, customer=user)
    leave(days + 1, email="ada@example.com")

    assert delete_idle_carts() == 1

    assert guest.cart()["id"] is None
    assert fresh.cart()["id"] is not None
    assert Cart.objects.filter(customer=user).exists()


@pytest.mark.covers("CMP-01", "ACC-18")
def test_the_cart_of_who_has_left_is_gone(api: Api, guest: Shopper, drain: Drain) -> None:
    user = make_user()
    Shopper(api(user)).add()

    change_status(user_id=user.id, status="deactivated")
    drain()

    assert not Cart.objects.filter(customer=user).exists()
    assert CartLine.objects.count() == 1


@pytest.mark.slow
@pytest.mark.covers("PEER-17", "R1")
def test_two_sweeps_at_once_tell_each_cart_once(live_store: StoreRef) -> None:
    from apps.orders.cart_types import Holder
    from apps.orders.services.add_to_cart import add_to_cart
    from apps.orders.types import LineRequest

    make_product(sku="TEE-S", stock=100)
    for _ in range(45):
        add_to_cart(holder=Holder(), items=[LineRequest(sku="TEE-S")])
    for n, cart in enumerate(Cart.objects.all()):
        cart.email = f"guest{n}@example.com"
        cart.active_at = timezone.now() - timedelta(minutes=300 + n)
        cart.save()

    results = at_once(live_store, [tell_abandoned_carts] * 3)

    assert [row for row in results if isinstance(row, Exception)] == []
    tell_abandoned_carts()
    keys = list(Event.objects.filter(topic="cart.abandoned").values_list("key", flat=True))
    assert (len(keys), len(set(keys))) == (45, 45)
