"""A vendor who is not approved can put nothing in front of a shopper, by any route.

Read from the URL configuration: its people call everything that writes, with the bodies of the
isolation matrix and its name in every text, and afterwards everything that shoppers may read is
read. A route that is added later is in here at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TestCase

from apps.catalog.models import MasterProduct, Price, Product, ProductDocument, Variant, Vendor
from apps.catalog.services.change_vendor_status import suspend_vendor
from apps.catalog.services.work_imports import work_imports
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.services.update_store import update_store
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.vendors.admin_work import (
    NOT_POSTED,
    fill_in_forms,
    post_everywhere,
    signed_in,
    take_actions,
)
from tests.isolation.calls import address_of, body_of
from tests.isolation.routes import STORE, Route, routes
from tests.isolation.scene import Scene, stored
from tests.isolation.sweep import forget
from tests.isolation.world import ADDRESS, in_a_week
from tests.support.client import StoreClient
from tests.support.people import make_user
from tests.support.work import drain_all

CANARY, WORD = "UNVETTED", "zebrafinch"
TEXT = f"{CANARY} {WORD}"
SKU, CODE = f"{CANARY}-1", "4006381333931"
# Fields in which a client may write what it likes.
FREE = {
    *("name", "description", "brand", "note", "reason", "title", "alt", "first_name", "last_name"),
    *("line1", "city", "location", "file_name"),
}
# Routes that write and are not called here, and why. Whatever else calls.py cannot call fails.
NOT_CALLED = {
    "DELETE /api/v1/products/{key}": "what is gone is not shown either",
    "DELETE /api/v1/products/{key}/files/{file_id}": "likewise",
    "POST /api/v1/quotes/{token}/accept": "whoever has the link writes what is shown to himself",
}
# What a shopper reads; a route of the shop window that is missing here is read all the same.
MUST_BE_READ = {
    f"GET /api/v1/{path}"
    for path in (
        *("products", "products/{key}", "products/{key}/inventory", "search", "search/suggest"),
        *("categories", "categories/{slug}", "vendors", "vendors/{slug}", "masters/{key}"),
        *("collections", "collections/{collection}", "collections/{collection}/products"),
        *("feeds/google.xml", "campaigns", "campaigns/{campaign_id}", "store/profile"),
    )
}
# Where the very same call would put an end to what the others need.
LAST = ("delete",)
WRITES = ("post", "put", "patch", "delete")
# What a vendor may do whatever its status; without these the test would prove nothing.
MUST_WORK = {
    "POST /api/v1/products",
    "PATCH /api/v1/products/{key}",
    "POST /api/v1/imports",
    "PUT /api/v1/inventory",
    "PATCH /api/v1/vendors/me",
}


@dataclass(frozen=True)
class Seller:
    """A vendor that is not approved, its people, and what the requests name."""

    vendor: Vendor
    people: list[Any]
    things: dict[str, str]


def seller_of(scene: Scene, status: str) -> Seller:
    """A vendor with a product; one that is suspended has sold before, in every way there is."""
    vendor = make_vendor(TEXT, status="active" if status == "suspended" else status)
    row = {"sku": SKU, "price_cents": 1, "barcode": CODE}
    product = make_product(
        name=TEXT,
        variants=[row],
        vendor=vendor,
        stock=9,
        brand=CANARY,
        tags=[CANARY],
        categories=[scene.things["category"]],
    )
    people = [make_user(role, vendor_id=vendor.pk) for role in ("vendor_owner", "vendor_staff")]
    things = {"product": str(product.id), "slug": product.slug, "sku": SKU, "vendor": vendor.slug}
    things["catalog/product"] = things["product"]
    if status == "suspended":
        other = {"sku": "OTHER", "price_cents": 5, "barcode": CODE}
        make_product(variants=[other], stock=9)
        things |= {"master": MasterProduct.objects.get(barcode=CODE).slug}
        things |= {"campaign": campaign_for(scene, things["product"])}
        suspend_vendor(vendor_id=vendor.pk, reason="Complaints")
    return Seller(vendor, people, scene.things | things)


def campaign_for(scene: Scene, product_id: str) -> str:
    made = ask_for_campaign(scene, product_id)
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def ask_for_campaign(scene: Scene, product_id: str) -> Any:
    body = {
        "name": "Group",
        "product_id": product_id,
        "min_participants": 2,
        "max_participants": 5,
        "discount_percentage": 10,
        "currency": "USD",
        "expires_at": in_a_week(),
    }
    staff = scene.acme.client(scene.acme.owner)
    return staff.post("/api/v1/campaigns", body, format="json")


def marked(value: Any, name: str = "") -> Any:
    """A body with the canary in every text."""
    if isinstance(value, dict):
        return {key: marked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one, name) for one in value]
    if isinstance(value, str):
        if "\n" in value:
            return value.replace("From a file", TEXT).replace("FROM-FILE", f"{CANARY}-FILE")
        if name == "sku":
            return SKU if value == "SAME" else f"{CANARY}-NEW"
        return TEXT if name in FREE else value
    return value


def call(client: StoreClient, route: Route, things: dict[str, str]) -> Any:
    path, body = address_of(route, things), marked(body_of(route, things, STORE))
    if str(route) in {"POST /api/v1/products", "PATCH /api/v1/products/{key}"}:
        body = {**body, "is_active": True, "is_featured": True, "tags": [CANARY]}
    send = getattr(client, route.method)
    if isinstance(body, str):
        return send(path, body, content_type="text/csv")
    return send(path, body, format="json") if body is not None else send(path)


def known(seller: Seller) -> list[Route]:
    """Every route; one that the isolation matrix cannot call fails the test."""
    found = routes(STORE)
    for route in found:
        # Raise Unknown, which says what to add.
        address_of(route, seller.things)
        body_of(route, seller.things, STORE)
    return found


def write_everything(scene: Scene, seller: Seller) -> dict[str, set[int]]:
    """Every call that writes, by each of the vendor's people; what was answered."""
    writing = [route for route in known(seller) if route.is_api and route.method in WRITES]
    answers: dict[str, set[int]] = {}
    for route in sorted(writing, key=lambda one: one.method in LAST):
        if str(route) in NOT_CALLED:
            continue
        for person in seller.people:
            answer = call(scene.acme.client(person), route, seller.things)
            answers.setdefault(str(route), set()).add(answer.status_code)
    return answers


def shown(client: StoreClient, seller: Seller) -> list[str]:
    """Which reads show the canary to this shopper; what was asked for does not count."""
    faults = []
    slug = seller.vendor.slug
    queries: list[dict[str, str]] = [{}, {"q": WORD}, {"search": WORD}, {"vendor": slug}]
    for route in known(seller):
        if route.method != "get" or route.path.startswith("/admin"):
            continue
        by_id = address_of(route, seller.things)
        paths = {by_id, address_of(route, seller.things | {"product": seller.things["slug"]})}
        for path in sorted(paths):
            for asked in queries if not route.parameters else [{}]:
                answer: Any = client.get(path, asked)
                assert answer.status_code < 500, (path, answer.content)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                text = body.decode(errors="replace").lower()
                # As a link to the next page, or as what is chosen among the facets.
                echoes = [f"{key}={value}" for key, value in asked.items()]
                echoes += [f'"{value}"' for value in asked.values()]
                for echoed in (path.lower(), *echoes):
                    text = text.replace(echoed, "")
                if CANARY.lower() in text or WORD in text:
                    faults.append(f"{route} {asked}: {text[:300]}")
    return faults


def order(client: StoreClient, sku: str) -> Any:
    body = {
        "email": "guest@example.com",
        "items": [{"sku": sku, "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
    }
    return client.post("/api/v1/orders", body, format="json")


@pytest.fixture
def without_review(scene: Scene) -> StoreRef:
    """The store looks at no product before it is shown: the vendor's status alone protects it."""
    with enter_store(PUBLIC), TestCase.captureOnCommitCallbacks(execute=True):
        update_store("acme", settings={"product_review": "none"})
    forget()
    return stored("acme")


@pytest.mark.covers("CAT-11", "CAT-17", "PEER-31", "T12")
@pytest.mark.parametrize("status", ["applied", "rejected", "suspended"])
def test_nothing_of_an_unapproved_vendor_comes_before_a_shopper(
    status: str, scene: Scene, without_review: StoreRef
) -> None:
    with enter_store(without_review):
        seller = seller_of(scene, status)
        shopper = scene.acme.client(make_user("customer"))
    guest = scene.acme.client()
    assert shown(guest, seller) == []

    answers = write_everything(scene, seller)
    with enter_store(without_review), TestCase.captureOnCommitCallbacks(execute=True):
        drain_all()
        shown_products = ProductDocument.objects.filter(vendor_id=seller.vendor.pk).count()
        made = Product.objects.filter(vendor=seller.vendor, name__contains=CANARY)
        mine = list(made.values_list("variants__sku", flat=True))
        assert Vendor.objects.get(pk=seller.vendor.pk).status == status

    # It could write, and what it wrote is there: drafts, shown to nobody.
    refused = {name for name in MUST_WORK if not any(code < 300 for code in answers[name])}
    assert refused == set()
    assert not [name for name, codes in answers.items() if any(code >= 500 for code in codes)]
    assert len(mine) > 1
    assert shown_products == 0
    nothing_is_sold(scene, seller, shopper, mine)


@pytest.mark.covers("CAT-11", "CAT-17", "PEER-31", "PEER-32", "T12")
@pytest.mark.parametrize("status", ["applied", "rejected", "suspended"])
def test_nothing_that_they_do_in_admin_comes_before_a_shopper(
    status: str, scene: Scene, without_review: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.catalog.tasks.work_imports.apply_async", lambda *a, **b: None)
    with enter_store(without_review):
        seller = seller_of(scene, status)
        shopper = scene.acme.client(make_user("customer"))
    product = seller.things["product"]
    keys = {"catalog/product": [product, scene.things["product"]]}

    for number, person in enumerate(seller.people):
        browser = signed_in(without_review, person)
        forms = fill_in_forms(browser, without_review, product, f"{CANARY}-{number}")
        assert forms == dict.fromkeys(forms, 302), person.role
        assert take_actions(browser, keys, TEXT) == []
        assert post_everywhere(browser, seller.things, TEXT) == []
    with enter_store(without_review), TestCase.captureOnCommitCallbacks(execute=True):
        work_imports()
        drain_all()
        rows = Variant.objects.filter(vendor=seller.vendor, deleted_at=None)
        mine = list(rows.values_list("sku", flat=True))
        prices = Price.objects.filter(variant__sku=SKU).values_list("amount_cents", flat=True)
        assert list(prices) == [50]
        assert not ProductDocument.objects.filter(vendor_id=seller.vendor.pk).exists()
        assert Vendor.objects.get(pk=seller.vendor.pk).status == status

    # Everything was written: by each form, by both of them.
    made = {f"{CANARY}-{number}-{way}" for number in (0, 1) for way in ("ADMIN", "PAGE")}
    assert {SKU, *made} <= set(mine)
    nothing_is_sold(scene, seller, shopper, mine)


def nothing_is_sold(scene: Scene, seller: Seller, shopper: StoreClient, skus: list[str]) -> None:
    """Shown, counted, ordered, bought in a group."""
    guest, things = scene.acme.client(), seller.things
    for client in (guest, shopper):
        cache.clear()
        assert shown(client, seller) == []
        for path in ("categories", "categories?vendor=" + things["vendor"]):
            counts = {row["slug"]: row for row in client.get(f"/api/v1/{path}").json()["results"]}
            assert counts[things["category"]]["product_count"] == 0
        for sku in {*skus, SKU} - {None}:
            assert order(client, sku).status_code in {400, 404, 409, 422}, sku
    if seller.vendor.status == "suspended":
        body = {"quantity": 1, "shipping_address": ADDRESS}
        joined = shopper.post(f"/api/v1/campaigns/{things['campaign']}/join", body, format="json")
        assert joined.status_code in {404, 409, 422}, joined.content
    assert ask_for_campaign(scene, things["product"]).status_code in {404, 409, 422}


@pytest.mark.covers("PEER-31", "T1")
def test_no_route_is_left_out_without_a_reason(scene: Scene) -> None:
    here = {str(route) for route in routes(STORE)}

    assert {*NOT_CALLED, *NOT_POSTED, *MUST_BE_READ, *MUST_WORK} <= here
    assert MUST_BE_READ & (NOT_CALLED.keys() | NOT_POSTED.keys()) == set()


@pytest.mark.covers("CAT-11")
def test_the_very_same_calls_of_an_active_vendor_are_seen(
    scene: Scene, without_review: StoreRef
) -> None:
    """That the test above would find something: the canary shows where nothing hides it."""
    with enter_store(without_review):
        seller = seller_of(scene, "active")
    cache.clear()

    faults = shown(scene.acme.client(), seller)

    found = {fault.split(" {")[0] for fault in faults}
    assert {
        "GET /api/v1/products",
        "GET /api/v1/products/{key}",
        "GET /api/v1/vendors",
        "GET /api/v1/vendors/{slug}",
        "GET /api/v1/search",
        "GET /api/v1/feeds/google.xml",
    } <= found
    (category,) = (
        row
        for row in scene.acme.client().get("/api/v1/categories").json()["results"]
        if row["slug"] == seller.things["category"]
    )
    assert category["product_count"] == 1
    assert ask_for_campaign(scene, seller.things["product"]).status_code == 201
    assert order(scene.acme.client(), SKU).status_code == 201
