"""API3:2023 Broken object property level authorisation: every model's every field in every write.

Generated from the OpenAPI document and the models: a field or an operation that comes later is in
here, or fails the build (T11).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction

from apps.accounts.roles import permissions_of
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.flows import owasp_catalog
from tests.flows.owasp import Operation, caller, lowest_role, operations, resolved, send
from tests.flows.owasp_bodies import FILES, GUARDED, bodies
from tests.isolation.world import Side, build
from tests.support.people import make_user

POISON, POISON_NUMBER, POISON_TIME = "POISON-3c9", 66613377, "1999-01-02T03:04:05Z"
# What an answer or a log may say of the request itself, or of when it came.
_OWN_AFFAIRS = {"accounts_session", "common_idempotencykey", "django_session"}
# Names that no model has, and that people try.
TRIED = ["store", "tenant", "is_staff", "is_superuser", "is_admin", "verified", "user", "owner"]
TRIED += ["unit_price_cents", "total", "amount", "discount", "tax", "permissions", "groups", "pk"]
TRIED += ["schema_name", "created", "approved", "paid", "price", "vendor", "_state", "__class__"]
VARIANTS = 3
_SECRETS = re.compile(
    r"bcrypt|\$2[aby]\$|pbkdf2|argon2|\"(?:password|nonce|refresh_id|secret_hash|key_hash|mac"
    r"|sealed|private_key|fingerprint|request_key|sessions_ended_at)\""
)


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


@lru_cache
def candidates() -> dict[str, list[Any]]:
    """field name: values that somebody with a plan would send for it."""
    found: dict[str, list[Any]] = {name: [POISON, True, POISON_NUMBER] for name in TRIED}
    for model in apps.get_models():
        if not model.__module__.startswith("apps."):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.Field):
                for name in {field.name, field.attname}:
                    found.setdefault(name, []).extend(_values(field))
    return found


def _values(field: models.Field[Any, Any]) -> list[Any]:
    if field.choices:
        return [value for value, _ in field.flatchoices]
    if isinstance(field, models.BooleanField):
        return [True, False]
    if isinstance(field, (models.DateTimeField, models.DateField)):
        return [POISON_TIME]
    if isinstance(field, (models.IntegerField, models.DecimalField, models.FloatField)):
        return [POISON_NUMBER]
    if isinstance(field, models.JSONField):
        return [{POISON: True}]
    if isinstance(field, models.ForeignKey) or field.get_internal_type() == "UUIDField":
        return ["VICTIM"]
    return [POISON]


def poison(victim: str, variant: int) -> dict[str, Any]:
    """One value for each name; another choice of them for each variant."""
    pick = random.Random(variant)
    chosen = {name: pick.choice(values) for name, values in candidates().items()}
    return {name: victim if value == "VICTIM" else value for name, value in chosen.items()}


def poisoned(body: Any, schema: dict[str, Any], values: dict[str, Any]) -> Any:
    """The body with every name that its schema does not know, at every depth."""
    schema = resolved(schema)
    schema = resolved(schema["allOf"][0]) if "allOf" in schema else schema
    if isinstance(body, list):
        return [poisoned(row, schema.get("items", {}), values) for row in body]
    if not isinstance(body, dict) or "properties" not in schema:
        return body if not isinstance(body, dict) or body else dict(values)
    known = schema["properties"]
    own = {name: poisoned(value, known.get(name, {}), values) for name, value in body.items()}
    return {**{name: value for name, value in values.items() if name not in known}, **own}


def columns() -> Iterator[tuple[str, list[str]]]:
    """Tables of the store with the columns whose values do not differ from run to run."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table in _OWN_AFFAIRS or not model.__module__.startswith("apps."):
            continue
        if not table.startswith("tenancy_"):
            yield table, [field.column for field in model._meta.concrete_fields if _steady(field)]


def _steady(field: models.Field[Any, Any]) -> bool:
    steady = (models.BooleanField, models.IntegerField, models.DecimalField)
    name = field.attname
    if field.get_internal_type() == "BigIntegerField" and not name.endswith("_cents"):
        return False
    return bool(field.choices) or (isinstance(field, steady) and not field.primary_key)


def facts(side: Side, victim: str) -> tuple[dict[str, Counter[Any]], dict[str, int], list[str]]:
    """What stands in the store: values, how often the victim is named, and where poison is."""
    values, named, poisoned_tables = {}, {}, []
    with enter_store(side.store), connection.cursor() as cursor:
        for table, names in columns():
            wanted = ", ".join(f'"{name}"' for name in names) or "1"
            cursor.execute(f'SELECT {wanted} FROM "{table}"')
            values[table] = Counter(cursor.fetchall())
            cursor.execute(
                f"""SELECT count(*) FILTER (WHERE t::text LIKE %s), count(*) FILTER (
                        WHERE t::text LIKE %s OR t::text LIKE %s OR t::text LIKE %s)
                    FROM "{table}" t""",
                [f"%{victim}%", f"%{POISON}%", f"%{POISON_NUMBER}%", "%1999-01-02%"],
            )
            named[table], bad = cursor.fetchone()
            if bad:
                poisoned_tables.append(table)
    return values, named, poisoned_tables


def run(
    side: Side, operation: Operation, who: Any, paths: dict[str, str], body: Any, victim: str
) -> tuple[Any, Any]:
    """The answer and what stands afterwards; then everything is as before."""
    client, path = side.client(who), operation.path
    for name, value in paths.items():
        path = path.replace(f"{{{name}}}", value)
    # What was counted for the run before is not counted for this one.
    cache.clear()
    # By hand: a gateway refuses to be called inside a block that Django knows of.
    mark = transaction.savepoint()
    try:
        answer = send(client, operation.method, path, body)
        return answer, facts(side, victim)
    finally:
        transaction.savepoint_rollback(mark)


def difference(one: Any, other: Any) -> dict[str, Any]:
    """Table by table, what only one of them has."""
    return {
        f"{kind} {table}": (one[kind][table], other[kind][table])
        for kind in (0, 1)
        for table in one[kind]
        if one[kind][table] != other[kind][table]
    }


@pytest.fixture
def things(side: Side) -> dict[str, str]:
    """path parameter: the id of a thing that the operation may be done to."""
    owner = side.client(side.owner)
    api = "/api/v1"
    key = owner.post(f"{api}/api-keys", {"name": "K", "kind": "secret", "scopes": ["orders.read"]})
    owner.post(f"{api}/categories", {"name": "Shoes", "slug": "shoes"})
    invited = owner.post(f"{api}/team/invitations", {"email": "x@example.com", "role": "editor"})
    with enter_store(side.store):
        member = make_user("analyst")
    guest, order = side.client(), bodies(side)["orders_create"]
    unpaid, held, paid = (
        guest.post(f"{api}/orders", order, format="json").json()["id"] for _ in range(3)
    )
    pay = {"payment_method": "pm_card_visa", "email": order["email"]}
    manual = {**pay, "order_id": held, "capture": "manual"}
    holding = guest.post(f"{api}/payments", manual, format="json").json()["id"]
    guest.post(f"{api}/payments", {**pay, "order_id": paid}, format="json")
    line = {"sku": "SAME", "quantity": 1}
    cart = side.client(side.customer).post(f"{api}/cart/items", line, format="json").json()
    wish = {**bodies(side)["draft_orders_create"], "shipping_address": order["shipping_address"]}
    return {
        "draft_id": owner.post(f"{api}/draft-orders", wish, format="json").json()["id"],
        "line_id": cart["lines"][0]["id"],
        "unpaid": unpaid,
        "paid": paid,
        "holding": holding,
        "key_id": key.json()["id"],
        "slug": "shoes",
        "invitation_id": invited.json()["id"],
        "order_id": side.ids["order"],
        "payment_id": side.ids["payment"],
        "shipment_id": side.ids["shipment"],
        "campaign_id": side.ids["campaign"],
        "address_id": side.ids["address"],
        "user_id": side.ids["user"],
        "member": str(member.pk),
        "key": side.ids["product"],
        "code": "main",
    }


def person(side: Side, operation: Operation) -> Any:
    """The least of those who may: the customer whose things they are, else the smallest bundle."""
    if operation.operation_id == "cart_items_update":
        # The line is in their cart.
        return side.customer
    if operation.code == "public":
        return None
    if operation.code is None:
        return side.customer
    role = lowest_role(operation.code)
    # A vendor's people may, but have nothing here.
    return make_user("owner" if role.startswith("vendor") else role)


WRITES = [row for row in operations() if row.is_write and row.operation_id not in FILES]
GROUPS = sorted({row.path.split("/")[3] for row in WRITES})
# Not possible to the caller, or to what the world holds; what is added must still change nothing.
REFUSED = {
    "auth_logout",
    "shipments_deliver_create",
    "orders_returns_create",
    # The cart is empty; there is no such order; no company's order waits.
    "cart_checkout",
    "orders_lookup",
    "orders_approve",
    "orders_reject",
    # It is not held.
    "orders_release",
}


@pytest.mark.covers("T11", "SEC-08", "ACC-11")
@pytest.mark.parametrize("group", GROUPS)
def test_api3_no_write_takes_a_field_that_it_does_not_offer(
    group: str, side: Side, things: dict[str, str]
) -> None:
    """By the least of those who may, with a body that is taken, and every other name beside it."""
    known, wrong = bodies(side, unpaid=things["unpaid"], paid=things["paid"]), {}
    with enter_store(side.store):
        victim = str(make_user("customer", email="victim@example.com").pk)
    if group in owasp_catalog.GROUPS:
        things = {**things, **owasp_catalog.catalog_things(side)}
    for operation in WRITES:
        if operation.path.split("/")[3] == group:
            found = tried(side, operation, things, known, victim)
            if found:
                wrong[operation.operation_id] = found

    assert wrong == {}


def tried(side: Side, operation: Operation, things: dict[str, str], known: Any, victim: str) -> Any:
    """What is wrong with the operation; nothing, where all is well."""
    with enter_store(side.store):
        who = owasp_catalog.special_person(operation) or person(side, operation)
    name = operation.operation_id
    paths = {**things, "user_id": things["member"]} if name.startswith("team") else things
    if name in {"payments_capture_create", "payments_void_create"}:
        paths = {**paths, "payment_id": things["holding"]}
    body = GUARDED.get(name) or known.get(name)
    if operation.path.split("/")[3] in owasp_catalog.GROUPS:
        body = body or owasp_catalog.body(operation, things)
        operation = owasp_catalog.placed(operation, things)
    if operation.body and body is None:
        return "Put a body for it into owasp_bodies."
    body = body or {}
    before = facts(side, victim)
    plain, expected = run(side, operation, who, paths, body, victim)
    if (plain.status_code >= 300) != (name in GUARDED or name in REFUSED):
        return "the plain body", plain.status_code, plain.content
    for variant in range(VARIANTS):
        sent = poisoned(body, operation.body, poison(victim, variant))
        answer, after = run(side, operation, who, paths, sent, victim)
        told = (answer.status_code, answer.content[:300])
        if answer.status_code >= 500 or after[2]:
            return told, after[2]
        # Refused as a whole, or taken as if the rest had not been there.
        same = answer.status_code == plain.status_code
        if not same and answer.status_code not in {400, 422}:
            return told
        if found := difference(after, expected if same else before):
            return told, found
    return None


@pytest.mark.covers("T11", "ACC-01")
@pytest.mark.parametrize("role", ["customer", "support", "analyst", "editor", "finance"])
def test_api3_nobody_writes_more_rights_for_oneself(side: Side, role: str) -> None:
    client = caller(side, role, email="me@example.com")
    before = client.get("/api/v1/users/me").json()
    greedy = {"role": "owner", "status": "active", "email_verified": True, "verified": True}
    greedy |= {"is_staff": True, "permissions": ["*"], "email": "else@example.com"}

    answers = [
        client.patch("/api/v1/users/me", greedy, format="json"),
        client.put("/api/v1/users/me", {"first_name": "", **greedy}, format="json"),
    ]

    assert {answer.status_code for answer in answers} <= {200, 400, 403}
    after = client.get("/api/v1/users/me").json()
    for name in ("role", "status", "email", "email_verified", "permissions", "vendor_id"):
        assert after[name] == before[name], name
    assert set(after["permissions"]) == set(permissions_of(role))


@pytest.mark.covers("T11", "SEC-04")
def test_api3_no_answer_holds_a_secret_or_a_hash(side: Side) -> None:
    """Read-only and hidden fields are absent, also from what the store's owner gets."""
    for client in (side.client(side.owner), side.client(side.customer)):
        for operation in operations():
            if operation.method != "get" or "label.pdf" in operation.path:
                continue
            path = operation.path
            for name, key in (("user_id", "user"), ("order_id", "order"), ("key", "product")):
                path = path.replace(f"{{{name}}}", side.ids[key])
            for name, key in (("payment_id", "payment"), ("campaign_id", "campaign")):
                path = path.replace(f"{{{name}}}", side.ids[key])
            answer: Any = client.get(path)
            body = (answer.getvalue() if answer.streaming else answer.content).decode()
            assert not _SECRETS.search(body), (path, _SECRETS.search(body))
