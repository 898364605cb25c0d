"""More than fifty ways to be refused, none of which tells what we are made of (I15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.isolation.world import Side, build
from tests.support.client import StoreClient

API = "/api/v1"
JSON = "application/json"
ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
ORDER = {
    "email": "guest@example.com",
    "items": [{"sku": "SAME", "quantity": 1}],
    "currency": "USD",
    "shipping_address": ADDRESS,
}
PRODUCT = {"sku": "NEW", "name": "New", "price": 1, "currency": "USD", "inventory": 1}

# What no answer of ours may hold: traces, queries, names of tables, files, libraries, hosts.
_LEAK = re.compile(
    r"Traceback|File \"|\bline \d+, in |\.py\b|site-packages|/srv/|/home/|/usr/|/root|/tmp|/work"
    r"|SELECT |INSERT |UPDATE |DELETE FROM|psycopg|django|Django|IntegrityError|DataError"
    r"|DoesNotExist|ProgrammingError|OperationalError|duplicate key|violates|constraint"
    r"|accounts_|catalog_|orders_|payments_|inventory_|store_acme|pg_|relation \"|redis://"
    r"|localhost:\d|127\.0\.0\.1|0x[0-9a-f]{6,}|<class|object at",
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

Call = Callable[[StoreClient, StoreClient, Side], Any]


def raw(method: str, path: str, body: bytes, content_type: str = JSON, **headers: str) -> Call:
    def call(guest: StoreClient, owner: StoreClient, side: Side) -> Any:
        return owner.generic(method, f"{API}/{path}", body, content_type=content_type, **headers)

    return call


def sends(method: str, path: str, body: Any = None, **headers: str) -> Call:
    """The owner's call; `{name}` in the path is an id of the store's own."""

    def call(guest: StoreClient, owner: StoreClient, side: Side) -> Any:
        filled = f"{API}/{path}".format(**side.ids)
        if body is None:
            return owner.generic(method, filled, **headers)
        return getattr(owner, method.lower())(filled, body, format="json", **headers)

    return call


def guest(method: str, path: str, body: Any = None, **headers: str) -> Call:
    def call(anybody: StoreClient, owner: StoreClient, side: Side) -> Any:
        filled = f"{API}/{path}".format(**side.ids)
        return getattr(anybody, method.lower())(filled, body, format="json", **headers)

    return call


def elsewhere(host: str, path: str = f"{API}/products", **headers: str) -> Call:
    def call(anybody: StoreClient, owner: StoreClient, side: Side) -> Any:
        return anybody.get(path, HTTP_HOST=host, **headers)

    return call


NOBODY = str(uuid4())
KINDS: dict[str, tuple[Call, int]] = {
    # Bodies
    "no JSON": (raw("POST", "orders", b"{"), 400),
    "nothing": (raw("POST", "orders", b""), 400),
    "no UTF-8": (raw("POST", "orders", b"\xff\xfe"), 400),
    "NaN": (raw("POST", "orders", b'{"a": NaN}'), 400),
    "infinity": (raw("POST", "orders", b'{"a": 1e999}'), 400),
    "NUL": (raw("POST", "products", b'{"name": "\\u0000"}'), 400),
    "surrogate": (raw("POST", "products", b'{"name": "\\ud800"}'), 400),
    "a number of a thousand digits": (
        raw("POST", "products", b'{"price": ' + b"9" * 1000 + b"}"),
        400,
    ),
    "a number of ten thousand digits": (raw("POST", "orders", b"9" * 10_000), 400),
    "deep": (raw("POST", "orders", b"[" * 50_000), 400),
    "many": (raw("POST", "orders", b'{"items": [' + b"1," * 10_000 + b"1]}"), 400),
    "long": (raw("POST", "orders", b" " * 2_000_000), 413),
    "a list": (raw("POST", "orders", b"[]"), 400),
    "null": (raw("POST", "products", b"null"), 400),
    "a form": (raw("POST", "orders", b"a=1", "application/x-www-form-urlencoded"), 415),
    "XML": (raw("POST", "orders", b"<a/>", "application/xml"), 415),
    "no type": (raw("POST", "orders", b"{}", ""), 415),
    "compressed": (raw("POST", "orders", b"x", HTTP_CONTENT_ENCODING="gzip"), 415),
    "multipart without its boundary": (raw("POST", "imports", b"x", "multipart/form-data"), 400),
    "no CSV": (raw("POST", "imports", b"\x7fELF\x00", "text/csv"), 422),
    # Addresses
    "unknown path": (sends("GET", "nothing"), 404),
    "unknown path below": (sends("GET", "orders/1/2/3"), 404),
    "an id that is none": (sends("GET", "orders/1"), 404),
    "SQL for an id": (sends("GET", "products/1'%20OR%20'1'='1"), 404),
    "another place": (sends("GET", "../../etc/passwd"), 404),
    "NUL in the path": (sends("GET", "products/%00"), 400),
    "NUL in the query": (sends("GET", "products?search=%00"), 400),
    "a long query": (sends("GET", f"products?search={'x' * 9_000}"), 414),
    "bytes that are no text": (sends("GET", "products/%ff%fe"), 404),
    "a method that is not there": (sends("PATCH", "orders", {}), 405),
    "a method that nobody knows": (sends("BREW", "orders"), 405),
    "a page too large": (sends("GET", "orders?limit=1000000000"), 400),
    "a page that is no number": (sends("GET", "orders?limit=ten"), 400),
    "before the first": (sends("GET", "orders?offset=-1"), 400),
    "an order by a password": (sends("GET", "users?ordering=password"), 400),
    "a filter that is no choice": (sends("GET", "users?role=god"), 400),
    "no representation": (sends("GET", "orders", HTTP_ACCEPT="image/png"), 406),
    # Who calls
    "nobody": (guest("GET", "orders"), 401),
    "a token that is none": (guest("GET", "orders", HTTP_AUTHORIZATION="Bearer x"), 401),
    "a token without signature": (
        guest("GET", "orders", HTTP_AUTHORIZATION="Bearer eyJhbGciOiJub25lIn0.e30."),
        401,
    ),
    "a key that is none": (guest("GET", "products", HTTP_X_API_KEY="sk_live_x"), 401),
    "a key of another mode": (
        guest("GET", "orders", HTTP_X_API_KEY="sk_test_" + "0" * 64),
        401,
    ),
    "a wrong password": (
        guest("POST", "auth/login", {"email": "owner@example.com", "password": "x"}),
        401,
    ),
    "a link that is none": (
        guest("POST", "auth/password/confirm", {"token": "x", "password": "Long-enough-77"}),
        422,
    ),
    "a refresh token that is none": (guest("POST", "auth/refresh", {"refresh": "x"}), 401),
    "a webhook without signature": (guest("POST", "webhooks/sandbox", {"id": "x"}), 400),
    # What is there and what is not
    "no such order": (sends("GET", f"orders/{NOBODY}"), 404),
    "no such product": (sends("GET", "products/nobody"), 404),
    "no such payment": (sends("POST", f"payments/{NOBODY}/capture", {}), 404),
    "no such user": (sends("GET", f"users/{NOBODY}"), 404),
    "no such label": (sends("GET", f"shipments/{NOBODY}/label.pdf"), 404),
    # Rules
    "wrong types": (
        sends("POST", "orders", {**ORDER, "items": [{"sku": 1, "quantity": "x"}]}),
        400,
    ),
    "a SKU that nobody has": (
        guest("POST", "orders", {**ORDER, "items": [{"sku": "NOPE", "quantity": 1}]}),
        422,
    ),
    "more than there is": (
        guest("POST", "orders", {**ORDER, "items": [{"sku": "SAME", "quantity": 9_999}]}),
        409,
    ),
    "another price": (
        guest(
            "POST",
            "orders",
            {**ORDER, "items": [{"sku": "SAME", "quantity": 1, "expected_price_cents": 1}]},
        ),
        409,
    ),
    "a SKU twice": (sends("POST", "products", {**PRODUCT, "sku": "SAME"}), 409),
    "an amount below nothing": (sends("POST", "products", {**PRODUCT, "price": -1}), 400),
    "a status that is none": (sends("PUT", "orders/{order}/status", {"status": "lost"}), 400),
    "a step that is not possible": (
        sends("PUT", "orders/{order}/status", {"status": "created"}),
        409,
    ),
    "a refund of too much": (
        sends("POST", "payments/{payment}/refund", {"amount_cents": 99_999_999}),
        422,
    ),
    "a shipment of an order by no id": (sends("POST", "shipments", {"order_id": "{order}"}), 400),
    "a key that is used for another body": (
        sends("POST", "products", {**PRODUCT, "sku": "OTHER"}, HTTP_IDEMPOTENCY_KEY="taken"),
        422,
    ),
    "an idempotency key that is none": (
        sends("POST", "products", PRODUCT, HTTP_IDEMPOTENCY_KEY=" " * 300),
        400,
    ),
    "stock of nothing": (
        sends("POST", "inventory/adjustments", {"sku": "SAME", "delta": -(10**6), "reason": "x"}),
        409,
    ),
    # Hosts
    "an unknown host": (elsewhere("nobody.example.com"), 404),
    "a host that is none": (elsewhere("a b"), 404),
    "two stores at once": (elsewhere("acme.localhost", HTTP_X_STORE="globex"), 400),
    "no such store": (elsewhere("localhost", HTTP_X_STORE="nobody"), 404),
}


@pytest.fixture
def side(acme: Any) -> Side:
    """The store acme with one thing of each kind, and an idempotency key that is taken."""
    built = build(acme)
    owner = built.client(built.owner)
    taken = owner.post(f"{API}/products", PRODUCT, format="json", HTTP_IDEMPOTENCY_KEY="taken")
    assert taken.status_code == 201
    return built


@pytest.mark.covers("I15", "API-08", "API-13", "C-16", "SEC-12")
def test_no_refusal_tells_what_we_are_made_of(side: Side) -> None:
    assert len(KINDS) >= 50
    wrong = {}
    anybody, owner = side.client(), side.client(side.owner)

    for name, (call, status) in KINDS.items():
        answer = call(anybody, owner, side)
        if found := _what_is_wrong(answer, status):
            wrong[name] = (found, answer.status_code, answer.content[:300])

    assert wrong == {}


def _what_is_wrong(answer: Any, status: int) -> str:
    text = answer.content.decode()
    if answer.status_code != status:
        return f"{status} was expected"
    if leak := _LEAK.search(text):
        return f"it tells {leak[0]}"
    if _EMAIL.search(text):
        return "it holds an e-mail address"
    if answer["Content-Type"] != "application/problem+json":
        return "it is no problem document"
    body = answer.json()
    members = {"type", "title", "status", "code", "detail", "errors", "request_id"}
    if not members <= set(body):
        return f"it lacks {members - set(body)}"
    if not body["request_id"] or body["request_id"] != answer["X-Request-ID"]:
        return "its request id is not the header's"
    if body["status"] != status or not body["detail"] or not body["code"]:
        return "its members do not agree"
    return ""


@pytest.mark.covers("I15", "SEC-12")
def test_neither_does_an_error_of_ours(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("SELECT email FROM accounts_user -- buyer@example.com /srv/app.py")

    monkeypatch.setattr("apps.common.api.permissions.HasPermission.has_permission", explode)
    client = side.client(side.owner)
    client.raise_request_exception = False

    for path in ("orders", "users/me", "payments"):
        answer = client.get(f"{API}/{path}")
        assert _what_is_wrong(answer, 500) == ""


@pytest.mark.covers("I15", "ACC-01")
def test_a_race_for_one_address_tells_of_no_constraint(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both have looked, and nobody was there: the database alone can tell the second one.
    owner = side.client(side.owner)
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda self: False)
    categories = f"{API}/categories"
    assert owner.post(categories, {"name": "Same"}, format="json").status_code == 201

    again = owner.post(categories, {"name": "Same", "slug": "same"}, format="json")

    assert again.status_code in {400, 409, 422}, again.content
    assert _what_is_wrong(again, again.status_code) == ""
