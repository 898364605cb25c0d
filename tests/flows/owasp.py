"""What the tests of the OWASP API Security Top 10 (2023) share: operations, and who may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from apps.accounts.roles import PLATFORM_ROLES, Role, permissions_of
from apps.common.stores import enter_store
from tests.isolation.world import Side
from tests.support.client import StoreClient
from tests.support.people import make_user

API = "/api/v1"
METHODS = ("get", "post", "put", "patch", "delete")
STORE_ROLES = tuple(role.value for role in Role if role not in PLATFORM_ROLES)
ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}


@dataclass(frozen=True)
class Operation:
    """One method of one path, what it takes, and its part of the OpenAPI document."""

    method: str
    path: str
    # The permission that the view asks for; None is anybody signed in, "public" is anybody.
    code: str | None
    operation_id: str
    # The schema of its JSON body; empty where it takes none.
    body: dict[str, Any]
    queries: frozenset[str]

    @property
    def is_open(self) -> bool:
        """Whether anybody may call it without saying who they are."""
        return self.code == "public"

    @property
    def is_write(self) -> bool:
        return self.method in {"post", "put", "patch"}


@cache
def document(urlconf: str = "config.urls_store") -> dict[str, Any]:
    """The OpenAPI document of a host."""
    return dict(SchemaGenerator(urlconf=urlconf).get_schema(public=True))


@cache
def operations(urlconf: str = "config.urls_store") -> tuple[Operation, ...]:
    """Every operation of a host's API, with the permission that its view really asks for."""
    generator = SchemaGenerator(urlconf=urlconf)
    generator.parse(None, public=True)
    views = {
        (method.lower(), path): view
        for path, _, method, view in generator._get_paths_and_endpoints()
    }
    found = []
    for path, item in document(urlconf)["paths"].items():
        for method in METHODS:
            if method in item and path.startswith("/api/v1/"):
                view = views[method, path]
                code = getattr(view, "required_permissions", {}).get(method.upper(), "public")
                found.append(_operation(urlconf, method, path, code, item[method]))
    return tuple(found)


def _operation(urlconf: str, method: str, path: str, code: Any, told: Any) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    queries = {row["name"] for row in told.get("parameters", []) if row["in"] == "query"}
    return Operation(
        method=method,
        path=path,
        code=code,
        operation_id=told["operationId"],
        body=body.get("schema", {}),
        queries=frozenset(queries),
    )


def resolved(schema: dict[str, Any], urlconf: str = "config.urls_store") -> dict[str, Any]:
    """A schema with its reference followed."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document(urlconf)["components"]["schemas"][name]) if name else schema


def lowest_role(code: str | None) -> str:
    """The least that one can be and still pass: the smallest bundle that holds the code."""
    if code is None:
        return "customer"
    holders = [role for role in STORE_ROLES if code in permissions_of(role)]
    return min(holders, key=lambda role: len(permissions_of(role)))


def caller(side: Side, role: str, **fields: Any) -> StoreClient:
    """A client of somebody new of that role."""
    with enter_store(side.store):
        user = make_user(role, **fields)
    return side.client(user)


def path_of(operation: Operation, side: Side) -> str:
    """The operation's path, with ids of things that are there."""
    known = {"user_id": "user", "address_id": "address", "order_id": "order", "key": "product"}
    known |= {"payment_id": "payment", "shipment_id": "shipment", "campaign_id": "campaign"}
    known |= {"tracking_number": "tracking", "organization_id": "organization"}
    path = operation.path
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace(f"{{{name}}}", side.ids.get(known.get(name, ""), side.ids["order"]))
    return path


def send(client: StoreClient, method: str, path: str, body: Any = None) -> Any:
    """One call; JSON where the method carries a body."""
    if method == "get":
        return client.get(path)
    return getattr(client, method)(path, {} if body is None else body, format="json")
