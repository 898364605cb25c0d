"""A running server's store: what a buyer sends, and what the database then holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from bench.load import Client
from bench.server import PROJECT
from config.demo_http import Api, StepError

ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
PASSWORD = "Shop-per-pass-77"
OWNER = {"email": "owner@example.com", "password": "Owner-pass-77"}


@dataclass
class Shop:
    """One store on a running server, with a signed-in shopper."""

    api: Api
    pid: int
    database_url: str
    redis_url: str
    data_dir: Path
    slug: str = field(default_factory=lambda: f"shop-{uuid4().hex[:8]}")
    owner: str = ""
    token: str = ""

    def open(self) -> Shop:
        """Create the store, sign the owner in, register a shopper."""
        operator = self.api.operator_token()
        body = {"slug": self.slug, "name": "Shop", "owner": OWNER}
        self.api.call("platform", "POST", "/api/v1/stores", body, token=operator)
        self.owner = self.api.call(self.slug, "POST", "/api/v1/auth/login", OWNER)["access"]
        self.token = self.register("shopper@example.com")
        return self

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a command works on the server's data."""
        urls = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        ours = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
        return {**ours, **urls, "FC_DATA_DIR": str(self.data_dir)}

    def manage(self, *arguments: str) -> str:
        """Run a management command on the server's data; what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, cwd=PROJECT, env=self.environ, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr[-2000:]
        return result.stdout

    def register(self, email: str) -> str:
        """A new shopper's token."""
        body = {"email": email, "password": PASSWORD}
        self.api.call(self.slug, "POST", "/api/v1/auth/register", body)
        return self.sign_in(email)

    def sign_in(self, email: str) -> str:
        """A token of somebody who registered."""
        body = {"email": email, "password": PASSWORD}
        return str(self.api.call(self.slug, "POST", "/api/v1/auth/login", body)["access"])

    def stock(self, sku: str, units: int) -> None:
        """A product with that many units."""
        body = {"sku": sku, "name": sku, "price": 10, "currency": "USD", "inventory": units}
        self.api.call(self.slug, "POST", "/api/v1/products", body, token=self.owner)

    def order(
        self, skus: list[str], *, key: str = "", quantity: int = 1, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """One attempt over a connection of its own; the status and the body, whatever they are."""
        client = Client(self.api.port, f"{self.slug}.localhost")
        items = [{"sku": sku, "quantity": quantity} for sku in skus]
        body = {"items": items, "currency": "USD", "shipping_address": ADDRESS}
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            "Idempotency-Key": key or str(uuid4()),
        }
        try:
            status, raw = client.request("POST", "/api/v1/orders", body, headers)
        finally:
            client.close()
        return status, json.loads(raw)

    def insist(self, path: str, body: Any) -> Any:
        """Send until it is answered, always with the same key, as a careful client does."""
        key = str(uuid4())
        deadline = time.monotonic() + 90
        while True:
            try:
                return self.api.call(
                    self.slug, "POST", path, body, token=self.token, idempotency_key=key
                )
            except (StepError, json.JSONDecodeError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def buy(self, sku: str, quantity: int) -> str:
        """Order and pay, whatever it takes; returns the order's number."""
        items = [{"sku": sku, "quantity": quantity}]
        order = self.insist(
            "/api/v1/orders", {"items": items, "currency": "USD", "shipping_address": ADDRESS}
        )
        self.insist("/api/v1/payments", {"order_id": order["id"], "payment_method": "pm_card_visa"})
        return str(order["number"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the store, read past the application."""
        schema = "store_" + self.slug.replace("-", "_")
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f'SET search_path = "{schema}"'.encode())
            return connection.execute(sql.encode()).fetchall()

    def confirmations(self) -> Counter[str]:
        """How many confirmation mails each order number has, told apart by Message-ID."""
        seen: set[tuple[str, str]] = set()
        numbers = {row[0] for row in self.query("SELECT number FROM orders_order")}
        for path in (self.data_dir / "mail").rglob("*.eml"):
            mail = message_from_bytes(path.read_bytes())
            subject = str(mail["Subject"])
            if "confirm" in subject.lower():
                seen |= {(n, str(mail["Message-ID"])) for n in numbers if n in subject}
        return Counter(number for number, _ in seen)

    def settle(self, seconds: float) -> None:
        """Wait until nothing is owed. Raises AssertionError with what is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            owed = self.query("SELECT count(*) FROM events_delivery WHERE status <> 'done'")
            if owed == [(0,)]:
                return
            time.sleep(0.3)
        details = self.query(
            "SELECT subscriber, status, attempts, last_error, count(*) FROM events_delivery "
            "WHERE status <> 'done' GROUP BY 1, 2, 3, 4"
        )
        raise AssertionError(f"still owed after {seconds} s: {details}")

    def check_ledger(self) -> None:
        """Levels, ledger, reservations and lines must all tell the same (the ledger check)."""
        assert (
            self.query(
                """SELECT l.variant_id FROM inventory_stocklevel l
               WHERE l.on_hand <> (SELECT sum(m.on_hand_delta) FROM inventory_stockmovement m
                   WHERE m.variant_id = l.variant_id AND m.warehouse_id = l.warehouse_id)
               OR l.reserved <> (SELECT sum(m.reserved_delta) FROM inventory_stockmovement m
                   WHERE m.variant_id = l.variant_id AND m.warehouse_id = l.warehouse_id)
               OR l.reserved <> (SELECT coalesce(sum(r.quantity - r.committed), 0)
                   FROM inventory_reservation r WHERE r.variant_id = l.variant_id
                   AND r.warehouse_id = l.warehouse_id AND r.status = 'held')"""
            )
            == []
        )
        assert (
            self.query(
                """SELECT o.number FROM orders_order o WHERE o.total_cents <>
               (SELECT sum(l.total_cents) FROM orders_orderline l WHERE l.order_id = o.id)"""
            )
            == []
        )
        assert (
            self.query(
                """SELECT o.number FROM orders_order o WHERE o.status <> 'cancelled' AND
               (SELECT sum(l.quantity) FROM orders_orderline l WHERE l.order_id = o.id) <>
               (SELECT coalesce(sum(r.quantity), 0) FROM inventory_reservation r
                   WHERE r.order_id = o.id AND r.status <> 'released')"""
            )
            == []
        )
