"""The store that is fuzzed: goods, an order, and somebody of each role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.server import manage
from config.demo_http import Api
from tests.support.people import PASSWORD

STORE, PLATFORM = "fuzz", "platform"
ROLES = (
    *("owner", "admin", "editor", "support", "finance", "analyst"),
    *("vendor_owner", "vendor_staff", "customer"),
)
CATALOG = Path(__file__).resolve().parents[2] / "apps/catalog/demo/catalog.csv"


def fill(api: Api, data_dir: Path) -> dict[str, Any]:
    """Make the store, its people and things; returns each operation's examples."""
    operator = api.operator_token()
    body = {"slug": STORE, "name": "Fuzz", "default_currency": "USD", "owner": login_of("owner")}
    api.call(PLATFORM, "POST", "/api/v1/stores", body, token=operator)
    owner = token_of(api, "owner")
    api.upload(STORE, "/api/v1/imports", CATALOG, token=owner)
    vendor = api.call(STORE, "GET", "/api/v1/vendors", token=owner)["results"][0]["id"]
    script = f"from tests.fuzz.things import told; told({STORE!r}, {vendor!r})"
    answer = manage(data_dir, "shell", "--verbosity=0", "--command", script)
    return dict(json.loads(answer.splitlines()[-1]))


def token_of(api: Api, role: str, data_dir: Path | None = None) -> str:
    """A fresh access token of somebody of the role.

    With `data_dir` they may sign in again, whatever the runs before have done to their account:
    wrong passwords lock it.
    """
    if role == "operator":
        return api.operator_token()
    if data_dir is not None:
        call = f"allow({STORE!r}, {role!r})"
        script = f"from tests.fuzz.things import allow; {call}"
        manage(data_dir, "shell", "--verbosity=0", "--command", script)
    return str(api.call(STORE, "POST", "/api/v1/auth/login", login_of(role))["access"])


def login_of(role: str) -> dict[str, str]:
    """What somebody of a store's role signs in with; the customer has bought what is there."""
    name = "buyer@example.com" if role == "customer" else f"{role}@fuzz.example.com"
    return {"email": name, "password": PASSWORD}
