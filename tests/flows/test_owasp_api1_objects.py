"""API1:2023 Broken object level authorisation: other people's ids, and ids that are none (T10)."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.flows.owasp import ADDRESS, API, caller, operations, send
from tests.flows.vendor_world import snapshot
from tests.isolation.world import Side, build
from tests.support.people import make_user

_PARAMETER = re.compile(r"\{(\w+)\}")
# What stands where an id should: in the path these must find nothing, in a body nothing either.
NO_IDS = ["0", "null", "None", "undefined", "-1", "%20", "*", "%25", "true", "[]", "1%27--"]
NO_IDS += ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
# Not ids but numbers of pages, which are anybody's; counted from this one.
COUNTED = {"/api/v1/feeds/sitemap-{part}.xml": "0"}
LINE = {"sku": "SAME", "quantity": 1}
# Everything that one may own, and how it is read.
OWNED = {
    "order": "orders/{}",
    "payment": "payments/{}",
    "shipment": "shipments/{}",
    "user": "users/{}",
}


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything, of a customer who is not the visitor."""
    return build(acme)


@pytest.mark.covers("T10", "SEC-08", "ORD-18")
@pytest.mark.parametrize("role", ["customer", "vendor_owner", "vendor_staff"])
def test_api1_every_object_of_somebody_else_is_unknown(side: Side, role: str) -> None:
    """Every operation with an id in its path × every id of the store's customer."""
    vendor = uuid4() if role.startswith("vendor") else None
    client = caller(side, role, vendor_id=vendor)
    with enter_store(side.store):
        before = snapshot()
    tried = 0

    for operation in operations():
        names = _PARAMETER.findall(operation.path)
        shared = any(part in operation.path for part in ("/campaigns/", "/tracking/"))
        if not names or shared or operation.is_open:
            continue
        for value in side.ids.values():
            path = operation.path
            for name in names:
                path = path.replace(f"{{{name}}}", side.ids["user"] if name == "user_id" else value)
            answer = send(client, operation.method, path)
            body = answer.content.decode()
            where = (operation.method, path, answer.status_code, body[:200])
            tried += 1
            assert side.canary not in body or operation.path.endswith("/products/{key}"), where
            assert side.customer.email not in body, where
            assert answer.status_code in {400, 403, 404, 405, 415, 422}, where
    assert tried > 400
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T10", "C-16")
@pytest.mark.parametrize("role", ["customer", "owner", None])
def test_api1_an_id_that_is_none_finds_nothing(side: Side, role: str | None) -> None:
    client = caller(side, role) if role else side.client()
    with enter_store(side.store):
        before = snapshot()

    for operation in operations():
        names = _PARAMETER.findall(operation.path)
        if not names:
            continue
        for value in NO_IDS:
            if COUNTED.get(operation.path) == value:
                continue
            path = operation.path
            for name in names:
                path = path.replace(f"{{{name}}}", value)
            answer = send(client, operation.method, path)
            where = (operation.method, path, answer.status_code, answer.content[:200])
            assert side.canary not in answer.content.decode(), where
            assert answer.status_code in {400, 401, 403, 404, 405, 415, 422}, where
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T10", "SEC-08")
@pytest.mark.parametrize("wrong", [None, "", "0", 0, [], {}, "null", "*", True])
def test_api1_an_empty_id_in_a_body_is_nobodys_and_never_the_first_one(
    side: Side, wrong: Any
) -> None:
    """`user_id = null` must not mean a guest's things (Spree CVE-2026-22589, CVE-2020-26223)."""
    guest = side.client()
    order = {"items": [LINE], "currency": "USD", "shipping_address": ADDRESS}
    placed = guest.post(f"{API}/orders", {**order, "email": "guest@example.com"}, format="json")
    assert placed.status_code == 201
    client = caller(side, "customer")
    with enter_store(side.store):
        before = snapshot()

    answers = {
        "payment": client.post(
            f"{API}/payments", {"order_id": wrong, "payment_method": "pm_card_visa"}, format="json"
        ),
        "payment of a guest": guest.post(
            f"{API}/payments",
            {"order_id": placed.json()["id"], "payment_method": "pm_card_visa", "email": wrong},
            format="json",
        ),
        "address": client.post(
            f"{API}/orders",
            {"items": [LINE], "currency": "USD", "shipping_address_id": wrong or ""},
            format="json",
        ),
        "message": client.post(
            f"{API}/notifications/send",
            {"user_id": wrong, "template": "welcome", "context": {}},
            format="json",
        ),
    }

    for name, answer in answers.items():
        assert answer.status_code in {400, 403, 404, 422}, (name, answer.content)
    with enter_store(side.store):
        assert snapshot() == before


@pytest.mark.covers("T10", "ORD-18")
def test_api1_a_guests_order_is_nobodys_who_merely_signs_in(side: Side) -> None:
    """Not by its id, and not by registering its e-mail address (Saleor CVE-2026-44472)."""
    body = {
        "items": [LINE],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "email": "late@example.com",
    }
    order = side.client().post(f"{API}/orders", body, format="json").json()["id"]
    unproven = caller(side, "customer", email="late@example.com")

    for client in (unproven, caller(side, "customer"), side.client()):
        for path in (f"orders/{order}", f"orders/{order}/history"):
            assert client.get(f"{API}/{path}").status_code in {401, 404}
        cancelled = client.post(f"{API}/orders/{order}/cancel", {}, format="json")
        assert cancelled.status_code in {401, 404}
        listed = client.get(f"{API}/orders")
        assert listed.status_code == 401 or listed.json()["count"] == 0
    paid = unproven.post(
        f"{API}/payments", {"order_id": order, "payment_method": "pm_card_visa"}, format="json"
    )
    assert paid.status_code == 404


@pytest.mark.covers("T10", "ACC-13")
def test_api1_another_customers_address_goes_on_no_order_of_mine(side: Side) -> None:
    body = {"items": [LINE], "currency": "USD", "shipping_address_id": side.ids["address"]}

    mine = caller(side, "customer").post(f"{API}/orders", body, format="json")
    guests = side.client().post(f"{API}/orders", {**body, "email": "a@example.com"}, format="json")
    staffs = side.client(side.owner).post(f"{API}/orders", body, format="json")

    for answer in (mine, guests, staffs):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown_address"
        assert side.canary not in answer.content.decode()


@pytest.mark.covers("T10", "INV-13")
def test_api1_lists_narrowed_to_somebody_else_are_empty(side: Side) -> None:
    client = caller(side, "customer")
    user, order = side.ids["user"], side.ids["order"]

    for path in (
        f"orders?email={side.customer.email}",
        f"orders?number={side.ids['number']}",
        f"payments?order_id={order}",
        f"shipments?order={order}",
        f"shipments?tracking_number={side.ids['tracking']}",
        f"vendor-orders?order_id={order}",
        f"users?email={side.customer.email}",
        f"users/{user}/orders",
        f"users/{user}/addresses",
        f"users/{user}/consents",
        f"users/{user}/export",
        f"notifications/{user}",
    ):
        answer = client.get(f"{API}/{path}")
        assert answer.status_code in {403, 404} or answer.json()["count"] == 0, path
        assert side.canary not in answer.content.decode(), path


@pytest.mark.covers("T10")
def test_api1_the_owner_of_each_object_does_find_it(side: Side) -> None:
    """So that the refusals above are about the person, not about the address."""
    client = side.client(side.customer)

    for name, path in OWNED.items():
        assert client.get(f"{API}/{path.format(side.ids[name])}").status_code == 200, name


@pytest.mark.covers("T10", "T2")
def test_api1_an_id_of_mine_in_another_store_is_not_mine_there(
    side: Side, globex: StoreRef
) -> None:
    other = build(globex)
    with enter_store(globex):
        twin = make_user("customer", email="twin@example.com", id=side.customer.id)

    answers = [
        other.client(twin).get(f"{API}/{path.format(side.ids[name])}")
        for name, path in OWNED.items()
        if name != "user"
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
