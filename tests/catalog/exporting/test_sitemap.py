"""What search engines read: a sitemap in parts, and a product in schema.org's words (PEER-75)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from apps.catalog.exporting import sitemap
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy import directory
from apps.tenancy.models import Store
from tests.catalog.factories import make_category, make_product, make_vendor

pytestmark = pytest.mark.covers("PEER-75")
Api = Callable[..., Any]
INDEX = "/api/v1/feeds/sitemap.xml"
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(answer: Any) -> list[str]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "application/xml; charset=utf-8",
    )
    return [found.text or "" for found in ElementTree.fromstring(answer.content).iter(f"{S}loc")]


def test_the_parts_hold_what_is_on_show_and_nothing_else(
    api: Api, store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 2)
    make_category("Shirts")
    make_product(sku="V", vendor=make_vendor("Acme"))
    products = [make_product(sku=f"S{n}", name=f"Tee {n}") for n in range(3)]
    update_product(product_id=products[1].id, changes={"is_active": False})

    parts = addresses(api().get(INDEX))
    places, first, second = (addresses(api().get(part.split("localhost")[1])) for part in parts)

    base = "http://acme.localhost"
    assert parts == [f"{base}/api/v1/feeds/sitemap-{n}.xml" for n in range(3)]
    assert places == [f"{base}/categories/shirts", f"{base}/vendors/acme"]
    assert first + second == [f"{base}/products/{slug}" for slug in ("product-v", "tee-0", "tee-2")]
    assert api().get("/api/v1/feeds/sitemap-3.xml").json()["code"] == "sitemap_not_found"


def test_addresses_are_the_storefronts_own(api: Api, store: StoreRef) -> None:
    make_product(sku="A", name="Tee")
    with enter_store(PUBLIC):
        Store.objects.filter(pk=store.id).update(
            settings={"storefront_url": "https://shop.example/"}
        )
    directory._known.clear()

    found = addresses(api().get("/api/v1/feeds/sitemap-1.xml"))

    assert found == ["https://shop.example/products/tee"]


def test_a_product_is_told_with_an_offer_for_each_variant(api: Api, store: StoreRef) -> None:
    hostile = "</script><script>alert(1)</script>"
    make_product(
        name=f"Tee {hostile}",
        brand="Acme",
        description="<p>Soft <b>and</b> warm</p>",
        variants=[
            {"sku": "S", "price_cents": 1999, "options": {"Size": "S"}, "inventory": 1},
            {"sku": "M", "price_cents": 500, "currency": "JPY", "options": {"Size": "M"}},
        ],
    )
    slug = api().get("/api/v1/products").json()["results"][0]["slug"]

    answer = api().get(f"/api/v1/products/{slug}/json-ld")
    told = json.loads(answer.content)

    assert answer.headers["Content-Type"] == "application/ld+json"
    assert b"<" not in answer.content
    assert (told["@type"], told["name"], told["description"]) == (
        "Product",
        f"Tee {hostile}",
        "Soft and warm",
    )
    assert told["brand"] == {"@type": "Brand", "name": "Acme"}
    assert [
        (one["sku"], one["price"], one["priceCurrency"], one["availability"].rpartition("/")[2])
        for one in told["offers"]
    ] == [("S", "19.99", "USD", "InStock"), ("M", "500", "JPY", "OutOfStock")]
    assert api().get("/api/v1/products/none/json-ld").status_code == 404
