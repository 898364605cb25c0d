"""Bad input is 4xx with the field named, and leaves the store as it was (DESIGN 7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import override_settings

from apps.accounts.facade import issue_tokens
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.isolation.world import ADDRESS, Side, build
from tests.support.client import StoreClient
from tests.support.people import make_user

ORDERS = "/api/v1/orders"
LINE: dict[str, Any] = {"sku": "SAME", "quantity": 1}
ORDER: dict[str, Any] = {
    "email": "guest@example.com",
    "items": [LINE],
    "currency": "USD",
    "shipping_address": ADDRESS,
}
# What a request may leave behind whatever becomes of it.
_OWN_AFFAIRS = {"common_idempotencykey", "accounts_session"}


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def fingerprint(store: StoreRef) -> dict[str, int]:
    """How many rows every table of the store has."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with enter_store(store), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [store.schema])
        own = sorted(tables.intersection(row[0] for row in cursor.fetchall()) - _OWN_AFFAIRS)
        counts = {}
        for table in own:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    assert len(counts) > 30
    return counts


def refused(answer: Any, status: int, *fields: tuple[str, str]) -> None:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert [(row["field"], row["code"]) for row in problem["errors"]] == list(fields)
    assert problem["detail"]
    assert problem["request_id"]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ORDER.items() if key != name}


def with_line(**fields: Any) -> dict[str, Any]:
    return {**ORDER, "items": [LINE, {**LINE, **fields}]}


@pytest.mark.covers("P5", "P6", "P7", "ORD-01", "C-16")
@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        (with_line(sku="NOPE"), 422, "items.1.sku", "unknown_sku"),
        (with_line(sku=""), 400, "items.1.sku", "blank"),
        (with_line(quantity=0), 400, "items.1.quantity", "min_value"),
        (with_line(quantity=-1), 400, "items.1.quantity", "min_value"),
        (with_line(quantity=1_000_000_000), 400, "items.1.quantity", "max_value"),
        (with_line(quantity=2**63), 400, "items.1.quantity", "max_value"),
        (with_line(quantity="two"), 400, "items.1.quantity", "invalid"),
        (with_line(quantity="1"), 400, "items.1.quantity", "invalid"),
        (with_line(quantity=1.5), 400, "items.1.quantity", "invalid"),
        (with_line(quantity=None), 400, "items.1.quantity", "null"),
        (with_line(quantity=[1]), 400, "items.1.quantity", "invalid"),
        (with_line(expected_price_cents=999), 409, "items.1", "price_changed"),
        (with_line(expected_price_cents=-1), 400, "items.1.expected_price_cents", "min_value"),
        ({**ORDER, "currency": "XXX"}, 400, "currency", "unknown_currency"),
        ({**ORDER, "currency": "JPY"}, 422, "items.0.sku", "no_price_in_currency"),
        (without("currency"), 400, "currency", "required"),
        (without("items"), 400, "items", "required"),
        ({**ORDER, "items": []}, 400, "items", "empty"),
        ({**ORDER, "items": "SAME"}, 400, "items", "not_a_list"),
        (without("email"), 400, "email", "required"),
        ({**ORDER, "email": "nobody"}, 400, "email", "invalid"),
        ({**ORDER, "shipping_address": {**ADDRESS, "country": "Germany"}}, 400, None, "invalid"),
    ],
)
def test_an_order_with_bad_input(
    side: Side, body: dict[str, Any], status: int, field: str | None, code: str
) -> None:
    before = fingerprint(side.store)

    answer = side.client().post(ORDERS, body, format="json")

    refused(answer, status, (field or "shipping_address.country", code))
    assert fingerprint(side.store) == before


@pytest.mark.covers("T10", "ORD-18")
def test_another_customers_order_does_not_exist(side: Side) -> None:
    with enter_store(side.store):
        nosy = make_user("customer")
    client = side.client(nosy)
    order = side.ids["order"]
    before = fingerprint(side.store)
    payment = {"order_id": order, "payment_method": "pm_card_visa"}

    for answer in (
        client.get(f"{ORDERS}/{order}"),
        client.get(f"{ORDERS}/{order}/history"),
        client.post(f"{ORDERS}/{order}/cancel", {}, format="json"),
        client.post("/api/v1/payments", payment, format="json"),
        client.get(f"/api/v1/payments/{side.ids['payment']}"),
        client.get(f"/api/v1/shipments/{side.ids['shipment']}"),
    ):
        refused(answer, 404)
    assert fingerprint(side.store) == before


@pytest.mark.covers("T1", "T2", "T14")
@pytest.mark.parametrize("kind", ["another store's", "expired", "no token at all"])
def test_a_wrong_token_is_a_401_also_where_guests_may_buy(
    side: Side, globex: StoreRef, kind: str
) -> None:
    lifetime = {"ACCESS_TOKEN_MINUTES": -1} if kind == "expired" else {}
    with enter_store(globex if kind == "another store's" else side.store):
        with override_settings(**lifetime):
            token = issue_tokens(make_user("customer").id).access
    client = side.client()
    wrong = "x" if kind == "no token at all" else token
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {wrong}")
    before = fingerprint(side.store)

    answer = client.post(ORDERS, ORDER, format="json")

    refused(answer, 401)
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert fingerprint(side.store) == before


@pytest.mark.covers("C-16", "API-03")
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"items": [', "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"items": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"sku=SAME&quantity=1", "application/x-www-form-urlencoded", 415),
        (b"<order/>", "application/xml", 415),
        (b"{}", "text/plain", 415),
        (b" " * 20_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_order(side: Side, body: bytes, content_type: str, status: int) -> None:
    client = side.client()
    before = fingerprint(side.store)

    answer = client.generic("POST", ORDERS, body, content_type=content_type)

    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert fingerprint(side.store) == before


HEADER = "sku,name,price,currency,inventory\n"


@pytest.mark.covers("I5", "CAT-16")
@pytest.mark.parametrize(
    ("text", "query", "field", "code"),
    [
        (b"name,price,currency\nTee,1,USD\n", "", "sku", "missing_column"),
        (f"{HEADER}TEE,Tée,1,USD,1\n".encode("cp1252"), "?encoding=utf-8", "file", None),
        (f"{HEADER}T,A,1,USD,1\nT,B,2,USD,1\n".encode(), "?on_error=abort", "sku", None),
        (f"{HEADER}T,=cmd|A1,1,USD,1\n".encode(), "", "name", "formula_cell"),
        (f"{HEADER}=1+1,Tee,1,USD,1\n".encode(), "", "sku", "formula_cell"),
        (f"{HEADER}TEE,Tee,-1,USD,1\n".encode(), "", "price", None),
        (f"{HEADER}TEE,Tee,1,XXX,1\n".encode(), "", "currency", None),
        (f"{HEADER}TEE,Tee,1,USD,many\n".encode(), "", "inventory", None),
        (b"", "", "file", "required"),
    ],
)
def test_a_product_file_with_bad_input(
    side: Side, text: bytes, query: str, field: str, code: str | None
) -> None:
    client: StoreClient = side.client(side.owner)
    before = fingerprint(side.store)

    answer = client.generic("POST", f"/api/v1/imports{query}", text, content_type="text/csv")

    assert answer.status_code == 422, answer.content
    first = answer.json()["errors"][0]
    assert first["field"] == field
    assert code is None or first["code"] == code
    assert fingerprint(side.store) == before
