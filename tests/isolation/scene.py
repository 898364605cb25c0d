"""The stage of the matrix: both stores filled once per module, and a row of everything in acme.

Filling takes a second, so it is done once and every test works in a savepoint of its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image

from apps.accounts.facade import issue_tokens
from apps.accounts.services.invite_member import invite_member
from apps.catalog.models import MediaFile, VendorDocument
from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.common.storage import put
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.orders.facade import get_order
from apps.orders.models import VendorOrder
from apps.orders.services.approve_return import approve_return
from apps.orders.services.issue_invoice import issue_invoice
from apps.tenancy.models import Store
from tests.catalog.factories import make_vendor
from tests.isolation.world import ADDRESS, Side, build
from tests.orders.facts import captured, tell
from tests.orders.returns.factories import ask, came_back, deliver
from tests.support.client import StoreClient
from tests.support.people import make_user

NOWHERE = "018f0000-0000-7000-8000-000000000000"
# The second row is refused, so that there is a file of refused rows.
CSV = "sku,name,price,currency\nFROM-FILE,From a file,10,USD\nREFUSED,Refused,cheap,USD\n"


@dataclass(frozen=True)
class Scene:
    """Two stores, and what the requests name and carry: by name, as text.

    things: of acme, its customer's and its first vendor's. people: of acme, who have nothing to do
    with those. private: what nobody but the customer and acme's staff may be shown.
    """

    acme: Side
    globex: Side
    things: dict[str, str]
    people: dict[str, Any]
    operator: Any

    @property
    def private(self) -> list[str]:
        """Texts that must not come through to strangers of the same store."""
        names = ("order", "open_order", "number", "payment", "held", "shipment", "address", "user")
        ids = [self.things[name] for name in (*names, "session", "api_key", "invitation", "member")]
        return [self.acme.secret, "buyer@example.com", "owner@example.com", *ids]

    @property
    def foreign(self) -> list[str]:
        """Texts of globex, none of which may come through at acme's or the platform's host."""
        own = set(self.acme.ids.values())
        return [self.globex.canary, *(one for one in self.globex.ids.values() if one not in own)]


def make_scene(acme: StoreRef, globex: StoreRef) -> Scene:
    """Fill both stores. Must run in a transaction that is rolled back."""
    here, there = build(acme), build(globex)
    with enter_store(PUBLIC):
        operator = make_user("operator", id=there.owner.id)
    with enter_store(acme):
        things = things_of(here) | _rows()
        people = _people(there)
    return Scene(here, there, things, people, operator)


def things_of(side: Side) -> dict[str, str]:
    """A thing of every kind that a path names, by what `calls.py` calls it. In the store."""
    staff, buyer = side.client(side.owner), side.client(side.customer)
    category = _post(staff, "categories", {"name": "Things"})
    attribute = _post(staff, "attributes", {"code": "thing", "name": "T", "kind": "text"})
    kind = _post(staff, "product-types", {"code": "thing", "name": "T"})
    collection = _post(staff, "collections", {"name": "Things"})
    key = {"name": side.secret, "kind": "secret", "scopes": ["orders.read"]}
    member = make_user("support", first_name=side.secret)
    invited = invite_member(by=side.owner, email=f"{side.secret}@example.com", role="support")
    run = staff.post(
        "/api/v1/imports", CSV, content_type="text/csv", HTTP_X_FILE_NAME=f"{side.secret}.csv"
    )
    waits = staff.post("/api/v1/imports?wait=false", CSV, content_type="text/csv")
    held = _post(
        buyer,
        "payments",
        {
            "order_id": _order(buyer)["id"],
            "payment_method": "pm_card_visa",
            "capture": "manual",
        },
    )
    waiting = _waiting(side)
    return side.ids | {
        **_vendors(),
        **_stock(staff, side.secret),
        **_media(staff, side.ids["product"], side.secret),
        "master": _post(staff, "masters", {"name": "Set", "products": [side.ids["product"]]})["id"],
        # No sale for everybody: such a one could not be deleted while shoppers see it.
        "price_list": _post(
            staff,
            "price-lists",
            {"code": "trade", "name": side.secret, "kind": "sale", "is_active": False},
        )["code"],
        "customer_group": _post(staff, "customer-groups", {"code": "trade", "name": side.secret})[
            "code"
        ],
        **_rules(staff, side.secret),
        "waiting": waiting,
        "change_request": staff.get("/api/v1/change-requests").json()["results"][0]["id"],
        "sku": "SAME",
        "warehouse": "main",
        "category": category["slug"],
        "attribute": attribute["id"],
        "product_type": kind["code"],
        "collection": collection["slug"],
        "synonym": _post(staff, "search/synonyms", {"words": ["thing", side.secret]})["id"],
        "search_rule": _post(staff, "search/rules", {"token": f"brand:{side.secret}"})["id"],
        "api_key": _post(staff, "api-keys", key)["id"],
        "member": str(member.pk),
        "invitation": str(invited.pk),
        "import": run.json()["id"],
        "sitemap_part": "1",
        "bulk_edit": _post(staff, "bulk-edits", {"rows": [{"sku": "SAME", "weight_grams": 5}]})[
            "id"
        ],
        "waiting_import": waits.json()["id"],
        "open_order": _order(buyer)["id"],
        "held_order": _held_order(staff, buyer),
        **_drafts(staff, side.secret),
        "cart_line": _cart_line(buyer),
        **_returns(buyer),
        **_company(staff, buyer, side),
        "held": held["id"],
        "session": str(issue_tokens(side.customer.id).session_id),
        "store": side.store.slug,
        "domain": side.store.domain,
        "tenancy/store": str(side.store.id),
    }


def _stock(staff: StoreClient, secret: str) -> dict[str, str]:
    """A back-order rule, and transfers and purchase orders at each point that a call needs."""
    _post(staff, "warehouses", {"code": "second", "name": "Second"})
    staff.put("/api/v1/inventory/backorders", {"sku": "SAME", "limit": 0})
    lines = [{"sku": "SAME", "quantity": 2}]
    moved = {"source": "main", "destination": "second", "note": secret, "lines": lines}
    bought = {"supplier": secret, "lines": lines}
    sent, ordered = _post(staff, "transfers", moved)["id"], _post(staff, "purchase-orders", bought)
    staff.post(f"/api/v1/transfers/{sent}/dispatch")
    staff.post(f"/api/v1/purchase-orders/{ordered['id']}/order")
    return {
        "transfer": _post(staff, "transfers", moved)["id"],
        "sent_transfer": sent,
        "purchase": _post(staff, "purchase-orders", bought)["id"],
        "ordered": ordered["id"],
    }


def _rules(staff: StoreClient, secret: str) -> dict[str, str]:
    """Rules of selling that change no price of the scene: a promotion, a zone, a market, …"""
    promotion = {"code": "thing", "name": secret, "kind": "free_shipping", "requires_coupon": True}
    _post(staff, "promotions", promotion)
    _post(staff, "promotions/thing/coupons", {"codes": ["THING"], "batch": secret})
    rate = {"name": secret, "country": "AQ", "percent": "5"}
    zone = _post(staff, "shipping-zones", {"name": "Ice", "countries": ["AQ"]})["id"]
    # Not in force: else nothing could be sent to anywhere but there.
    method = {
        "code": "sledge",
        "name": secret,
        "rates": [{"currency": "USD", "from": 0, "amount_cents": 100}],
        "is_active": False,
    }
    market = {"code": "ice", "name": secret, "countries": ["AQ"], "currencies": ["USD"]}
    return {
        "promotion": "thing",
        "coupon": "THING",
        "tax_rate": _post(staff, "tax-rates", rate)["id"],
        "shipping_zone": zone,
        "shipping_method": _post(staff, f"shipping-zones/{zone}/methods", method)["id"],
        "market": _post(staff, "markets", market)["code"],
    }


def _returns(buyer: StoreClient) -> dict[str, str]:
    """An order that has arrived, and returns of it at each point that a call needs."""
    order = get_order(UUID(_order(buyer, quantity=4)["id"]))
    assert order is not None
    tell(captured(order))
    order = deliver(order)
    asked, approved = ask(order), ask(order)
    approve_return(return_id=approved.pk)
    return {
        "delivered_order": str(order.id),
        "delivered_line": str(order.lines[0].id),
        "return": str(asked.pk),
        "approved_return": str(approved.pk),
        "received_return": str(came_back(order).pk),
    }


def _company(staff: StoreClient, buyer: StoreClient, side: Side) -> dict[str, str]:
    """An invoice, a company with a member, and another's order that waits for approval."""
    order = UUID(side.ids["order"])
    invoice = issue_invoice(order_id=order)
    link = Event.objects.filter(topic="invoice.issued", key=str(order)).latest("id")
    limits = {"name": side.secret, "currency": "USD", "approval_limit_cents": 0}
    companies = [_post(staff, "organizations", {**limits, "code": code}) for code in ("one", "two")]
    person = {"user_id": str(side.customer.id)}
    members = [_post(staff, f"organizations/{one['id']}/members", person) for one in companies]
    waiting = _order(buyer, organization_id=companies[1]["id"])
    part = VendorOrder.objects.filter(order_id=order).values_list("pk", flat=True).get()
    return {
        "invoice": str(invoice.pk),
        "invoice_link": str(link.payload["downloadPath"]).rsplit("/", 1)[1],
        "vendor_order": str(part),
        "organization": companies[0]["id"],
        "organization_member": members[0]["id"],
        "waiting_order": waiting["id"],
    }


def _media(staff: StoreClient, product: str, secret: str) -> dict[str, str]:
    """A picture and a file of the product, and two uploads that wait to be completed."""
    text = secret.encode()
    picture = _sent(staff, "image/png", _picture("red"))
    path = f"products/{product}"
    return {
        "media": _post(staff, f"{path}/media", {"upload_id": picture})["id"],
        "attachment": _post(
            staff, f"{path}/files", {"upload_id": _sent(staff, "text/plain", text)}
        )["id"],
        "upload": _sent(staff, "text/plain", text + b"\n"),
        # One each: what is completed is not there a second time, whatever is rolled back.
        "file_upload": _sent(staff, "text/plain", text + b"\n\n"),
        "picture_upload": _sent(staff, "image/png", _picture("blue")),
        "logo_upload": _sent(staff, "image/png", _picture("green")),
        "upload_link": _link(staff),
    }


def _picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, format="PNG")
    return out.getvalue()


def _link(staff: StoreClient) -> str:
    """Where a text may be sent."""
    body = {"file_name": "f", "media_type": "text/plain", "size": 1}
    return str(_post(staff, "uploads", body)["url"]).rsplit("/", 1)[1]


def _sent(staff: StoreClient, media_type: str, content: bytes) -> str:
    body = {"file_name": "f", "media_type": media_type, "size": len(content)}
    upload = _post(staff, "uploads", body)
    answer = staff.put(upload["url"], content, content_type=media_type)
    assert answer.status_code == 204, answer.content
    return str(upload["id"])


def _vendors() -> dict[str, str]:
    """A vendor of each status that something can be decided of, and a paper."""
    applied = make_vendor("Applicant", status="applied", email="applicant@example.com")
    put("assets/scene.pdf", b"%PDF-1.4\n%%EOF")
    paper = VendorDocument.objects.create(
        vendor=applied,
        kind="licence",
        file=MediaFile.objects.create(
            key="assets/scene.pdf",
            sha256="0" * 64,
            media_type="application/pdf",
            size=14,
            is_public=False,
        ),
    )
    return {
        "vendor": make_vendor("Decent").slug,
        "vendor_applied": applied.slug,
        "vendor_suspended": make_vendor("Away", status="suspended").slug,
        "paper": str(paper.pk),
    }


def _waiting(side: Side) -> str:
    """A product of a vendor that waits to be approved."""
    seller = make_user("vendor_owner", vendor_id=make_vendor("Seller").id)
    body = {"sku": "WAITS", "name": side.secret, "price": 10, "currency": "USD"}
    return str(_post(side.client(seller), "products", body)["id"])


def _rows() -> dict[str, str]:
    """`orders/order` → the key of a row, for each model in admin that has one."""
    found = {}
    for model in store_admin._registry:
        key = model._default_manager.values_list("pk", flat=True).first()
        if key is not None:
            found[f"{model._meta.app_label}/{model._meta.model_name}"] = str(key)
    return found


def _people(there: Side) -> dict[str, Any]:
    rival = make_vendor("Rival")
    return {
        # With the id of globex's owner: a token that is taken by its user's id alone gets in (T2).
        "twin": make_user("owner", id=there.owner.id),
        "customer": make_user("customer", email="nosy@example.com"),
        "vendor owner": make_user("vendor_owner", vendor_id=rival.id),
        "vendor staff": make_user("vendor_staff", vendor_id=rival.id),
        # A vendor's role, and no vendor.
        "vendor of none": make_user("vendor_owner"),
    }


def _held_order(staff: StoreClient, buyer: StoreClient) -> str:
    """An order that stands still."""
    order = str(_order(buyer)["id"])
    held = staff.post(f"/api/v1/orders/{order}/hold", {"reason": "look first"}, format="json")
    assert held.status_code == 200, held.content
    return order


def _drafts(staff: StoreClient, secret: str) -> dict[str, str]:
    """A draft for somebody, and the link of a quote, whose holder may see what is in it."""
    goods = {"currency": "USD", "items": [{"sku": "SAME", "quantity": 1}]}
    home = {**ADDRESS, "line2": "CANARY-ACME-SECRET"}
    draft = {**goods, "email": f"{secret}@example.com", "shipping_address": home}
    quoted = _post(staff, "draft-orders", {**goods, "email": "quoted@example.com"})["id"]
    sent = staff.post(f"/api/v1/draft-orders/{quoted}/send", {}, format="json")
    return {
        "draft": _post(staff, "draft-orders", draft)["id"],
        "quote_link": sent.json()["token"],
    }


def _cart_line(buyer: StoreClient) -> str:
    """A line of a cart that tells where its buyer lives."""
    body = {"items": [{"sku": "SAME", "quantity": 1}]}
    answer = buyer.post("/api/v1/cart/items", body, format="json")
    told = {"shipping_address": {**ADDRESS, "line2": "CANARY-ACME-SECRET"}}
    assert buyer.patch("/api/v1/cart", told, format="json").status_code == 200
    return str(answer.json()["lines"][0]["id"])


def _order(buyer: StoreClient, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    body = {
        "items": [{"sku": "SAME", "quantity": quantity}],
        "currency": "USD",
        "shipping_address": {**ADDRESS, "line2": "CANARY-ACME-SECRET"},
        **fields,
    }
    return _post(buyer, "orders", body)


def _post(client: StoreClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"/api/v1/{path}", body, format="json")
    assert response.status_code == 201, response.content
    return dict(response.json())


def stored(slug: str) -> StoreRef:
    """A store as it stands in the database now."""
    with enter_store(PUBLIC):
        return Store.objects.prefetch_related("domains").get(slug=slug).ref


@contextmanager
def undone() -> Iterator[None]:
    """Undo at the end whatever the block wrote; the outermost one as a test's own transaction."""
    block = transaction.atomic()
    # As Django's TestCase marks its own: what is durable elsewhere may be nested here.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
