"""`make demo`: one real sale, from a catalog file to a shipping label, over HTTP alone.

Talks to the server at DEMO_URL (with the operator's ADMIN_EMAIL and ADMIN_PASSWORD), else starts
one of its own on a free port with its data under `.data/demo`, and stops it again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from config.demo_http import Api, StepError, own_server

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parents[1]
OWN_CATALOG = PROJECT / "apps/catalog/demo/catalog.csv"
CHAIN = (
    "order.created",
    "inventory.reserved",
    "order.confirmed",
    "payment.created",
    "payment.succeeded",
    "order.paid",
    "shipping.label.created",
)
PASSWORD = "Demo-7-" + uuid4().hex[:12]
ADDRESS = {
    "name": "Ada Shopper",
    "line1": "12 Harbour Street",
    "city": "Hamburg",
    "postal_code": "20095",
    "country": "DE",
}


class Tour:
    """The steps of one sale; each prints a line, and a failing one ends the tour."""

    def __init__(self, api: Api, catalog: Path) -> None:
        self.api = api
        self.catalog = catalog
        self.slug = f"demo-{uuid4().hex[:8]}"
        self.number = 0

    def step(self, title: str, do: Callable[[], T], tell: Callable[[T], str]) -> T:
        """Run one step and print how it went. Raises StepError."""
        self.number += 1
        print(f"[{self.number}] {title} ... ", end="", flush=True)
        started = time.perf_counter()
        try:
            result = do()
        except StepError as error:
            print("FAILED", flush=True)
            raise StepError(f"step {self.number} ({title}): {error}") from error
        print(f"{tell(result)}  ({(time.perf_counter() - started) * 1000:.0f} ms)", flush=True)
        return result

    def run(self) -> None:
        """The whole sale. Raises StepError."""
        self._open_store()
        owner = self.step("Sign the owner in", self._owner, lambda _: "done")
        self.step("Import the catalog", lambda: self._import(owner), _tell_import)
        item = self.step("Choose a product in stock", self._choose, lambda row: str(row["sku"]))
        shopper = self.step("Register a shopper, who signs in", self._register, lambda _: "done")
        self.step("Wait for the welcome mail", lambda: self._settled(owner), lambda _: "sent")
        # A server that has just started is not idle yet: its workers still load what they need.
        time.sleep(3)
        order = self.step("Place an order", lambda: self._order(shopper, item), _tell_order)
        self.step("Pay it", lambda: self._pay(shopper, order), lambda row: str(row["status"]))
        shipment = self.step(
            "Wait for the label",
            lambda: self._shipment(owner, order),
            lambda row: f"{row['carrier']} {row['tracking_number']}",
        )
        path = self.step("Fetch the label", lambda: self._label(owner, shipment), str)
        print(f"    label:    {path}")
        print(f"    tracking: {self.api.url(self.slug, self._tracking(shipment))}")
        self.step("Open the tracking page", lambda: self._track(shipment), str)
        self.step("Read the events", lambda: self._events(owner, order), lambda _: "complete")

    def _open_store(self) -> None:
        operator = self.step("Sign the operator in", self.api.operator_token, lambda _: "done")
        body = {
            "slug": self.slug,
            "name": "Demo Store",
            "owner": {"email": "owner@example.com", "password": PASSWORD},
        }
        self.step(
            "Create a store",
            lambda: self.api.call("platform", "POST", "/api/v1/stores", body, token=operator),
            lambda row: self.api.url(self.slug, ""),
        )

    def _owner(self) -> str:
        return self._sign_in("owner@example.com")

    def _sign_in(self, email: str) -> str:
        body = {"email": email, "password": PASSWORD}
        return str(self.api.call(self.slug, "POST", "/api/v1/auth/login", body)["access"])

    def _import(self, owner: str) -> dict[str, Any]:
        report = self.api.upload(self.slug, "/api/v1/imports", self.catalog, token=owner)
        if not report["variants"]:
            raise StepError(f"nothing could be imported: {report['errors'][:3]}")
        return dict(report)

    def _choose(self) -> dict[str, Any]:
        page = self.api.call(self.slug, "GET", "/api/v1/products?limit=100")
        for product in page["results"]:
            for variant in product["variants"]:
                untracked = variant["inventory"] is None
                if variant["prices"] and (untracked or variant["inventory"] > 0):
                    return dict(variant)
        raise StepError("no product of the file is in stock")

    def _register(self) -> str:
        body = {"email": "shopper@example.com", "password": PASSWORD, "first_name": "Ada"}
        self.api.call(self.slug, "POST", "/api/v1/auth/register", body)
        return self._sign_in("shopper@example.com")

    def _order(self, shopper: str, item: dict[str, Any]) -> dict[str, Any]:
        price = item["prices"][0]
        body = {
            "items": [{"sku": item["sku"], "quantity": 1}],
            "currency": price["currency"],
            "shipping_address": ADDRESS,
        }
        return dict(self.api.call(self.slug, "POST", "/api/v1/orders", body, token=shopper))

    def _pay(self, shopper: str, order: dict[str, Any]) -> dict[str, Any]:
        body = {"order_id": order["id"], "payment_method": "pm_card_visa"}
        return dict(self.api.call(self.slug, "POST", "/api/v1/payments", body, token=shopper))

    def _shipment(self, owner: str, order: dict[str, Any]) -> dict[str, Any]:
        path = f"/api/v1/shipments?order={order['id']}"
        for _ in range(100):
            page = self.api.call(self.slug, "GET", path, token=owner)
            if page["results"]:
                return dict(page["results"][0])
            time.sleep(0.1)
        raise StepError("no label within 10 seconds; is the worker running?")

    def _label(self, owner: str, shipment: dict[str, Any]) -> Path:
        path = f"/api/v1/shipments/{shipment['id']}/label.pdf"
        pdf = self.api.fetch(self.slug, path, token=owner)
        if not pdf.startswith(b"%PDF-"):
            raise StepError("the label is no PDF")
        target = self.api.data_dir / f"label-{shipment['tracking_number']}.pdf"
        target.write_bytes(pdf)
        return target

    def _tracking(self, shipment: dict[str, Any]) -> str:
        return f"/api/v1/tracking/{shipment['tracking_number']}"

    def _track(self, shipment: dict[str, Any]) -> str:
        return str(self.api.call(self.slug, "GET", self._tracking(shipment))["status"])

    def _settled(self, owner: str) -> list[dict[str, Any]]:
        """The newest events, once all their deliveries are done. Raises StepError."""
        path = "/api/v1/events?limit=500&deliveries=true"
        for _ in range(600):
            events: list[dict[str, Any]] = []
            page = self.api.call(self.slug, "GET", path, token=owner)
            while page["results"]:
                events = (events + page["results"])[-1000:]
                page = self.api.call(self.slug, "GET", f"{path}&after={page['next']}", token=owner)
            rows = [row for event in events for row in event["deliveries"]]
            if rows and all(row["status"] == "done" for row in rows):
                return events
            time.sleep(0.1)
        raise StepError("some deliveries are not done after a minute; is the worker running?")

    def _events(self, owner: str, order: dict[str, Any]) -> None:
        mine = _of_order(self._settled(owner), order["id"])
        _print_chain(mine)
        missing = [topic for topic in CHAIN if topic not in [event["type"] for event in mine]]
        if missing:
            raise StepError(f"never published: {', '.join(missing)}")


def _of_order(events: list[dict[str, Any]], order_id: str) -> list[dict[str, Any]]:
    return [event for event in events if order_id in str(event["data"])]


def _print_chain(events: list[dict[str, Any]]) -> None:
    print("\n")
    slowest = 0.0
    for event in events:
        print(f"    {event['time'][11:23]}  {event['type']}")
        for row in event["deliveries"]:
            slowest = max(slowest, row["latency_ms"] or 0.0)
            print(f"        {row['latency_ms']:7.1f} ms  {row['subscriber']}")
    print(f"    after-commit latency, slowest: {slowest:.1f} ms")
    print("    ", end="")


def _tell_import(report: dict[str, Any]) -> str:
    return (
        f"{report['products']} products, {report['variants']} variants, "
        f"{report['error_count']} errors"
    )


def _tell_order(order: dict[str, Any]) -> str:
    return f"{order['number']} {order['status']}, {order['total_cents']} {order['currency']} cents"


def main(arguments: list[str] | None = None) -> int:
    """Run the tour; exit 1 and say which step when one fails."""
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("--file", type=Path, default=OWN_CATALOG, help="a product CSV")
    options = parser.parse_args(arguments)
    if not options.file.is_file():
        print(f"error: there is no file {options.file}", file=sys.stderr)
        return 1
    try:
        url = os.environ.get("DEMO_URL", "")
        if url:
            Tour(Api(url), options.file).run()
        else:
            with own_server() as (api, _):
                Tour(api, options.file).run()
    except StepError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\nThe sale is complete.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
