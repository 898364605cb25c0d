"""A thing of every kind in the store that is fuzzed, and how each operation is called rightly.

Made-up ids name nothing: without real ones most of the API would only ever answer 404. Both are
those of the isolation matrix. Runs in a process of its own, within Django, on the servers that are
fuzzed: `told()` prints what the fuzzing process, which knows no Django, puts into the document.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from tests.fuzz.people import ROLES, login_of

# Ends what the others need; these get along with what they find by themselves.
ENDING = ("cancel", "decline", "reject", "void", "status", "withdraw", "suspend")


def told(slug: str, vendor: str) -> None:
    """Fill the store with things and with somebody of each role, the vendor's people of `vendor`;
    print the examples of every operation by `METHOD path`, as JSON.
    """
    from apps.common.stores import enter_store
    from apps.events.tasks import drain_store
    from tests.isolation.routes import STORE, routes
    from tests.isolation.scene import stored, things_of
    from tests.isolation.world import build
    from tests.support.people import make_user

    # The deliveries are worked off here, before the next thing is made of what they leave.
    drain_store.apply_async = lambda *args, **kwargs: None
    store = stored(slug)
    side = build(store)
    with enter_store(store):
        things = things_of(side)
        for role in set(ROLES) - {"owner", "customer"}:
            whose = UUID(vendor) if role.startswith("vendor_") else None
            make_user(role, login_of(role)["email"], whose)
    found = {}
    for route in routes(STORE):
        if route.is_api and route.method != "delete" and not route.path.endswith(ENDING):
            found[str(route)] = _example(route, things)
    goods = {"items": [{"sku": "SAME", "quantity": 1}]}
    opened = side.client().post("/api/v1/cart/items", goods, format="json")
    for name, example in found.items():
        if "/api/v1/cart" in name:
            example["values"]["X-Cart-Token"] = opened["X-Cart-Token"]
    print(json.dumps(found))


def allow(slug: str, role: str) -> None:
    """Let the role's person sign in again with the right password."""
    from django.contrib.auth.hashers import make_password

    from apps.accounts.attempts import unlock
    from apps.accounts.models import User
    from apps.common.stores import enter_store
    from tests.isolation.scene import stored

    login = login_of(role)
    with enter_store(stored(slug)):
        unlock(login["email"])
        found = User.objects.filter(email=login["email"])
        if not found.update(role=role, status="active", password=make_password(login["password"])):
            raise LookupError(f"{login['email']} is gone.")


def _example(route: Any, things: dict[str, str]) -> dict[str, Any]:
    from tests.isolation.calls import body_of, values_of
    from tests.isolation.routes import STORE

    return {"values": values_of(route, things), "body": body_of(route, things, STORE)}


def put_in(document: dict[str, Any], examples: dict[str, Any]) -> None:
    """Give the document's operations their examples."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            example = examples.get(f"{method.upper()} {path}")
            if example is None:
                continue
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in example["values"]:
                    parameter["example"] = example["values"][parameter["name"]]
            content = operation.get("requestBody", {}).get("content", {})
            if isinstance(example["body"], dict) and "application/json" in content:
                content["application/json"]["examples"] = {"right": {"value": example["body"]}}
