"""API keys: who may make them, what they open, and how soon they stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import api_keys, key_use
from apps.accounts.invitations import token_of
from apps.accounts.models import ApiKey, Invitation
from apps.accounts.roles import permissions_of
from apps.accounts.services.create_api_key import MOST_KEYS
from apps.accounts.tasks import note_key_use
from apps.catalog.models import Vendor
from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import StoreClient
from tests.support.people import make_user

KEYS = "/api/v1/api-keys"
ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
ORDER = {
    "email": "guest@example.com",
    "items": [{"sku": "TEE", "quantity": 1}],
    "currency": "USD",
    "shipping_address": ADDRESS,
}
SHOP = "https://shop.example.com"


@pytest.fixture(autouse=True)
def _no_known_keys() -> Iterator[None]:
    yield
    api_keys._rings.clear()
    key_use._noted.clear()


@pytest.fixture
def owner(api: Callable[..., StoreClient]) -> StoreClient:
    return api(make_user("owner"))


def made(owner: StoreClient, **body: Any) -> dict[str, Any]:
    kind = body.setdefault("kind", "secret")
    if kind == "secret":
        body.setdefault("scopes", ["products.read"])
    answer = owner.post(KEYS, {"name": "Key", **body}, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def caller(store: StoreRef, key: str, **headers: str) -> StoreClient:
    client = StoreClient(store)
    client.credentials(HTTP_X_API_KEY=key, **headers)
    return client


def stocked(owner: StoreClient) -> None:
    body = {"sku": "TEE", "name": "Tee", "price": 10, "currency": "USD", "inventory": 5}
    assert owner.post("/api/v1/products", body, format="json").status_code == 201


# --- Making them --------------------------------------------------------------------------------


@pytest.mark.covers("PEER-54")
def test_a_key_is_shown_once_and_kept_as_a_hash(owner: StoreClient) -> None:
    new = made(owner, name="ERP", scopes=["products.write", "products.read"])

    row = ApiKey.objects.get()
    listed = owner.get(KEYS).json()["results"]
    shown = owner.get(f"{KEYS}/{new['id']}").json()
    assert api_keys.KEY_FORMAT.match(new["key"])
    assert new["key"].startswith("sk_live_")
    assert new["prefix"] == new["key"][:16]
    assert (new["mode"], new["is_active"], new["last_used_at"]) == ("live", True, None)
    assert new["scopes"] == ["products.read", "products.write"]
    assert row.secret_hash == api_keys.key_hash(new["key"])
    assert new["key"] not in str(row.__dict__)
    assert listed == [shown]
    assert "key" not in shown
    assert "secret_hash" not in shown


@pytest.mark.covers("PEER-54", "SEC-03")
def test_the_stored_answer_of_a_repeated_call_holds_the_key_encrypted(owner: StoreClient) -> None:
    body = {"name": "K", "kind": "secret", "scopes": ["orders.read"]}

    first = owner.post(KEYS, body, format="json", HTTP_IDEMPOTENCY_KEY="once")
    again = owner.post(KEYS, body, format="json", HTTP_IDEMPOTENCY_KEY="once")

    assert first.json() == again.json()
    assert ApiKey.objects.count() == 1
    kept = bytes(IdempotencyKey.objects.get(key="once").response_body or b"")
    assert first.json()["key"][8:].encode() not in kept
    assert first["Cache-Control"] == "no-store"


@pytest.mark.covers("PEER-54", "ACC-10")
def test_a_wildcard_stands_for_what_its_maker_holds_now(owner: StoreClient) -> None:
    orders = made(owner, scopes=["orders.*"])
    every = made(owner, scopes=["*"])

    assert orders["scopes"] == ["orders.read", "orders.refund", "orders.write"]
    assert "api_keys.manage" not in every["scopes"]
    assert not [code for code in every["scopes"] if code.startswith("stores.")]
    assert "settings.write" in every["scopes"]


@pytest.mark.covers("PEER-54", "ACC-10")
@pytest.mark.parametrize("scope", ["settings.write", "stores.write", "stores.*", "api_keys.manage"])
def test_nobody_gives_a_key_what_they_do_not_hold(
    api: Callable[..., StoreClient], scope: str
) -> None:
    admin = api(make_user("admin"))
    body = {"name": "K", "kind": "secret", "scopes": ["orders.read", scope]}

    answer = admin.post(KEYS, body, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "scopes.1"
    assert answer.json()["errors"][0]["code"] == "not_held"
    assert ApiKey.objects.count() == 0


@pytest.mark.covers("PEER-54", "T12")
@pytest.mark.parametrize("role", ["editor", "support", "finance", "analyst", "customer"])
def test_only_who_manages_keys_sees_or_makes_them(
    api: Callable[..., StoreClient], role: str
) -> None:
    client = api(make_user(role))
    key = f"{KEYS}/{uuid4()}"

    answers = [
        client.get(KEYS),
        client.post(KEYS, {"name": "K", "kind": "secret", "scopes": ["*"]}, format="json"),
        client.get(key),
        client.delete(key),
        client.post(f"{key}/rotate", {}, format="json"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert ApiKey.objects.count() == 0


@pytest.mark.covers("PEER-54")
@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"kind": "secret"}, 400, "name", "required"),
        ({"name": "", "kind": "secret"}, 400, "name", "blank"),
        ({"name": "K"}, 400, "kind", "required"),
        ({"name": "K", "kind": "root"}, 400, "kind", "invalid_choice"),
        ({"name": "K", "kind": "secret"}, 422, "scopes", "required"),
        ({"name": "K", "kind": "secret", "scopes": "orders.read"}, 400, "scopes", "not_a_list"),
        ({"name": "K", "kind": "secret", "scopes": ["x.y"]}, 422, "scopes.0", "unknown_permission"),
        ({"name": "K", "kind": "secret", "scopes": ["a"] * 101}, 400, "scopes", "max_length"),
        (
            {"name": "K", "kind": "secret", "scopes": ["orders.read"], "origins": [SHOP]},
            422,
            "origins",
            "not_for_secret",
        ),
        (
            {"name": "K", "kind": "publishable", "scopes": ["orders.read"]},
            422,
            "scopes",
            "not_for_publishable",
        ),
        ({"name": "K", "kind": "publishable", "origins": ["*"]}, 422, "origins", "invalid"),
        ({"name": "K", "kind": "publishable", "origins": ["null"]}, 422, "origins", "invalid"),
        (
            {"name": "K", "kind": "publishable", "origins": ["http://shop.example.com"]},
            422,
            "origins",
            "invalid",
        ),
        (
            {"name": "K", "kind": "publishable", "origins": [f"{SHOP}/cart"]},
            422,
            "origins",
            "invalid",
        ),
        (
            {"name": "K", "kind": "publishable", "expires_at": "2020-01-01T00:00:00Z"},
            422,
            "expires_at",
            "in_the_past",
        ),
        (
            {"name": "K", "kind": "publishable", "vendor_id": str(uuid4())},
            422,
            "vendor_id",
            "not_for_publishable",
        ),
        (
            {"name": "K", "kind": "secret", "scopes": ["*"], "vendor_id": str(uuid4())},
            422,
            "vendor_id",
            "unknown_vendor",
        ),
    ],
)
def test_a_key_with_bad_input(
    owner: StoreClient, body: dict[str, Any], status: int, field: str, code: str
) -> None:
    answer = owner.post(KEYS, body, format="json")

    assert answer.status_code == status, answer.content
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (
        field,
        code,
    )
    assert ApiKey.objects.count() == 0


@pytest.mark.covers("PEER-54")
def test_a_store_keeps_a_hundred_keys_and_no_more(owner: StoreClient) -> None:
    rows = [
        ApiKey(kind="secret", name="K", prefix="sk", secret_hash=f"{n}", created_by="system")
        for n in range(MOST_KEYS)
    ]
    ApiKey.objects.bulk_create(rows)
    body = {"name": "K", "kind": "secret", "scopes": ["orders.read"]}

    assert owner.post(KEYS, body, format="json").json()["code"] == "too_many_api_keys"
    owner.delete(f"{KEYS}/{rows[0].pk}")
    assert owner.post(KEYS, body, format="json").status_code == 201


@pytest.mark.covers("PEER-54", "API-12")
def test_the_list_costs_as_many_queries_for_many_keys_as_for_one(owner: StoreClient) -> None:
    made(owner, kind="publishable")
    with CaptureQueriesContext(
        connection,
    ) as few:
        owner.get(KEYS)
    for _ in range(5):
        made(owner)
    with CaptureQueriesContext(connection) as many:
        answer = owner.get(KEYS, {"ordering": "name", "kind": "secret", "revoked": "false"})

    assert answer.json()["count"] == 5
    assert len(many) == len(few) <= 3


# --- What a secret key opens --------------------------------------------------------------------


@pytest.mark.covers("PEER-54", "T12")
def test_a_secret_key_does_what_its_scopes_say_and_nothing_else(
    owner: StoreClient, store: StoreRef
) -> None:
    key = made(owner, scopes=["products.write", "orders.read"])["key"]
    client = caller(store, key)
    body = {"sku": "TEE", "name": "Tee", "price": 10, "currency": "USD", "inventory": 5}

    assert client.post("/api/v1/products", body, format="json").status_code == 201
    assert client.get("/api/v1/orders").status_code == 200
    assert client.get("/api/v1/payments").status_code == 403
    assert client.get("/api/v1/shipments").status_code == 403
    assert client.get("/api/v1/inventory").status_code == 403
    assert client.get(KEYS).status_code == 403


@pytest.mark.covers("PEER-54")
def test_a_secret_key_may_stand_where_a_token_stands(owner: StoreClient, store: StoreRef) -> None:
    client = StoreClient(store)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made(owner, scopes=['orders.read'])['key']}")

    assert client.get("/api/v1/orders").status_code == 200


@pytest.mark.covers("PEER-54", "T12")
def test_a_key_is_no_person_and_has_nothing_of_its_own(owner: StoreClient, store: StoreRef) -> None:
    client = caller(store, made(owner, scopes=["*"])["key"])

    for path in ("users/me", "users/me/addresses", "auth/verify", "auth/sessions", "auth/mfa"):
        assert client.get(f"/api/v1/{path}").status_code == 403, path
    assert client.patch("/api/v1/users/me", {}, format="json").status_code == 403
    assert client.post("/api/v1/auth/logout", {}, format="json").status_code == 401
    joining = client.post(f"/api/v1/campaigns/{uuid4()}/join", {}, format="json")
    assert joining.status_code == 403


@pytest.mark.covers("PEER-54", "ORD-01")
def test_a_key_orders_and_pays_for_a_guest(owner: StoreClient, store: StoreRef) -> None:
    stocked(owner)
    client = caller(store, made(owner, scopes=["orders.*", "payments.*"])["key"])

    order = client.post("/api/v1/orders", ORDER, format="json")
    pay = {"order_id": order.json()["id"], "payment_method": "pm_card_visa"}
    paid = client.post("/api/v1/payments", {**pay, "email": ORDER["email"]}, format="json")
    unnamed = client.post("/api/v1/orders", {**ORDER, "email": ""}, format="json")

    assert order.status_code == 201, order.content
    assert order.json()["email"] == "guest@example.com"
    assert paid.status_code == 201, paid.content
    assert unnamed.status_code == 400
    assert client.get(f"/api/v1/orders/{order.json()['id']}").status_code == 200


@pytest.mark.covers("PEER-54", "EVT-06", "ANA-01")
def test_what_a_key_does_bears_its_name(owner: StoreClient, store: StoreRef) -> None:
    from apps.accounts.models import AuditEntry
    from apps.events.models import Event

    new = made(owner, scopes=["products.write"])

    stocked(caller(store, new["key"]))

    created = Event.objects.filter(topic="product.created").latest("pk")
    assert created.actor == f"api_key:{new['id']}"
    assert AuditEntry.objects.filter(actor=f"api_key:{new['id']}").exists()


@pytest.mark.covers("ANA-01", "SEC-12")
def test_the_audit_log_tells_of_a_key_and_not_its_hash(owner: StoreClient) -> None:
    from apps.accounts.models import AuditEntry

    new = made(owner)

    entry = AuditEntry.objects.get(entity_type="accounts_apikey", action="insert")
    assert entry.entity_id == new["id"]
    assert entry.new_values["name"] == "Key"
    assert api_keys.key_hash(new["key"]) not in str(entry.new_values)


@pytest.mark.covers("PEER-54", "PEER-32", "T10")
def test_a_vendors_key_sees_that_vendors_things_alone(owner: StoreClient, store: StoreRef) -> None:
    mine, other = (Vendor.objects.create(name=n, slug=n.lower()) for n in ("Mine", "Other"))
    for vendor in (mine, other):
        body = {"sku": vendor.slug, "name": vendor.name, "price": 1, "currency": "USD"}
        answer = owner.post("/api/v1/products", {**body, "vendor": vendor.slug}, format="json")
        assert answer.status_code == 201, answer.content
    new = made(owner, scopes=["*"], vendor_id=str(mine.pk))
    client = caller(store, new["key"])

    seen = client.get("/api/v1/products", {"include": "all"}).json()

    assert [row["name"] for row in seen["results"]] == ["Mine"]
    assert "users.read" not in new["scopes"]
    assert client.get("/api/v1/users").status_code == 403
    refused = owner.post(
        KEYS,
        {"name": "K", "kind": "secret", "scopes": ["users.read"], "vendor_id": str(mine.pk)},
        format="json",
    )
    assert refused.json()["errors"][0]["code"] == "not_held"


# --- Where and how long they hold ---------------------------------------------------------------


@pytest.mark.covers("PEER-54", "T2", "T14")
def test_a_key_of_another_store_is_a_stranger_here(
    owner: StoreClient, store: StoreRef, globex: StoreRef
) -> None:
    keys = [made(owner, scopes=["*"])["key"], made(owner, kind="publishable")["key"]]

    for key in keys:
        assert caller(globex, key).get("/api/v1/products").status_code == 401
        assert caller(globex, key).get("/api/v1/orders").status_code == 401
    with enter_store(PUBLIC):
        assert api_keys.find_key(keys[0]) is None
    # Not even the very row, copied, would do: the hash names the store.
    row = ApiKey.objects.get(kind="secret")
    with enter_store(globex):
        row.save(force_insert=True)
        api_keys._rings.clear()
        assert caller(globex, keys[0]).get("/api/v1/orders").status_code == 401


@pytest.mark.covers("PEER-54", "T14")
@pytest.mark.parametrize(
    "text",
    ["sk_live_", "sk_live_" + "0" * 64, "pk_live_" + "f" * 64, "rk_live_" + "0" * 64, "x" * 9_000],
)
def test_what_is_no_key_is_a_401_also_where_anybody_may_read(
    owner: StoreClient, store: StoreRef, text: str
) -> None:
    for path in ("/api/v1/orders", "/api/v1/products", "/api/v1/campaigns"):
        answer = caller(store, text).get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key"), path
        assert "Bearer" in answer["WWW-Authenticate"]


@pytest.mark.covers("PEER-54", "T14")
def test_a_revoked_key_stops_with_the_next_request(owner: StoreClient, store: StoreRef) -> None:
    new = made(owner, scopes=["orders.read"])
    client = caller(store, new["key"])
    assert client.get("/api/v1/orders").status_code == 200

    revoked = owner.delete(f"{KEYS}/{new['id']}")

    assert revoked.status_code == 204
    assert client.get("/api/v1/orders").status_code == 401
    assert owner.delete(f"{KEYS}/{new['id']}").status_code == 204
    assert owner.get(f"{KEYS}/{new['id']}").json()["is_active"] is False
    again = owner.post(f"{KEYS}/{new['id']}/rotate", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "api_key_ended")


@pytest.mark.covers("PEER-54", "T14")
def test_another_process_notices_a_revocation_within_a_second(
    owner: StoreClient, store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = made(owner, scopes=["orders.read"])
    client = caller(store, new["key"])
    client.get("/api/v1/orders")
    ours = api_keys._rings[store.id]
    owner.delete(f"{KEYS}/{new['id']}")
    # What a process remembers that did not hear of it itself.
    api_keys._rings[store.id] = ours

    later = time.monotonic() + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert client.get("/api/v1/orders").status_code == 401


@pytest.mark.covers("PEER-54")
def test_another_process_knows_a_new_key_at_once(owner: StoreClient, store: StoreRef) -> None:
    first = made(owner, scopes=["orders.read"])
    caller(store, first["key"]).get("/api/v1/orders")
    ours = api_keys._rings[store.id]
    second = made(owner, scopes=["orders.read"])
    api_keys._rings[store.id] = ours

    assert caller(store, second["key"]).get("/api/v1/orders").status_code == 200


@pytest.mark.covers("PEER-54", "C-25")
def test_without_redis_keys_are_asked_of_the_database(
    owner: StoreClient, store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = made(owner, scopes=["orders.read"])
    ended = made(owner, scopes=["orders.read"])
    ApiKey.objects.filter(pk=ended["id"]).update(revoked_at=timezone.now())
    api_keys._rings.clear()
    monkeypatch.setattr(api_keys, "_VERSION", "x" * 10)
    monkeypatch.setattr(api_keys.cache, "get", _refuse)

    assert api_keys.find_key(new["key"]) is not None
    assert api_keys.find_key(ended["key"]) is None


def _refuse(*args: Any, **kwargs: Any) -> None:
    raise ConnectionError("away")


@pytest.mark.covers("ACC-22", "PEER-54")
def test_a_known_key_costs_no_query(owner: StoreClient, store: StoreRef) -> None:
    key = made(owner, scopes=["orders.read"])["key"]
    assert api_keys.find_key(key) is not None

    with CaptureQueriesContext(connection) as queries:
        assert api_keys.find_key(key) is not None
        assert api_keys.find_key("sk_live_" + "0" * 64) is None

    assert len(queries) == 0


@pytest.mark.covers("PEER-54")
def test_a_rotated_key_and_the_one_before_overlap(owner: StoreClient, store: StoreRef) -> None:
    old = made(owner, scopes=["orders.read"])

    answer = owner.post(f"{KEYS}/{old['id']}/rotate", {"overlap_hours": 2}, format="json")

    new = answer.json()
    assert (answer.status_code, new["id"]) == (200, old["id"])
    assert new["key"] != old["key"]
    assert [caller(store, k["key"]).get("/api/v1/orders").status_code for k in (old, new)] == [
        200,
        200,
    ]
    over = timezone.now() - timedelta(seconds=1)
    ApiKey.objects.update(previous_until=over)
    api_keys._rings.clear()
    assert [caller(store, k["key"]).get("/api/v1/orders").status_code for k in (old, new)] == [
        401,
        200,
    ]


@pytest.mark.covers("PEER-54")
def test_a_rotation_without_overlap_ends_the_old_key_at_once(
    owner: StoreClient, store: StoreRef
) -> None:
    old = made(owner, scopes=["orders.read"])
    path = f"{KEYS}/{old['id']}/rotate"

    new = owner.post(path, {"overlap_hours": 0}, format="json").json()

    assert caller(store, old["key"]).get("/api/v1/orders").status_code == 401
    assert caller(store, new["key"]).get("/api/v1/orders").status_code == 200
    for hours, code in ((-1, "min_value"), (169, "max_value"), ("1", "invalid"), (1.5, "invalid")):
        wrong = owner.post(path, {"overlap_hours": hours}, format="json")
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, code)
    assert owner.post(f"{KEYS}/{uuid4()}/rotate", {}, format="json").status_code == 404


@pytest.mark.covers("PEER-54", "ACC-10")
def test_nobody_learns_by_rotation_a_key_that_may_do_more_than_they(
    api: Callable[..., StoreClient], owner: StoreClient
) -> None:
    strong = made(owner, scopes=["settings.write"])

    answer = api(make_user("admin")).post(f"{KEYS}/{strong['id']}/rotate", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.covers("PEER-54")
def test_a_key_expires(
    owner: StoreClient, store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = timezone.now() + timedelta(hours=1)
    key = made(owner, scopes=["orders.read"], expires_at=end.isoformat())["key"]
    client = caller(store, key)
    monkeypatch.setattr(time, "time", lambda: end.timestamp() - 1)
    assert client.get("/api/v1/orders").status_code == 200

    monkeypatch.setattr(time, "time", end.timestamp)

    assert client.get("/api/v1/orders").status_code == 401


@pytest.mark.covers("PEER-63")
def test_test_keys_are_for_sandboxes_and_live_keys_for_other_stores(
    owner: StoreClient, store: StoreRef
) -> None:
    live = made(owner, scopes=["orders.read"])["key"]
    test = live.replace("live", "test")
    answer = caller(store, test).get("/api/v1/orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_mode")

    from apps.tenancy import directory
    from apps.tenancy.models import Store

    with enter_store(PUBLIC):
        Store.objects.filter(slug="acme").update(is_sandbox=True)
    directory._known.clear()
    answer = caller(store, live).get("/api/v1/orders")
    made_there = made(owner, scopes=["orders.read"])

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_mode")
    assert made_there["key"].startswith("sk_test_")
    assert made_there["mode"] == "test"
    assert caller(store, made_there["key"]).get("/api/v1/orders").status_code == 200


@pytest.mark.covers("PEER-63", "PAY-06")
def test_a_sandbox_store_pays_at_the_sandbox_gateway_whatever_the_deployment_uses(
    store: StoreRef, settings: Any
) -> None:
    from apps.payments.gateways.registry import default_gateway

    settings.PAYMENT_GATEWAY = "stripe"

    assert default_gateway().name == "stripe"
    with enter_store(replace(store, is_sandbox=True)):
        assert default_gateway().name == "sandbox"


# --- Publishable keys ---------------------------------------------------------------------------


@pytest.mark.covers("PEER-54", "CAT-23", "TEN-07")
def test_a_publishable_key_works_from_its_own_pages_alone(
    owner: StoreClient, store: StoreRef
) -> None:
    key = made(owner, kind="publishable", origins=[SHOP.upper().replace("HTTPS", "https")])["key"]

    for path in ("/api/v1/products", "/api/v1/campaigns"):
        statuses = {
            origin: caller(store, key, **({"HTTP_ORIGIN": origin} if origin else {}))
            .get(path)
            .status_code
            for origin in (SHOP, f"{SHOP}:443", "", "null", f"{SHOP}.evil.com", "https://evil.com")
        }
        assert statuses == {
            SHOP: 200,
            f"{SHOP}:443": 200,
            "": 403,
            "null": 403,
            f"{SHOP}.evil.com": 403,
            "https://evil.com": 403,
        }, path


@pytest.mark.covers("PEER-54", "T12")
def test_a_publishable_key_opens_what_a_guest_may_do(owner: StoreClient, store: StoreRef) -> None:
    stocked(owner)
    key = made(owner, kind="publishable")["key"]
    client = caller(store, key)
    as_token = StoreClient(store)
    as_token.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")

    assert client.get("/api/v1/products").status_code == 200
    assert client.post("/api/v1/orders", ORDER, format="json").status_code == 201
    assert as_token.post("/api/v1/orders", ORDER, format="json").status_code == 201
    for path in ("orders", "users", "api-keys", "payments", "inventory"):
        assert client.get(f"/api/v1/{path}").status_code == 401, path
        assert as_token.get(f"/api/v1/{path}").status_code == 403, path


@pytest.mark.covers("PEER-54")
def test_a_customer_signs_in_beside_a_publishable_key(
    api: Callable[..., StoreClient], owner: StoreClient, store: StoreRef
) -> None:
    key = made(owner, kind="publishable", origins=[SHOP])["key"]
    customer = api(make_user("customer"))
    customer._credentials.update(HTTP_X_API_KEY=key, HTTP_ORIGIN=SHOP)

    assert customer.get("/api/v1/users/me").json()["role"] == "customer"
    customer._credentials["HTTP_ORIGIN"] = "https://evil.com"
    assert customer.get("/api/v1/users/me").json()["code"] == "origin_refused"


# --- When it was used ---------------------------------------------------------------------------


@pytest.mark.covers("PEER-54")
def test_last_use_is_noted_beside_the_request_and_written_by_a_task(
    owner: StoreClient, store: StoreRef
) -> None:
    new = made(owner, scopes=["orders.read"])
    client = caller(store, new["key"])
    before = timezone.now() - timedelta(seconds=1)

    client.get("/api/v1/orders")
    client.get("/api/v1/orders")
    assert ApiKey.objects.get().last_used_at is None
    assert note_key_use() == 1

    used = owner.get(f"{KEYS}/{new['id']}").json()["last_used_at"]
    assert before.isoformat() < used
    assert note_key_use() == 0
    # Not noted again within the minute.
    client.get("/api/v1/orders")
    assert note_key_use() == 0


# --- Races --------------------------------------------------------------------------------------


@pytest.mark.covers("PEER-54", "ACC-22")
def test_many_threads_look_a_key_up_while_it_is_rotated(live_store: StoreRef) -> None:
    from apps.accounts.services.create_api_key import create_api_key
    from apps.accounts.services.rotate_api_key import rotate_api_key

    owner = make_user("owner")
    new = create_api_key(by=owner, name="K", kind="secret", scopes=["orders.read"])
    wrong: list[object] = []
    done = threading.Event()

    def look() -> None:
        try:
            with enter_store(live_store):
                while not done.is_set():
                    if api_keys.find_key(new.secret) is None:
                        wrong.append("lost")
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    rotated = rotate_api_key(key_id=new.row.pk, by=owner, overlap_hours=1)
    time.sleep(0.7)
    done.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert api_keys.find_key(rotated.secret) is not None
    cache.clear()


# --- Admin --------------------------------------------------------------------------------------


@pytest.mark.covers("PEER-84", "PEER-54")
def test_admin_makes_a_key_shows_it_once_rotates_and_revokes_it(store: StoreRef) -> None:
    from django.test import Client

    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    pages = "/admin/accounts/apikey/"
    form = {"name": "ERP", "kind": "secret", "scopes": ["orders.read"], "origins": ""}

    with CaptureQueriesContext(connection) as queries:
        assert client.get(pages).status_code == 200
    assert len(queries) <= 15
    assert "orders.read" in client.get(f"{pages}add/").content.decode()
    shown = client.post(f"{pages}add/", form).content.decode()
    row = ApiKey.objects.get()
    secret = shown.split('id="new-api-key"')[1].split(">")[1].split("<")[0]
    assert api_keys.key_hash(secret) == row.secret_hash
    listed = client.get(pages).content.decode()
    assert row.prefix in listed
    assert secret not in listed
    assert secret not in client.get(f"{pages}{row.pk}/change/").content.decode()

    action = {"action": "rotate", "_selected_action": [str(row.pk)]}
    rotated = client.post(pages, action).content.decode()
    row.refresh_from_db()
    assert 'id="new-api-key"' in rotated
    assert row.previous_hash == api_keys.key_hash(secret)
    client.post(pages, {**action, "action": "revoke"})
    row.refresh_from_db()
    assert row.revoked_at is not None


@pytest.mark.covers("PEER-84", "PEER-54")
@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({"kind": "secret"}, "scopes", "Send what the key may do."),
        ({"kind": "publishable", "scopes": ["orders.read"]}, "scopes", "has no scopes"),
        ({"kind": "publishable", "origins": "https://a.example *"}, "origins", "is no origin"),
        ({"kind": "secret", "scopes": ["orders.read"], "origins": SHOP}, "origins", "no origins"),
        ({"kind": "secret", "scopes": ["api_keys.manage"]}, "scopes", "not one of the available"),
        ({"kind": "secret", "scopes": ["settings.write"]}, "scopes", "not one of the available"),
    ],
)
def test_admin_tells_beside_the_field_what_is_wrong_and_keeps_what_was_typed(
    store: StoreRef, form: dict[str, Any], field: str, told: str
) -> None:
    from django.test import Client

    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("admin"))

    page = client.post("/admin/accounts/apikey/add/", {"name": "Till", "origins": "", **form})

    assert page.status_code == 200
    assert told in str(page.context["adminform"].form.errors[field])
    assert 'value="Till"' in page.content.decode()
    assert ApiKey.objects.count() == 0


@pytest.mark.covers("PEER-84", "PEER-54")
def test_admin_shows_what_a_key_may_and_offers_nothing_to_save(
    owner: StoreClient, store: StoreRef
) -> None:
    from django.test import Client

    vendor = Vendor.objects.create(name="Weavers", slug="weavers")
    new = made(owner, scopes=["orders.*"], vendor_id=str(vendor.pk))
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))

    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/admin/accounts/apikey/{new['id']}/change/").content.decode()

    assert len(queries) <= 15
    assert ", ".join(new["scopes"]) in page
    assert "Weavers" in page
    assert 'name="_save"' not in page
    assert 'name="_continue"' not in page


@pytest.mark.covers("PEER-84", "T12")
@pytest.mark.parametrize("role", ["editor", "finance", "vendor_owner"])
def test_admin_shows_keys_to_nobody_else(store: StoreRef, role: str) -> None:
    from django.test import Client

    client = Client(HTTP_HOST=store.domain)
    vendor = Vendor.objects.create(name="V", slug="v").pk if role == "vendor_owner" else None
    client.force_login(make_user(role, vendor_id=vendor))

    assert client.get("/admin/accounts/apikey/").status_code == 403
    assert client.get("/admin/accounts/apikey/add/").status_code == 403


# --- What was done by a key and takes effect later ------------------------------------------------


@pytest.mark.covers("SEC-08", "PEER-32", "PEER-54")
@pytest.mark.parametrize("fate", ["revoked_at", "expires_at", "scopes", ""])
def test_an_invitation_by_a_key_ends_with_the_key(
    owner: StoreClient, api: Callable[..., StoreClient], store: StoreRef, fate: str
) -> None:
    scopes = sorted(permissions_of("support") | {"team.read", "team.manage"})
    key = caller(store, made(owner, scopes=scopes)["key"])
    place = {"email": "new@example.com", "role": "support"}
    sent = key.post("/api/v1/team/invitations", place, format="json")
    assert sent.status_code == 201, sent.content
    token = token_of(Invitation.objects.get())
    past = timezone.now() - timedelta(seconds=1)
    if fate:
        ApiKey.objects.update(**{fate: ["team.manage"] if fate == "scopes" else past})

    answer = api().post(
        "/api/v1/auth/invitations/accept",
        {"token": token, "password": "Another-fine-8-password"},
        format="json",
    )

    assert answer.status_code == (422 if fate else 200), answer.content
    if fate:
        assert answer.json()["code"] == "invalid_link"
