"""The catalog as a file over HTTP and by command: who gets what, and in how many queries."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.exporting import export_products, records
from apps.catalog.services.import_products import import_products
from apps.common.context import StoreRef
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-16", "PEER-60")

CSV = "/api/v1/exports/products.csv"
JSONL = "/api/v1/exports/products.jsonl"
Api = Callable[..., Any]


def fill(count: int = 2, vendor: str = "") -> None:
    rows = "".join(f"{vendor}S{n},Product {n},{n}.50,{n}\n" for n in range(count))
    import_products(io.BytesIO(f"sku,name,price,inventory\n{rows}".encode()), vendor=vendor)


def body_of(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def skus(text: str) -> list[str]:
    return [row["sku"] for row in csv.DictReader(io.StringIO(text))]


def test_staff_get_every_product_in_the_columns_they_ask_for(api: Api, store: StoreRef) -> None:
    fill()
    client = api(make_user("owner"))

    native = client.get(CSV)
    assert native.headers["Content-Disposition"] == 'attachment; filename="products.csv"'
    assert skus(body_of(native)) == ["S0", "S1"]
    assert body_of(client.get(f"{CSV}?format=shopify")).startswith("Title,URL handle,")
    assert body_of(client.get(f"{CSV}?format=woocommerce")).startswith("Type,SKU,")
    lines = [json.loads(line) for line in body_of(client.get(JSONL)).splitlines()]
    assert [line["variants"][0]["prices"] for line in lines] == [
        [{"currency": "USD", "amount_cents": 50}],
        [{"currency": "USD", "amount_cents": 150}],
    ]
    refused = client.get(f"{CSV}?format=magento")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "format")


@pytest.mark.covers("T10", "T12")
def test_a_vendors_people_get_their_own_products_alone(api: Api, store: StoreRef) -> None:
    bolt, other = make_vendor(name="Bolt"), make_vendor(name="Other")
    fill(vendor=bolt.slug)
    fill(vendor=other.slug)
    client = api(make_user("vendor_staff", vendor_id=bolt.id))

    assert skus(body_of(client.get(CSV))) == ["boltS0", "boltS1"]
    assert "other" not in body_of(client.get(JSONL))
    stranger = api(make_user("vendor_owner", vendor_id=uuid4()))
    assert skus(body_of(stranger.get(CSV))) == []


@pytest.mark.covers("T12")
@pytest.mark.parametrize(("role", "status"), [("customer", 403), ("support", 403), (None, 401)])
def test_others_get_nothing(api: Api, role: str | None, status: int) -> None:
    client = api(make_user(role) if role else None)

    assert (client.get(CSV).status_code, client.get(JSONL).status_code) == (status, status)


def test_a_page_of_products_costs_two_queries(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(7)
    monkeypatch.setattr(records, "PAGE", 3)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = b"".join(export_products("jsonl")).decode()

    assert len(text.splitlines()) == 7
    # The categories, three pages with their stock, and the page that is empty.
    assert len(queries) == 1 + 3 * 2 + 1


def test_the_command_writes_the_file(store: StoreRef, tmp_path: Path) -> None:
    fill()

    call_command("export_products", str(tmp_path / "all.csv"), "--store", store.slug)
    call_command("export_products", str(tmp_path / "all.jsonl"), "--store", store.slug)

    assert skus((tmp_path / "all.csv").read_text()) == ["S0", "S1"]
    assert (tmp_path / "all.jsonl").read_bytes() == b"".join(export_products("jsonl"))
    with pytest.raises(CommandError, match="no vendor"):
        call_command(
            "export_products", str(tmp_path / "x"), "--store", store.slug, "--vendor", "nobody"
        )
