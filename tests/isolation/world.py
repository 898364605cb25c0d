"""Two stores that hold the same things under the same names, and a canary in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import drain_all

ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}


@dataclass(frozen=True)
class Side:
    """One store with its people and the ids of everything in it.

    canary: stands in everything of the store's, what is for sale included. secret: begins with it,
    and stands in what only its person and the staff may see.
    """

    store: StoreRef
    canary: str
    secret: str
    owner: Any
    customer: Any
    ids: dict[str, str]

    def client(self, user: Any = None) -> StoreClient:
        """A client of this store."""
        return StoreClient(self.store, user)


def build(store: StoreRef) -> Side:
    """Fill a store over its own API: a product, stock, an order, a payment, a parcel, a campaign.

    SKUs, e-mail addresses and order numbers are the same in every store; the canary is not.
    """
    canary = f"CANARY-{store.slug.upper()}"
    secret = f"{canary}-SECRET"
    with enter_store(store):
        owner = make_user("owner", email="owner@example.com", first_name=secret)
        customer = make_user("customer", email="buyer@example.com", first_name=secret)
        ids = _fill(store, canary, owner, customer)
    return Side(store, canary, secret, owner, customer, ids)


def _fill(store: StoreRef, canary: str, owner: Any, customer: Any) -> dict[str, str]:
    staff, buyer = StoreClient(store, owner), StoreClient(store, customer)
    product = _post(
        staff,
        "products",
        {"sku": "SAME", "name": canary, "price": 10, "currency": "USD", "inventory": 50},
    )
    home = {**ADDRESS, "line2": customer.first_name}
    address = _post(buyer, f"users/{customer.id}/addresses", home)
    order = _post(
        buyer,
        "orders",
        {
            "items": [{"sku": "SAME", "quantity": 1}],
            "currency": "USD",
            "shipping_address": home,
        },
    )
    payment = _post(buyer, "payments", {"order_id": order["id"], "payment_method": "pm_card_visa"})
    drain_all()
    shipment = staff.get("/api/v1/shipments").json()["results"][0]
    campaign = _post(
        staff,
        "campaigns",
        {
            "name": canary,
            "product_id": product["id"],
            "min_participants": 2,
            "max_participants": 5,
            "discount_percentage": 10,
            "currency": "USD",
            "expires_at": in_a_week(),
        },
    )
    company = {"code": "world", "name": canary, "currency": "USD"}
    organization = _post(staff, "organizations", company)
    return {
        "organization": organization["id"],
        "product": product["id"],
        "slug": product["slug"],
        "order": order["id"],
        "number": order["number"],
        "payment": payment["id"],
        "shipment": shipment["id"],
        "tracking": shipment["tracking_number"],
        "campaign": campaign["id"],
        "user": str(customer.id),
        "address": address["id"],
    }


def in_a_week() -> str:
    from datetime import timedelta

    from django.utils import timezone

    return (timezone.now() + timedelta(days=7)).isoformat()


def _post(client: StoreClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"/api/v1/{path}", body, format="json")
    assert response.status_code == 201, response.content
    return dict(response.json())
