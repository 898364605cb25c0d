"""The variant grid of admin: many cells, one save, nothing typed is lost (I-53, I-54)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import BulkEdit, Price, Variant
from apps.catalog.services.delete_product import delete_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

URL = "/admin/variant-grid/"


@pytest.fixture
def page(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("editor"))
    return client


def cells(sku: str, **typed: str) -> dict[str, str]:
    """What the page sends of a variant's row: each cell, and what it held when it was shown."""
    variant = Variant.objects.get(sku=sku)
    price = variant.prices.get(currency="USD")
    held = {
        "price_cents": f"{price.amount_cents / 100:.2f}",
        "compare_at_price_cents": "",
        "cost_cents": "",
        "weight_grams": "",
        "barcode": "",
        "is_active": "on",
    }
    data = {}
    for name, value in held.items():
        data[f"was:{name}:{variant.pk}"] = value
        if shown := typed.get(name, value):
            data[f"{name}:{variant.pk}"] = shown
    return data


@pytest.mark.covers("I-54", "PEER-58")
def test_what_was_typed_is_saved_as_one_edit_that_can_be_taken_back(page: Client) -> None:
    make_product(sku="A", price_cents=100)
    make_product(sku="B", price_cents=200)
    typed = cells("A", price_cents="1.50", weight_grams="20") | cells("B", is_active="")

    saved = page.post(URL, typed, follow=True)

    assert "2 variants changed." in saved.content.decode()
    assert Price.objects.get(variant__sku="A").amount_cents == 150
    assert Variant.objects.get(sku="A").weight_grams == 20
    assert not Variant.objects.get(sku="B").is_active
    edit = BulkEdit.objects.get()
    assert f'value="{edit.pk}"' in saved.content.decode()

    undone = page.post(URL, {"undo": str(edit.pk)}, follow=True)

    assert "3 values put back." in undone.content.decode()
    assert Price.objects.get(variant__sku="A").amount_cents == 100
    assert Variant.objects.get(sku="B").is_active


@pytest.mark.covers("I-53")
def test_one_bad_cell_saves_nothing_and_loses_nothing(page: Client) -> None:
    make_product(sku="A", price_cents=100)
    make_product(sku="B", price_cents=200)
    typed = cells("A", price_cents="cheap", barcode="4006381333931") | cells("B", price_cents="9")

    shown = page.post(URL, typed).content.decode()

    assert "Nothing was saved yet: 1 cell cannot be taken." in shown
    for value in ("cheap", "4006381333931", "9"):
        assert f'value="{value}"' in shown
    assert [row.amount_cents for row in Price.objects.order_by("variant__sku")] == [100, 200]


@pytest.mark.covers("I-53")
def test_what_somebody_else_changed_meanwhile_is_told_and_kept(page: Client) -> None:
    make_product(sku="A", price_cents=100)
    typed = cells("A", price_cents="5.00")
    Price.objects.update(amount_cents=777)

    shown = page.post(URL, typed).content.decode()

    assert "Somebody has changed this to “7.77” meanwhile." in shown
    assert Price.objects.get().amount_cents == 777


@pytest.mark.covers("I-54", "PEER-32", "CAT-11")
def test_a_vendors_people_see_and_change_their_own_variants(store: StoreRef) -> None:
    mine = make_vendor("Mine")
    make_product(sku="M", name="Own goods", vendor=mine)
    make_product(sku="T", name="Their goods")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("vendor_owner", vendor_id=mine.pk))

    shown = client.get(URL).content.decode()
    foreign = client.post(URL, cells("T", price_cents="0.01"), follow=True)

    assert "Own goods" in shown
    assert "Their goods" not in shown
    assert "Nothing was changed." in foreign.content.decode()
    assert Price.objects.get(variant__sku="T").amount_cents == 1999


@pytest.mark.covers("ACC-11")
def test_who_may_not_write_products_has_no_grid(store: StoreRef) -> None:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("analyst"))

    assert client.get(URL).status_code == 403


@pytest.mark.covers("I-54")
def test_filters_pages_and_an_empty_store(page: Client, django_assert_max_num_queries: Any) -> None:
    assert "No variant matches." in page.get(URL).content.decode()
    rows = [{"sku": f"S{n:03}", "price_cents": 1, "options": {"n": str(n)}} for n in range(60)]
    make_product(name="Many", variants=rows)
    make_product(sku="ONE", name="Single")
    page.get(URL)

    with django_assert_max_num_queries(15):
        first = page.get(URL).content.decode()
    second = page.get(URL, {"p": 2}).content.decode()
    found = page.get(URL, {"q": "single"}).content.decode()

    assert "Page 1 of 2, 61 variants" in first
    assert ("S000" in first, ">ONE<" in first, ">ONE<" in second) == (True, False, True)
    assert (">ONE<" in found, "S000" in found) == (True, False)
    assert "No variant matches." in page.get(URL, {"q": "x' OR 1=1 --"}).content.decode()
    assert page.get(URL, {"p": "x", "active": "maybe", "vendor": "none"}).status_code == 200


@pytest.mark.covers("I-53")
def test_what_was_typed_is_saved_wherever_its_row_stands_by_now(page: Client) -> None:
    make_product(sku="Z", name="Zebra", price_cents=100)
    gone = make_product(sku="G", name="Gone", price_cents=100)
    typed = cells("Z", price_cents="5.00") | cells("G", price_cents="6.00")
    rows = [{"sku": f"S{n:03}", "price_cents": 1, "options": {"n": str(n)}} for n in range(50)]
    make_product(name="Ahead of it", variants=rows)
    delete_product(product_id=gone.id)

    saved = page.post(f"{URL}?active=yes", typed, follow=True).content.decode()

    assert "1 variant changed." in saved
    assert "1 variant was deleted meanwhile." in saved
    assert Price.objects.get(variant__sku="Z").amount_cents == 500
