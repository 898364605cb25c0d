"""The feed for Google Merchant: what is on show, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.exporting import google
from apps.catalog.services.import_products import import_products
from apps.common.context import StoreRef

pytestmark = pytest.mark.covers("PEER-62")

FEED = "/api/v1/feeds/google.xml"
G = "{http://base.google.com/ns/1.0}"
ROWS = (
    "handle,name,description,sku,price,compare_at_price,inventory,option1_name,option1_value,brand,"
    "barcode,images,category,is_active\n"
    'tee,Tee & Co,"<p>Soft <b>and</b> warm</p>",TEE-S,19.99,25,5,Size,S,Acme,4006381333931,'
    "https://x.example/1.jpg,Clothing > Shirts,\n"
    "tee,,,TEE-M,21.99,,0,Size,M,,,,,\n"
    "mug,Mug,,MUG,8,,,,,,,,,\n"
    "secret,Secret,,SECRET,1,,,,,,,,,false\n"
)
Api = Callable[..., Any]


def items(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    root = ElementTree.fromstring(b"".join(answer.streaming_content))
    return [
        {value.tag.removeprefix(G): value.text or "" for value in item}
        for item in root.iter("item")
    ]


def test_an_item_is_a_variant_with_what_google_asks_for(api: Api, store: StoreRef) -> None:
    import_products(io.BytesIO(ROWS.encode()))

    answer = api().get(FEED)

    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    small, medium, mug = items(answer)
    group = small.pop("item_group_id")
    assert small == {
        "id": "TEE-S",
        "title": "Tee & Co S",
        "description": "Soft and warm",
        "link": f"http://{store.domain}/products/tee",
        "image_link": "https://x.example/1.jpg",
        "availability": "in_stock",
        "price": "25.00 USD",
        "sale_price": "19.99 USD",
        "condition": "new",
        "brand": "Acme",
        "gtin": "4006381333931",
        "size": "S",
        "product_type": "Clothing > Shirts",
    }
    assert (medium["item_group_id"], medium["availability"]) == (group, "out_of_stock")
    assert (mug["price"], mug["identifier_exists"], mug["description"]) == ("8.00 USD", "no", "Mug")


def test_a_page_costs_two_queries(store: StoreRef, monkeypatch: pytest.MonkeyPatch) -> None:
    import_products(io.BytesIO(ROWS.encode()))
    monkeypatch.setattr(google, "PAGE", 1)

    with CaptureQueriesContext(connection) as queries:
        b"".join(google.google_feed("https://shop.example"))

    assert len(queries) == 2 * 2 + 1
