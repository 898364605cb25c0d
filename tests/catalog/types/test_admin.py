"""Types, typed products and collections in admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Attribute, Collection, Product, ProductType
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.test_admin import form
from tests.catalog.types.makers import at_most, make_attribute, make_shirt
from tests.support.people import make_user

URL = "/admin/catalog/"
VARIANT = {"sku": "S", "price": "19.99", "cost": "5.50", "options": '{"Size": "S"}'}


@pytest.fixture
def page(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


def typed(kind: ProductType, **fields: Any) -> dict[str, Any]:
    return form(VARIANT, name="Tee", product_type=str(kind.pk), is_active="on", **fields)


@pytest.mark.covers("PEER-76", "CAT-08")
def test_a_type_that_was_chosen_asks_for_its_attributes(page: Client) -> None:
    kind = make_shirt()
    make_attribute("depth", "number", entity="product_field")

    asked = page.post(f"{URL}product/add/", typed(kind))
    made = page.post(
        f"{URL}product/add/",
        typed(
            kind,
            attribute_fabric="wool",
            attribute_weight="2",
            attribute_washable="false",
            attribute_hue="#AABBCC",
            own_depth="1.5",
            external_id="E",
            publish_at_0="2030-01-01",
            publish_at_1="09:00",
        ),
    )

    assert asked.status_code == 200
    assert b"A published product needs Fabric." in asked.content
    assert b'name="attribute_fabric"' in asked.content
    assert b'name="attribute_size"' not in asked.content
    assert made.status_code == 302, made.content
    product = Product.objects.get()
    assert product.attributes == {
        "fabric": "wool",
        "weight": 2,
        "washable": False,
        "hue": "#aabbcc",
    }
    assert product.custom_fields == {"depth": 1.5}
    assert (product.external_id, product.product_type) == ("E", kind)
    assert product.publish_at is not None
    assert product.variants.get().cost_cents == 550


@pytest.mark.covers("PEER-76")
def test_the_page_of_a_typed_product_shows_and_changes_its_values(page: Client) -> None:
    kind = make_shirt()
    product = make_product(
        name="Tee",
        product_type="shirt",
        attributes={"fabric": "wool", "washable": True, "care": "Cold"},
        variants=[{"sku": "S", "price_cents": 100, "cost_cents": 5, "options": {"Size": "S"}}],
    )
    address = f"{URL}product/{product.id}/change/"
    page.get(address)

    with at_most(15):
        shown = page.get(address)
    row = {**VARIANT, "id": str(product.variant_ids[0])}
    data = form(row, initial=1, name="Tee", product_type=str(kind.pk), is_active="on")
    changed = page.post(address, {**data, "attribute_fabric": "cotton", "attribute_hue": "red"})
    kept = page.post(address, {**data, "attribute_fabric": "cotton"})

    assert b'<option value="true" selected' in shown.content
    assert b'value="0.05"' in shown.content
    assert b"Send a colour as #rrggbb" in changed.content
    assert kept.status_code == 302
    assert Product.objects.get().attributes == {"fabric": "cotton"}


@pytest.mark.covers("PEER-80")
def test_the_end_comes_after_the_beginning(page: Client) -> None:
    response = page.post(
        f"{URL}product/add/",
        form(
            VARIANT,
            name="Tee",
            publish_at_0="2030-01-02",
            publish_at_1="09:00",
            unpublish_at_0="2030-01-01",
            unpublish_at_1="09:00",
        ),
    )

    assert b"The end has to be after the beginning." in response.content
    assert not Product.objects.exists()


@pytest.mark.covers("PEER-76")
def test_attributes_and_types_are_typed_as_lines(page: Client) -> None:
    made = page.post(
        f"{URL}attribute/add/",
        {
            "entity": "product",
            "code": "fabric",
            "name": "Fabric",
            "kind": "choice",
            "choices": 'wool\nred "Dark red" #800000',
            "position": "0",
        },
    )
    kind = page.post(
        f"{URL}producttype/add/", {"code": "shirt", "name": "Shirt", "fields_": "fabric required"}
    )
    broken = page.post(
        f"{URL}producttype/add/", {"code": "x", "name": "X", "fields_": "fabric sometimes"}
    )

    assert (made.status_code, kind.status_code, broken.status_code) == (302, 302, 200)
    attribute = Attribute.objects.get()
    assert attribute.choices == [
        {"value": "wool", "label": "wool"},
        {"value": "red", "label": "Dark red", "colour": "#800000"},
    ]
    shirt = ProductType.objects.get()
    assert shirt.fields == [{"attribute": "fabric", "required": True, "axis": False}]
    opened = page.get(f"{URL}attribute/{attribute.pk}/change/").content.decode()
    assert "red &#x27;Dark red&#x27; &#x27;#800000&#x27;" in opened
    page.post(f"{URL}producttype/{shirt.pk}/change/", {"name": "Top", "fields_": ""})
    shirt.refresh_from_db()
    assert (shirt.name, shirt.fields) == ("Top", [])
    page.post(f"{URL}attribute/{attribute.pk}/delete/", {"post": "yes"})
    page.post(f"{URL}producttype/{shirt.pk}/delete/", {"post": "yes"})
    assert not Attribute.objects.exists()
    assert not ProductType.objects.exists()


@pytest.mark.covers("PEER-74")
def test_a_collection_is_put_together_in_admin(page: Client) -> None:
    first, second = make_product(sku="A"), make_product(sku="B")
    members = {
        "members-TOTAL_FORMS": 2,
        "members-INITIAL_FORMS": 0,
        "members-0-product": str(first.id),
        "members-0-position": 2,
        "members-1-product": str(second.id),
        "members-1-position": 1,
    }
    none = {"members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}
    plain = {"description": "", "external_id": "", "slug": "", "is_active": "on"}

    page.post(f"{URL}collection/add/", {**plain, **members, "name": "Hand", "ordering": "manual"})
    page.post(
        f"{URL}collection/add/",
        {
            **plain,
            **none,
            "name": "Rules",
            "ordering": "newest",
            "rules": 'brand is "Two Words"\nprice below 500\nin_stock is true',
        },
    )
    refused = page.post(
        f"{URL}collection/add/",
        {**plain, **none, "name": "X", "ordering": "newest", "rules": "brand Acme"},
    )

    hand, rules = Collection.objects.order_by("name")
    assert [row.product_id for row in hand.members.all()] == [second.id, first.id]
    assert rules.rules == [
        {"field": "brand", "operator": "is", "value": "Two Words"},
        {"field": "price", "operator": "below", "value": 500},
        {"field": "in_stock", "operator": "is", "value": True},
    ]
    assert refused.status_code == 200
    opened = page.get(f"{URL}collection/{rules.pk}/change/").content
    assert b"brand is &#x27;Two Words&#x27;" in opened
    with at_most(15):
        assert page.get(f"{URL}collection/{hand.pk}/change/").status_code == 200
    for name in ("collection", "attribute", "producttype"):
        assert page.get(f"{URL}{name}/").status_code == 200


@pytest.mark.covers("PEER-32")
def test_a_vendor_chooses_types_and_changes_none(store: StoreRef) -> None:
    kind = make_shirt()
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("vendor_owner", vendor_id=make_vendor().pk))

    assert str(kind.pk).encode() in client.get(f"{URL}product/add/").content
    for name in ("collection", "attribute", "producttype"):
        assert client.get(f"{URL}{name}/").status_code == 403


@pytest.mark.covers("PEER-76")
def test_admin_takes_no_code_and_no_colour_that_the_api_refuses(page: Client) -> None:
    plain = {"entity": "product", "name": "Hue", "kind": "colour", "position": "0"}

    pages = [
        page.post(f"{URL}attribute/add/", {**plain, **wrong}, follow=True).content.decode()
        for wrong in (
            {"code": "hue", "choices": "red Red #zzzzzz"},
            {"code": "hue", "choices": "red Red #ff00"},
            {"code": "Hue", "choices": ""},
            {"code": "_hue", "choices": ""},
        )
    ]
    kind = page.post(f"{URL}producttype/add/", {"code": "Shirt", "name": "Shirt"}, follow=True)

    assert ["Send a colour as #rrggbb." in shown for shown in pages[:2]] == [True, True]
    assert ["small letters" in shown for shown in pages[2:]] == [True, True]
    assert "small letters" in kind.content.decode()
    assert not Attribute.objects.exists()
    assert not ProductType.objects.exists()


@pytest.mark.covers("PEER-76", "PEER-59")
def test_what_nobody_changed_stays_as_it_was(page: Client) -> None:
    kind = make_shirt()
    make_attribute("origin", "choice", choices=["Here"], entity="product_field")
    product = make_product(
        name="Tee",
        product_type="shirt",
        attributes={"fabric": "wool", "care": "Cold\nDry flat"},
        custom_fields={"origin": "Here"},
        variants=[{"sku": "S", "price_cents": 100, "cost_cents": 5, "options": {"Size": "S"}}],
    )
    Attribute.objects.filter(code__in=["fabric", "origin"]).update(choices=[])
    row = {**VARIANT, "id": str(product.variant_ids[0])}
    data = form(row, initial=1, name="Renamed", product_type=str(kind.pk), is_active="on")
    address = f"{URL}product/{product.id}/change/"
    typed_again = {"attribute_fabric": "wool", "own_origin": "Here"}

    shown = page.get(address).content.decode()
    kept = page.post(address, {**data, **typed_again, "attribute_care": "Cold\r\nDry flat"})
    other = page.post(address, {**data, **typed_again, "attribute_fabric": "silk"})

    assert "wool (no choice any more)" in shown
    assert "Cold\nDry flat</textarea>" in shown
    assert kept.status_code == 302, kept.content
    assert b"Select a valid choice. silk" in other.content
    after = Product.objects.get()
    assert after.name == "Renamed"
    assert after.attributes == {"fabric": "wool", "care": "Cold\nDry flat"}
    assert after.custom_fields == {"origin": "Here"}
