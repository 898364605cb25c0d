"""The mixed requests: reads, writes, refusals, and calls that nobody waits for."""

from __future__ import annotations

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.isolation.stores import SCARCE, Store
from bench.load import Client

# Admin's pages, and whether each shows the canary.
_ADMIN_PAGES = {
    "catalog/product": True,
    "accounts/user": True,
    "orders/order": False,
    "events/event": False,
}
_BAD_BODIES: Sequence[Any] = (
    {"items": [{"sku": "SAME-1", "quantity": -1}], "currency": "XXX"},
    {"items": [{"sku": "SAME-1\x00", "quantity": 1}], "currency": "USD"},
    {"items": {"sku": "SAME-1"}, "currency": ["USD"]},
    ["not", "an", "object"],
    "{",
)


@dataclass(frozen=True)
class Call:
    """One request, what it may answer, and whether the answer shows the store's canary."""

    method: str
    path: str
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    expected: frozenset[int] = frozenset({200})
    shows: bool = False
    hang_up: bool = False


@dataclass
class Tally:
    """What a run saw."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    # A statement that was cancelled or killed: the server's own error, or no answer at all.
    broken: Counter[str] = field(default_factory=Counter)
    # What no cancelled statement explains.
    wrong: Counter[str] = field(default_factory=Counter)
    shown: int = 0
    foreign: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another one's counts in."""
        self.kinds += other.kinds
        self.statuses += other.statuses
        self.broken += other.broken
        self.wrong += other.wrong
        self.shown += other.shown
        self.foreign += other.foreign


Kind = Callable[[Store, Store, random.Random], Call]


def products(store: Store, other: Store, rng: random.Random) -> Call:
    """A storefront's list."""
    limit = rng.choice([1, 5, 20])
    return Call("GET", f"/api/v1/products?limit={limit}&offset={rng.randrange(5)}", shows=True)


def product(store: Store, other: Store, rng: random.Random) -> Call:
    """One product; `other` may have one of the same slug, under another name."""
    return Call("GET", f"/api/v1/products/{rng.choice(store.products)}", shows=True)


def search(store: Store, other: Store, rng: random.Random) -> Call:
    """What every store has, under the same SKU."""
    return Call("GET", f"/api/v1/products?search=SAME-{rng.randrange(5)}", shows=True)


def me(store: Store, other: Store, rng: random.Random) -> Call:
    """The account that has the same address in every store."""
    headers = rng.choice(store.shoppers).headers()
    return Call("GET", "/api/v1/users/me", headers=headers, shows=True)


def my_orders(store: Store, other: Store, rng: random.Random) -> Call:
    """A customer's orders."""
    return Call("GET", "/api/v1/orders?limit=5", headers=store.shoppers[0].headers(), shows=True)


def order_detail(store: Store, other: Store, rng: random.Random) -> Call:
    """One order with its address."""
    headers = store.owner.headers()
    return Call("GET", f"/api/v1/orders/{rng.choice(store.orders)}", headers=headers, shows=True)


def stock(store: Store, other: Store, rng: random.Random) -> Call:
    """The owner's stock levels."""
    return Call("GET", "/api/v1/inventory?limit=10", headers=store.owner.headers(), shows=True)


def users(store: Store, other: Store, rng: random.Random) -> Call:
    """The owner's list of people."""
    return Call("GET", "/api/v1/users?limit=10", headers=store.owner.headers(), shows=True)


def admin(store: Store, other: Store, rng: random.Random) -> Call:
    """An admin page over the session cookie."""
    page, shows = rng.choice(list(_ADMIN_PAGES.items()))
    return Call("GET", f"/admin/{page}/", headers={"Cookie": store.cookie}, shows=shows)


def place_order(store: Store, other: Store, rng: random.Random) -> Call:
    """A customer's order."""
    headers = {**rng.choice(store.shoppers).headers(), "Idempotency-Key": str(uuid4())}
    body = store.order_body(rng.randrange(100))
    return Call("POST", "/api/v1/orders", body, headers, frozenset({201}))


def place_as_guest(store: Store, other: Store, rng: random.Random) -> Call:
    """A guest's order, without a key."""
    body = {**store.order_body(rng.randrange(100)), "email": "guest@example.com"}
    return Call("POST", "/api/v1/orders", body, expected=frozenset({201}))


def adjust(store: Store, other: Store, rng: random.Random) -> Call:
    """The owner's change of stock, audited."""
    body = {"sku": f"SAME-{rng.randrange(12)}", "delta": 1, "reason": store.canary}
    headers = {**store.owner.headers(), "Idempotency-Key": str(uuid4())}
    return Call(
        "POST", "/api/v1/inventory/adjustments", body, headers, frozenset({200, 201}), shows=False
    )


def rename(store: Store, other: Store, rng: random.Random) -> Call:
    """A customer's change of their own name."""
    body = {"last_name": f"{store.canary}-{rng.randrange(9)}"}
    headers = rng.choice(store.shoppers).headers()
    return Call("PATCH", "/api/v1/users/me", body, headers, shows=True)


def sold_out(store: Store, other: Store, rng: random.Random) -> Call:
    """An order that cannot be had: rolled back or cancelled, with its events."""
    headers = {**store.shoppers[1].headers(), "Idempotency-Key": str(uuid4())}
    body = store.order_body(0, SCARCE)
    return Call("POST", "/api/v1/orders", body, headers, frozenset({409}))


def malformed(store: Store, other: Store, rng: random.Random) -> Call:
    """Bad input."""
    return Call("POST", "/api/v1/orders", rng.choice(_BAD_BODIES), expected=frozenset({400, 422}))


def unknown(store: Store, other: Store, rng: random.Random) -> Call:
    """What does not exist."""
    return Call("GET", f"/api/v1/products/{uuid4()}", expected=frozenset({404}))


def others_order(store: Store, other: Store, rng: random.Random) -> Call:
    """Another store's order, by its owner's hand and its id."""
    path = f"/api/v1/orders/{rng.choice(other.orders)}"
    return Call("GET", path, headers=store.owner.headers(), expected=frozenset({404}))


def others_token(store: Store, other: Store, rng: random.Random) -> Call:
    """Another store's token."""
    headers = other.owner.headers()
    return Call("GET", "/api/v1/orders?limit=5", headers=headers, expected=frozenset({401}))


def cancelled_read(store: Store, other: Store, rng: random.Random) -> Call:
    """A list that nobody waits for."""
    return Call("GET", "/api/v1/products?limit=100", hang_up=True)


def cancelled_order(store: Store, other: Store, rng: random.Random) -> Call:
    """An order whose buyer has left."""
    headers = {**store.shoppers[1].headers(), "Idempotency-Key": str(uuid4())}
    return Call(
        "POST", "/api/v1/orders", store.order_body(rng.randrange(100)), headers, hang_up=True
    )


# Kind and how often among a hundred.
MIX: Sequence[tuple[Kind, int]] = [
    (products, 16),
    (product, 14),
    (search, 6),
    (me, 9),
    (my_orders, 7),
    (order_detail, 7),
    (stock, 5),
    (users, 4),
    (admin, 2),
    (place_order, 4),
    (place_as_guest, 2),
    (adjust, 3),
    (rename, 5),
    (sold_out, 2),
    (malformed, 2),
    (unknown, 3),
    (others_order, 3),
    (others_token, 2),
    (cancelled_read, 3),
    (cancelled_order, 1),
]


class Shopper:
    """One thread of the load, with a connection to every store."""

    def __init__(self, stores: Sequence[Store], port: int, seed: int) -> None:
        self.stores = stores
        self.rng = random.Random(seed)
        self.clients = {store.slug: Client(port, f"{store.slug}.localhost") for store in stores}
        self.tally = Tally()

    def go(self) -> None:
        """One request to a random store, checked."""
        store, other = self.rng.sample(self.stores, 2)
        (kind,) = self.rng.choices([row[0] for row in MIX], [row[1] for row in MIX])
        call = kind(store, other, self.rng)
        name = kind.__name__
        self.tally.kinds[name] += 1
        client = self.clients[store.slug]
        if call.hang_up:
            _hang_up(client, call, self.rng)
            return
        try:
            status, raw = client.request(call.method, call.path, call.body, call.headers)
        except OSError:
            client.close()
            self.tally.broken[f"{name}: connection lost"] += 1
            return
        self.check(name, call, store, status, raw)

    def check(self, name: str, call: Call, store: Store, status: int, raw: bytes) -> None:
        """Count an answer, and whose canaries it shows."""
        self.tally.statuses[status] += 1
        for each in self.stores:
            if each is not store and each.canary.encode() in raw:
                self.tally.foreign.append(f"{name} at {store.slug} showed {each.slug}: {call.path}")
        if status >= 500:
            self.tally.broken[f"{name}: {status}"] += 1
        elif status not in call.expected:
            self.tally.wrong[f"{name}: {status}"] += 1
        elif call.shows and store.canary.encode() in raw:
            self.tally.shown += 1
        elif call.shows:
            self.tally.wrong[f"{name}: {status} without the store's own rows"] += 1
        if name == "place_order" and status == 201 and len(store.orders) < 200:
            store.orders.append(str(json.loads(raw)["id"]))


def _hang_up(client: Client, call: Call, rng: random.Random) -> None:
    """Send the request, whole or in part, and leave: at once, or while it is being answered."""
    body = b"" if call.body is None else json.dumps(call.body).encode()
    lines = [f"{call.method} {call.path} HTTP/1.1", f"Host: {client.host}:{client.port}"]
    lines += ["Content-Type: application/json"] if body else []
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    message = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    whole = rng.random() < 0.8
    try:
        with socket.create_connection(("127.0.0.1", client.port), timeout=60) as connection:
            connection.sendall(message if whole else message[: len(message) // 2])
            time.sleep(rng.choice([0.0, rng.uniform(0.0, 0.05)]))
    except OSError:
        return
