"""Product types and attributes over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from apps.catalog.locks import held, lock_product
from apps.catalog.models import Attribute, Product, ProductDocument, ProductType
from apps.catalog.services.save_attribute import update_attribute
from apps.catalog.services.save_product_type import create_product_type
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.catalog.types.makers import at_most, make_attribute, make_shirt, shirt
from tests.support.people import make_user

Api = Callable[..., Any]
TYPES, ATTRIBUTES = "/api/v1/product-types", "/api/v1/attributes"
PRODUCTS = "/api/v1/products"
FABRIC = {
    "code": "fabric",
    "name": "Fabric",
    "kind": "choice",
    "choices": [{"value": "wool"}, {"value": "red", "label": "Red", "colour": "#ff0000"}],
    "is_facetable": True,
}


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


@pytest.mark.covers("PEER-76")
def test_attributes_and_types_are_made_changed_and_deleted(editor: Any) -> None:
    made = editor.post(ATTRIBUTES, FABRIC)
    of_type = editor.post(
        TYPES, {"code": "shirt", "name": "Shirt", "fields": [{"attribute": "fabric"}]}
    )

    assert (made.status_code, of_type.status_code) == (201, 201)
    attribute = made.json()
    assert attribute["entity"] == "product"
    assert attribute["choices"][0] == {"value": "wool", "label": "wool"}
    assert of_type.json()["fields"] == [{"attribute": "fabric", "required": False, "axis": False}]
    address = f"{ATTRIBUTES}/{attribute['id']}"
    changed = editor.patch(address, {"name": "Cloth", "code": "other", "entity": "vendor_field"})
    assert (changed.json()["name"], changed.json()["code"]) == ("Cloth", "fabric")
    assert changed.json()["entity"] == "product"
    assert editor.get(address).json() == changed.json()
    assert editor.delete(address).json()["code"] == "attribute_in_use"
    assert editor.patch(f"{TYPES}/shirt", {"fields": []}).json()["fields"] == []
    assert editor.delete(address).status_code == 204
    assert editor.delete(f"{TYPES}/shirt").status_code == 204
    assert editor.get(address).status_code == 404
    assert editor.get(f"{TYPES}/shirt").status_code == 404


@pytest.mark.covers("PEER-76")
@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kind": "money"}, 400, "kind"),
        ({"code": "Not A Code"}, 400, "code"),
        ({"code": "downloads"}, 422, "code"),
        ({"choices": []}, 422, "choices"),
        ({"choices": [{"value": "a"}, {"value": "a"}]}, 422, "choices"),
        ({"choices": [{"value": "a", "colour": "red"}]}, 400, "choices.0.colour"),
        ({"choices": [{"value": str(n)} for n in range(501)]}, 400, "choices"),
        ({"kind": "number"}, 422, "choices"),
        ({"name": "a\nb"}, 400, "name"),
        ({"is_facetable": "yes"}, 400, "is_facetable"),
    ],
)
def test_what_is_no_attribute_is_refused(
    editor: Any, change: dict[str, Any], status: int, field: str
) -> None:
    response = editor.post(ATTRIBUTES, {**FABRIC, **change})

    assert (response.status_code, fields(response)) == (status, {field})
    assert not Attribute.objects.exists()


@pytest.mark.covers("PEER-76")
@pytest.mark.parametrize(
    ("fields_", "field"),
    [
        ([{"attribute": "nothing"}], "fields.0.attribute"),
        ([{"attribute": "size"}, {"attribute": "size"}], "fields.1.attribute"),
        ([{"attribute": "washable", "axis": True}], "fields.0.axis"),
        ([{"attribute": "depth"}], "fields.0.attribute"),
        ([{"attribute": "size"}] * 101, "fields"),
    ],
)
def test_a_type_is_made_of_attributes_that_are_there(
    editor: Any, fields_: list[Any], field: str
) -> None:
    make_shirt()
    make_attribute("depth", "number", entity="product_field")

    response = editor.post(TYPES, {"code": "x", "name": "X", "fields": fields_})

    assert (response.status_code, fields(response)) == (422, {field})


@pytest.mark.covers("PEER-76")
def test_a_code_is_taken_once_and_free_for_another_entity(editor: Any) -> None:
    make_shirt()

    twice = editor.post(ATTRIBUTES, FABRIC)
    elsewhere = editor.post(ATTRIBUTES, {**FABRIC, "entity": "vendor_field"})
    type_twice = editor.post(TYPES, {"code": "shirt", "name": "S"})

    assert (twice.status_code, twice.json()["code"]) == (409, "code_taken")
    assert elsewhere.status_code == 201
    assert (type_twice.status_code, fields(type_twice)) == (409, {"code"})


@pytest.mark.covers("PEER-76")
def test_what_has_values_keeps_its_kind_and_is_not_deleted(editor: Any) -> None:
    make_shirt()
    editor.post(PRODUCTS, shirt())
    ids = dict(Attribute.objects.values_list("code", "pk"))
    editor.patch(f"{TYPES}/shirt", {"fields": [{"attribute": "size", "axis": True}]})

    kind = editor.patch(f"{ATTRIBUTES}/{ids['fabric']}", {"kind": "text", "choices": []})
    gone = editor.delete(f"{ATTRIBUTES}/{ids['fabric']}")
    renamed = editor.patch(f"{ATTRIBUTES}/{ids['size']}", {"name": "Width"})
    type_gone = editor.delete(f"{TYPES}/shirt")

    assert [one.json()["code"] for one in (kind, gone, renamed, type_gone)] == [
        "attribute_in_use",
        "attribute_in_use",
        "attribute_in_use",
        "product_type_in_use",
    ]
    assert {one.status_code for one in (kind, gone, renamed, type_gone)} == {409}


@pytest.mark.covers("PEER-76")
def test_a_choice_that_is_gone_stays_where_it_was_chosen(api: Api, editor: Any) -> None:
    make_shirt()
    editor.post(PRODUCTS, shirt())
    fabric = Attribute.objects.get(code="fabric")

    editor.patch(f"{ATTRIBUTES}/{fabric.pk}", {"choices": [{"value": "cotton"}]})

    assert editor.patch(f"{PRODUCTS}/tee", {"attributes": {"care": "x"}}).status_code == 200
    assert api().get(f"{PRODUCTS}/tee").json()["attributes"]["fabric"] == "wool"
    again = editor.patch(f"{PRODUCTS}/tee", {"attributes": {"fabric": "wool"}})
    assert (again.status_code, again.json()["attributes"]["fabric"]) == (200, "wool")
    other = shirt(name="Other", variants=[{"sku": "O", "price": "1", "options": {"Size": "S"}}])
    assert fields(editor.post(PRODUCTS, other)) == {"attributes.fabric"}


@pytest.mark.covers("PEER-76")
def test_documents_follow_when_an_attribute_becomes_public(api: Api, editor: Any) -> None:
    make_shirt()
    editor.post(PRODUCTS, shirt(attributes={"fabric": "wool", "source": "me"}))
    source = Attribute.objects.get(code="source")
    assert "source" not in api().get(f"{PRODUCTS}/tee").json()["attributes"]

    editor.patch(f"{ATTRIBUTES}/{source.pk}", {"is_public": True})

    assert api().get(f"{PRODUCTS}/tee").json()["attributes"]["source"] == "me"
    assert "attr:source:me" in ProductDocument.objects.get().tokens


@pytest.mark.covers("PEER-76")
def test_a_long_text_is_kept_and_no_facet(editor: Any) -> None:
    make_shirt()
    Attribute.objects.filter(code="care").update(is_facetable=True)

    response = editor.post(
        PRODUCTS, shirt(attributes={"fabric": "wool", "care": "\N{GRINNING FACE}" * 1_000})
    )

    assert response.status_code == 201
    assert [t for t in ProductDocument.objects.get().tokens if t.startswith("attr:")] == [
        "attr:fabric:wool"
    ]


@pytest.mark.covers("PEER-76")
def test_a_type_of_deleted_products_alone_is_deleted(editor: Any) -> None:
    make_shirt()
    editor.post(PRODUCTS, shirt())
    editor.delete(f"{PRODUCTS}/tee")

    assert editor.delete(f"{TYPES}/shirt").status_code == 204
    assert Product.objects.get().product_type is None
    assert not ProductType.objects.exists()


@pytest.mark.covers("PEER-76", "ACC-10")
def test_vendors_read_types_and_write_none(api: Api) -> None:
    make_shirt()
    seller = api(make_user("vendor_owner", vendor_id=make_vendor().pk))
    size = Attribute.objects.get(code="size")

    assert seller.get(TYPES).json()["count"] == 1
    assert seller.get(f"{TYPES}/shirt").status_code == 200
    assert seller.get(f"{ATTRIBUTES}/{size.pk}").status_code == 200
    for answer in (
        seller.post(ATTRIBUTES, FABRIC),
        seller.patch(f"{ATTRIBUTES}/{size.pk}", {"name": "X"}),
        seller.delete(f"{ATTRIBUTES}/{size.pk}"),
        seller.post(TYPES, {"code": "x", "name": "X"}),
        seller.patch(f"{TYPES}/shirt", {"name": "X"}),
        seller.delete(f"{TYPES}/shirt"),
        seller.post("/api/v1/collections", {"name": "X"}),
        seller.post("/api/v1/categories", {"name": "X"}),
    ):
        assert answer.status_code == 403


@pytest.mark.covers("PEER-59")
def test_a_vendor_does_not_reach_anothers_product_by_its_external_id(api: Api) -> None:
    own, other = make_vendor(), make_vendor()
    make_product(sku="O", vendor=other, external_id="E", slug="other")
    seller = api(make_user("vendor_owner", vendor_id=own.pk))

    response = seller.post(
        f"{PRODUCTS}?upsert=true", {"sku": "M", "name": "M", "price": "1", "external_id": "E"}
    )

    assert response.status_code == 201
    assert Product.objects.filter(external_id="E").count() == 2
    assert Product.objects.get(slug="other").name == "Product O"


@pytest.mark.covers("NFR-15")
def test_the_lists_are_filtered_ordered_and_cheap(editor: Any) -> None:
    make_shirt()
    make_attribute("depth", "number", entity="product_field")
    make_category("Shirts")
    editor.get(ATTRIBUTES)

    with at_most(2):
        page = editor.get(ATTRIBUTES, {"entity": "product", "ordering": "-code", "limit": 2})
    with at_most(2):
        types = editor.get(TYPES, {"attribute": "fabric"})

    assert page.json()["count"] == 7
    assert [row["code"] for row in page.json()["results"]] == ["weight", "washable"]
    assert [row["code"] for row in types.json()["results"]] == ["shirt"]
    assert editor.get(TYPES, {"attribute": "depth"}).json()["count"] == 0
    assert editor.get(ATTRIBUTES, {"entity": "nothing"}).status_code == 400


@pytest.mark.covers("PEER-76", "PEER-72")
def test_one_number_is_one_choice_however_it_is_written(editor: Any, api: Api) -> None:
    make_attribute("weight", "number", is_facetable=True)
    create_product_type(code="stone", name="Stone", fields=[{"attribute": "weight"}])
    for sku, weight in (("A", 10), ("B", 10.0), ("C", 10.5)):
        values = {"product_type": "stone", "attributes": {"weight": weight}}
        made = {"sku": sku, "name": f"Stone {sku}", "price": 1, "currency": "USD", **values}
        assert editor.post(PRODUCTS, made).status_code == 201

    answer = api().get("/api/v1/search", {"q": "stone"}).json()

    (facet,) = [one for one in answer["facets"] if one["code"] == "attr.weight"]
    assert [(one["value"], one["count"]) for one in facet["values"]] == [("10", 2), ("10.5", 1)]


@pytest.mark.covers("PEER-76")
def test_hiding_an_attribute_and_changing_its_type_at_once_wait_for_each_other(
    live_store: StoreRef,
) -> None:
    with enter_store(live_store):
        attribute = make_attribute("fabric")
        create_product_type(code="shirt", name="Shirt", fields=[{"attribute": "fabric"}])
        product = make_product(sku="A", product_type="shirt", attributes={"fabric": "wool"})
    failures: list[BaseException] = []

    def hide() -> None:
        try:
            with enter_store(live_store):
                update_attribute(attribute_id=attribute.pk, changes={"is_public": False})
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=hide)
    with enter_store(live_store):
        with transaction.atomic():
            lock_product(product.id)
            thread.start()
            wait_until_one_waits()
            # As whoever changes the product's type does next.
            held(Attribute, "code", ["fabric"])
        thread.join(30)

        assert failures == []
        assert not Attribute.objects.get().is_public
        assert "wool" not in ProductDocument.objects.get().body


def wait_until_one_waits() -> None:
    """Until another connection waits for a lock of ours."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("Nobody waits.")
