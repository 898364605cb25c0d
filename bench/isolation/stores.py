"""The stores of the soak: the same SKUs, people and names in each, and a canary that is its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.load import Client

ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
OWNER = ("owner@example.com", "Soak-owner-pass-77")
SHOPPERS = [(f"shopper-{number}@example.com", "Soak-shop-per-77") for number in range(2)]
PRODUCTS = 12
SCARCE = "SCARCE"
# A token lasts 15 minutes; traded more often than it must be, so that trading it is in the mix.
_TOKEN_SECONDS = 60.0
# Meanwhile statements are cancelled, and a sign-in may be among them.
_TRIES = 20


@dataclass
class Person:
    """Somebody with an account, and a token that is always a valid one."""

    slug: str
    port: int
    email: str
    password: str
    token: str = ""
    refresh: str = ""
    renewed_at: float = 0.0
    signed_in: int = 0
    refreshed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        with self.lock:
            if not self.token or time.monotonic() - self.renewed_at > _TOKEN_SECONDS:
                self._renew()
            return {"Authorization": f"Bearer {self.token}"}

    def _renew(self) -> None:
        """Trade the refresh token; one whose answer was lost works no more: then sign in again."""
        pair: dict[str, Any] = {}
        if self.refresh:
            with contextlib.suppress(RuntimeError):
                body = {"refresh": self.refresh}
                pair = call(self.port, self.slug, "POST", "auth/refresh", body)
                self.refreshed += 1
        if not pair:
            body = {"email": self.email, "password": self.password}
            pair = call(self.port, self.slug, "POST", "auth/login", body, tries=_TRIES)
            self.signed_in += 1
        self.token, self.refresh = str(pair["access"]), str(pair["refresh"])
        self.renewed_at = time.monotonic()


@dataclass
class Store:
    """One store with its people and what it has."""

    slug: str
    port: int
    # In small letters, so that it stays whole in a product's slug, its address and the log.
    canary: str = field(default_factory=lambda: f"canary{secrets.token_hex(8)}")
    products: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    cookie: str = ""

    def __post_init__(self) -> None:
        """Give it its people, who have no account yet."""
        self.owner = Person(self.slug, self.port, *OWNER)
        self.shoppers = [Person(self.slug, self.port, *who) for who in SHOPPERS]

    @property
    def people(self) -> list[Person]:
        """Everybody with an account."""
        return [self.owner, *self.shoppers]

    @property
    def schema(self) -> str:
        """Its PostgreSQL schema."""
        return "store_" + self.slug.replace("-", "_")

    def fill(self) -> None:
        """Products, accounts and an order, over the store's own API."""
        for number in range(PRODUCTS):
            self._product(f"SAME-{number}", 1_000_000)
        self._product(SCARCE, 0)
        for shopper in self.shoppers:
            body = {"email": shopper.email, "password": shopper.password}
            call(self.port, self.slug, "POST", "auth/register", {**body, "first_name": "Sam"})
        for person in self.people:
            change = {"first_name": self.canary}
            call(self.port, self.slug, "PATCH", "users/me", change, person.headers())
        order = self.order_body(1)
        made = call(self.port, self.slug, "POST", "orders", order, self.shoppers[0].headers())
        self.orders.append(str(made["id"]))
        self.cookie = self._admin_cookie()

    def _product(self, sku: str, stock: int) -> None:
        body = {
            "sku": sku,
            "name": f"{self.canary} {sku}",
            "description": f"Only {self.canary} has this.",
            "price": 10,
            "currency": "USD",
            "inventory": stock,
        }
        made = call(self.port, self.slug, "POST", "products", body, self.owner.headers())
        self.products.append(str(made["slug"]))

    def order_body(self, number: int, sku: str = "") -> dict[str, Any]:
        """An order whose address and notes hold the canary."""
        return {
            "items": [{"sku": sku or f"SAME-{number % PRODUCTS}", "quantity": 1}],
            "currency": "USD",
            "notes": self.canary,
            "shipping_address": {**ADDRESS, "line2": self.canary},
        }

    def _admin_cookie(self) -> str:
        """A signed-in browser's cookies at the store's admin."""
        host = {"Host": f"{self.slug}.localhost:{self.port}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/admin/login/", headers=host)
        page = connection.getresponse()
        csrf = _cookies(page)["csrftoken"]
        found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.read())
        assert found is not None, "admin's login has no form"
        form = (
            f"csrfmiddlewaretoken={found[1].decode()}&username={OWNER[0]}"
            f"&password={OWNER[1]}&next=/admin/"
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={csrf}"}
        connection.request("POST", "/admin/login/", form, headers={**host, **kind})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        cookies = _cookies(answer)
        if "sessionid" not in cookies:
            raise RuntimeError(f"The owner could not sign in at admin: {answer.status}")
        return f"sessionid={cookies['sessionid']}"


def _cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    told = answer.headers.get_all("Set-Cookie") or []
    return dict(line.split(";")[0].split("=", 1) for line in told)


def call(
    port: int,
    slug: str,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    *,
    tries: int = 1,
) -> dict[str, Any]:
    """One call that must succeed within `tries`; its answer."""
    client = Client(port, f"{slug}.localhost")
    key = {"Idempotency-Key": str(uuid4())}
    for left in range(tries - 1, -1, -1):
        try:
            status, raw = client.request(
                method, f"/api/v1/{path}", body, {**key, **(headers or {})}
            )
        except ConnectionError:
            status, raw = 0, b""
        if 200 <= status < 300:
            client.close()
            return dict(json.loads(raw)) if raw else {}
        if not left:
            break
        time.sleep(0.3)
    raise RuntimeError(f"{method} {path} at {slug}: {status} {raw[:500].decode()}")
