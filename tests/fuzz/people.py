"""The store that is fuzzed: goods, an order, and somebody of each role."""

from __future__ import annotations

from pathlib import Path

from bench.server import manage
from config.demo_http import Api

STORE, PLATFORM = "fuzz", "platform"
PASSWORD = "Fuzz-7-pass-word"
ROLES = (
    *("owner", "admin", "editor", "support", "finance", "analyst"),
    *("vendor_owner", "vendor_staff", "customer"),
)
CATALOG = Path(__file__).resolve().parents[2] / "apps/catalog/demo/catalog.csv"


def fill(api: Api, data_dir: Path) -> None:
    """Make the store and its people."""
    operator = api.operator_token()
    body = {"slug": STORE, "name": "Fuzz", "default_currency": "USD", "owner": login_of("owner")}
    api.call(PLATFORM, "POST", "/api/v1/stores", body, token=operator)
    owner = token_of(api, "owner")
    api.upload(STORE, "/api/v1/imports", CATALOG, token=owner)
    vendor = api.call(STORE, "GET", "/api/v1/vendors", token=owner)["results"][0]["id"]
    for role in ROLES[1:]:
        extra = ["--vendor", vendor] if role.startswith("vendor_") else []
        login = login_of(role)
        manage(
            data_dir,
            "create_user",
            f"--store={STORE}",
            f"--email={login['email']}",
            f"--password={PASSWORD}",
            f"--role={role}",
            *extra,
        )


def token_of(api: Api, role: str) -> str:
    """A fresh access token of somebody of the role."""
    if role == "operator":
        return api.operator_token()
    return str(api.call(STORE, "POST", "/api/v1/auth/login", login_of(role))["access"])


def login_of(role: str) -> dict[str, str]:
    """What somebody of a store's role signs in with."""
    return {"email": f"{role}@example.com", "password": PASSWORD}
