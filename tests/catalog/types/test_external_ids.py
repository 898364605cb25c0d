"""Ids of other systems: unique where they belong, and a way to change what is there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.models import Category, Collection, Price, Product, Variant
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.types.makers import make_attribute
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/products"
FLAT = {"sku": "A", "name": "A", "price": "1", "external_id": "E-1"}


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


@pytest.mark.covers("PEER-59")
def test_an_upsert_makes_a_product_once_and_changes_it_afterwards(editor: Any) -> None:
    made = editor.post(f"{URL}?upsert=true", {**FLAT, "brand": "B"})
    changed = editor.post(f"{URL}?upsert=true", {**FLAT, "sku": "A-2", "name": "Other"})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert changed.json()["id"] == made.json()["id"]
    assert (changed.json()["name"], changed.json()["brand"]) == ("Other", "B")
    assert Variant.objects.get(deleted_at=None).sku == "A-2"


@pytest.mark.covers("PEER-59")
def test_without_upsert_an_external_id_is_taken_within_its_vendor(editor: Any) -> None:
    make_product(sku="O", vendor=make_vendor(), external_id="E-1")
    editor.post(URL, FLAT)

    twice = editor.post(URL, {**FLAT, "sku": "B"})
    unclear = editor.post(f"{URL}?upsert=maybe", FLAT)

    assert (twice.status_code, twice.json()["code"]) == (409, "external_id_taken")
    assert twice.json()["errors"][0]["field"] == "external_id"
    assert unclear.status_code == 400
    assert Product.objects.count() == 2


@pytest.mark.covers("PEER-59")
def test_a_deleted_product_frees_its_external_id(editor: Any) -> None:
    first = editor.post(URL, FLAT).json()
    editor.delete(f"{URL}/{first['id']}")

    again = editor.post(f"{URL}?upsert=true", FLAT)

    assert again.status_code == 201
    assert again.json()["id"] != first["id"]


@pytest.mark.covers("PEER-59", "CAT-15")
def test_a_variant_is_found_by_its_external_id(editor: Any) -> None:
    row = {"sku": "S", "price": "1", "external_id": "V-1", "options": {"Size": "S"}}
    editor.post(URL, {"name": "Tee", "variants": [row]})

    changed = editor.patch(f"{URL}/tee", {"variants": [{**row, "sku": "S-NEW"}]})
    other = {**row, "sku": "M", "options": {"Size": "M"}}
    taken = editor.post(URL, {"name": "Other", "variants": [other]})

    assert [one["sku"] for one in changed.json()["variants"]] == ["S-NEW"]
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")


@pytest.mark.covers("PEER-59")
@pytest.mark.parametrize(
    ("address", "model"),
    [("/api/v1/categories", Category), ("/api/v1/collections", Collection)],
)
def test_places_are_upserted_too(editor: Any, address: str, model: Any) -> None:
    body = {"name": "First", "external_id": "P-1"}

    made = editor.post(f"{address}?upsert=true", body)
    changed = editor.post(f"{address}?upsert=true", {**body, "name": "Second"})
    twice = editor.post(address, {**body, "name": "Third"})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert (changed.json()["external_id"], changed.json()["slug"]) == ("P-1", "first")
    assert (twice.status_code, twice.json()["code"]) == (409, "external_id_taken")
    assert model.objects.get().name == "Second"


@pytest.mark.covers("C-05", "CAT-08")
def test_a_variant_has_a_price_in_each_of_several_currencies(editor: Any) -> None:
    prices = [
        {"currency": "USD", "amount_cents": 900, "compare_at_cents": 1100},
        {"currency": "JPY", "amount_cents": 1500},
    ]
    editor.post(URL, {"name": "Tee", "variants": [{"sku": "S", "prices": prices}]})

    editor.patch(
        f"{URL}/tee",
        {"variants": [{"sku": "S", "prices": [{"currency": "EUR", "amount_cents": 800}]}]},
    )
    twice = editor.patch(f"{URL}/tee", {"variants": [{"sku": "S", "prices": prices[:1] * 2}]})

    assert dict(Price.objects.values_list("currency", "amount_cents")) == {
        "USD": 900,
        "JPY": 1500,
        "EUR": 800,
    }
    assert twice.status_code == 400


@pytest.mark.covers("PEER-59", "CAT-11")
def test_a_vendor_has_an_external_id_and_fields_of_the_stores_own(api: Api) -> None:
    make_attribute("rating", "number", entity="vendor_field")
    make_attribute("note", "text", entity="vendor_field", is_public=False)
    owner = api(make_user("owner"))
    body = {"name": "Acme", "external_id": "V", "custom_fields": {"rating": 5, "note": "n"}}

    made = owner.post("/api/v1/vendors?upsert=true", body)
    changed = owner.post("/api/v1/vendors?upsert=true", {**body, "name": "Acme 2"})
    wrong = owner.patch("/api/v1/vendors/acme", {"custom_fields": {"rating": "good"}})

    assert (made.status_code, changed.status_code, wrong.status_code) == (201, 200, 422)
    assert changed.json()["id"] == made.json()["id"]
    record = owner.get("/api/v1/vendors/acme/record").json()
    assert (record["name"], record["external_id"]) == ("Acme 2", "V")
    assert record["custom_fields"] == {"rating": 5, "note": "n"}
    assert api().get("/api/v1/vendors/acme").json()["custom_fields"] == {"rating": 5}
