"""Files, cached answers, admin pages and commands of one store show nothing of another."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from apps.accounts.models import User
from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.orders.models import Order
from apps.shipping.models import Shipment
from tests.isolation.world import Side
from tests.support.people import PASSWORD

PAGES = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in store_admin._registry
]


def browser(side: Side) -> Client:
    """The owner's browser at the store's host."""
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        client.force_login(side.owner)
    return client


@pytest.mark.covers("T2", "T8")
def test_an_admin_session_of_one_store_is_no_session_in_another(
    acme_side: Side, globex_side: Side
) -> None:
    client = browser(acme_side)

    own = client.get("/admin/", HTTP_HOST="acme.localhost")
    other = client.get("/admin/", HTTP_HOST="globex.localhost")
    platform = client.get("/admin/", HTTP_HOST="platform.localhost")

    assert own.status_code == 200
    assert (other.status_code, platform.status_code) == (302, 302)


@pytest.mark.covers("T4", "TEN-01", "TEN-02")
def test_no_admin_list_shows_another_stores_rows(acme_side: Side, globex_side: Side) -> None:
    for side, other in ((acme_side, globex_side), (globex_side, acme_side)):
        client = browser(side)
        seen = 0
        for page in PAGES:
            answer = client.get(page)
            body = answer.content.decode()
            assert answer.status_code == 200, page
            assert other.canary not in body, page
            seen += side.canary in body
        # The store's own canary is there, so the lists did show something.
        assert seen >= 3


@pytest.mark.covers("T10", "TEN-01")
def test_an_admin_page_of_another_stores_row_does_not_exist(
    acme_side: Side, globex_side: Side
) -> None:
    client = browser(acme_side)
    pages = {
        "catalog/product": globex_side.ids["product"],
        "orders/order": globex_side.ids["order"],
        "payments/payment": globex_side.ids["payment"],
        "shipping/shipment": globex_side.ids["shipment"],
        "group_commerce/campaign": globex_side.ids["campaign"],
        "accounts/user": globex_side.ids["user"],
    }

    for model, key in pages.items():
        answer = client.get(f"/admin/{model}/{key}/change/")
        # Admin leads back to the index and says that there is no such row.
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/"), model


@pytest.mark.covers("T8", "TEN-10")
def test_files_lie_under_their_stores_own_prefix(acme_side: Side, globex_side: Side) -> None:
    for side in (acme_side, globex_side):
        with enter_store(side.store):
            keys = list(Shipment.objects.values_list("label_key", flat=True))
        assert keys
        assert all(key.startswith(f"stores/{side.store.id}/") for key in keys)


@pytest.mark.covers("T8", "T10", "TEN-10")
def test_another_stores_label_cannot_be_had_by_its_id_or_its_key(
    acme_side: Side, globex_side: Side
) -> None:
    owner = acme_side.client(acme_side.owner)
    own = owner.get(f"/api/v1/shipments/{acme_side.ids['shipment']}/label.pdf")
    other = owner.get(f"/api/v1/shipments/{globex_side.ids['shipment']}/label.pdf")
    with enter_store(globex_side.store):
        key = Shipment.objects.values_list("label_key", flat=True)[0]

    # Even a row of acme's that names globex's file opens nothing.
    with enter_store(acme_side.store):
        Shipment.objects.update(label_key=key)
    smuggled = owner.get(f"/api/v1/shipments/{acme_side.ids['shipment']}/label.pdf")

    assert b"".join(own.streaming_content if own.streaming else [own.content])[:5] == b"%PDF-"
    assert other.status_code == 404
    assert smuggled.status_code == 404


@pytest.mark.covers("T8")
def test_a_cached_answer_is_the_stores_own(acme_side: Side, globex_side: Side) -> None:
    sides = (acme_side, globex_side)
    for _ in range(2):
        bodies = [side.client().get("/api/v1/products").content.decode() for side in sides]
        assert acme_side.canary in bodies[0]
        assert globex_side.canary not in bodies[0]
        assert globex_side.canary in bodies[1]
        assert acme_side.canary not in bodies[1]


@pytest.mark.covers("T8", "PEER-52")
def test_an_idempotency_key_replays_nothing_of_another_store(
    acme_side: Side, globex_side: Side
) -> None:
    answers = [
        side.client().post("/api/v1/orders", _ORDER, format="json", HTTP_IDEMPOTENCY_KEY="same-key")
        for side in (acme_side, globex_side)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert "Idempotent-Replayed" not in answers[1].headers
    assert answers[0].json()["id"] != answers[1].json()["id"]


def run(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.covers("T6", "TEN-01")
def test_a_command_works_in_the_store_that_it_names(acme_side: Side, globex_side: Side) -> None:
    for side in (acme_side, globex_side):
        assert side.client().post("/api/v1/orders", _ORDER, format="json").status_code == 201
        with enter_store(side.store):
            Order.objects.filter(payment_status="unpaid").update(expires_at="2020-01-01T00:00Z")

    run("expire_orders", "--store", "acme")

    assert _statuses(acme_side.store) == ["cancelled"]
    assert _statuses(globex_side.store) == ["confirmed"]


@pytest.mark.covers("TEN-01", "ACC-15")
def test_a_person_made_for_one_store_is_in_no_other(acme: StoreRef, globex: StoreRef) -> None:
    run("create_user", "--store", "acme", *_NEW_USER)

    with enter_store(acme):
        assert User.objects.filter(email="made@example.com").exists()
    with enter_store(globex):
        assert not User.objects.filter(email="made@example.com").exists()


@pytest.mark.covers("TEN-01")
@pytest.mark.parametrize("slug", ["nobody", "public", "", "store_acme", "acme'--"])
def test_a_command_refuses_a_store_that_does_not_exist(acme: StoreRef, slug: str) -> None:
    for command in ("check_stock", "expire_orders", "expire_campaigns"):
        with pytest.raises(CommandError, match="There is no store"):
            run(command, "--store", slug)


def _statuses(store: StoreRef) -> list[Any]:
    with enter_store(store):
        return list(Order.objects.filter(email="guest@x.com").values_list("status", flat=True))


_NEW_USER = ["--email", "made@example.com", "--password", PASSWORD, "--role", "editor"]
_ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
_ORDER = {
    "email": "guest@x.com",
    "items": [{"sku": "SAME", "quantity": 1}],
    "currency": "USD",
    "shipping_address": _ADDRESS,
}
