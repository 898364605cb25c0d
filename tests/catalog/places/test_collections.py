"""Collections: put together by hand or by rules, and read by shoppers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.catalog.models import Collection, Product, ProductDocument, Vendor
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.catalog.types.makers import at_most, make_attribute, make_shirt
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/collections"
Goods = dict[str, str]


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


@pytest.fixture
def goods(store: StoreRef) -> Goods:
    """Four products, by name."""
    make_shirt()
    clothes = make_category("Clothes")
    make_category("Shirts", clothes)
    make_vendor("Other")
    made = {
        "tee": make_product(
            price_cents=500,
            sku="T",
            name="tee",
            brand="Acme",
            tags=["new"],
            stock=3,
            categories=["shirts"],
        ),
        "coat": make_product(
            name="coat",
            brand="Acme",
            is_featured=True,
            categories=["clothes"],
            variants=[{"sku": "C", "price_cents": 9000, "options": {"Size": "M"}}],
            product_type="shirt",
            attributes={"fabric": "wool"},
            stock=0,
        ),
        "mug": make_product(
            price_cents=800,
            sku="M",
            name="mug",
            brand="Bell",
            stock=1,
            vendor=Vendor.objects.get(slug="other"),
        ),
        "free": make_product(name="free", variants=[{"sku": "F"}], stock=1),
    }
    return {name: str(product.id) for name, product in made.items()}


def names(api: Api, slug: str = "deals", **query: Any) -> list[str]:
    response = api().get(f"{URL}/{slug}/products", query)
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


@pytest.mark.covers("PEER-74")
def test_a_manual_collection_stands_in_the_order_it_was_given(
    api: Api, editor: Any, goods: Goods
) -> None:
    wanted = ["mug", "tee", "coat"]

    made = editor.post(URL, {"name": "Deals", "products": [goods[name] for name in wanted]})

    assert made.status_code == 201
    assert made.json()["products"] == [goods[name] for name in wanted]
    assert made.json()["ordering"] == "manual"
    assert names(api) == wanted
    assert names(api, limit=1, offset=1) == ["tee"]
    editor.patch(f"{URL}/deals", {"products": [goods["tee"], goods["mug"]]})
    assert names(api) == ["tee", "mug"]


@pytest.mark.covers("PEER-74")
@pytest.mark.parametrize(
    ("ordering", "wanted"),
    [
        ("newest", ["free", "mug", "coat", "tee"]),
        ("price", ["tee", "mug", "coat", "free"]),
        ("-price", ["coat", "mug", "tee", "free"]),
        ("name", ["coat", "free", "mug", "tee"]),
    ],
)
def test_a_collection_has_an_ordering(
    api: Api, editor: Any, goods: Goods, ordering: str, wanted: list[str]
) -> None:
    editor.post(URL, {"name": "Deals", "ordering": ordering, "products": [*goods.values()]})

    assert names(api) == wanted


@pytest.mark.covers("PEER-74")
@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({"field": "brand", "operator": "is", "value": "Acme"}, {"tee", "coat"}),
        ({"field": "brand", "operator": "is_not", "value": "Acme"}, {"mug", "free"}),
        ({"field": "tag", "operator": "is", "value": "new"}, {"tee"}),
        ({"field": "category", "operator": "is", "value": "clothes"}, {"tee", "coat"}),
        ({"field": "category", "operator": "is", "value": "shirts"}, {"tee"}),
        ({"field": "vendor", "operator": "is", "value": "other"}, {"mug"}),
        ({"field": "option", "name": "Size", "operator": "is", "value": "M"}, {"coat"}),
        ({"field": "attribute", "name": "fabric", "operator": "is", "value": "wool"}, {"coat"}),
        ({"field": "price", "operator": "above", "value": 500}, {"coat", "mug"}),
        ({"field": "price", "operator": "below", "value": 800}, {"tee"}),
        ({"field": "created", "operator": "within", "value": 7}, {"coat", "mug", "free"}),
        ({"field": "in_stock", "operator": "is", "value": True}, {"tee", "mug", "free"}),
        ({"field": "in_stock", "operator": "is", "value": False}, {"coat"}),
        ({"field": "featured", "operator": "is", "value": True}, {"coat"}),
    ],
)
def test_a_rule_finds_what_it_says(
    api: Api, editor: Any, goods: Goods, rule: dict[str, Any], wanted: set[str]
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    ProductDocument.objects.filter(name="tee").update(created_at=long_ago)

    made = editor.post(URL, {"name": "Deals", "rules": [rule]})

    assert (made.status_code, made.json()["ordering"]) == (201, "newest")
    assert set(names(api)) == wanted
    assert api().get(f"{URL}/deals/products").json()["count"] == len(wanted)


@pytest.mark.covers("PEER-74")
def test_all_rules_or_any_of_them(api: Api, editor: Any, goods: Goods) -> None:
    rules = [
        {"field": "brand", "operator": "is", "value": "Acme"},
        {"field": "price", "operator": "below", "value": 1000},
    ]
    editor.post(URL, {"name": "Deals", "rules": rules})
    assert names(api) == ["tee"]

    editor.patch(f"{URL}/deals", {"match_all": False})

    assert set(names(api)) == {"tee", "coat", "mug"}


@pytest.mark.covers("PEER-74")
def test_a_rule_follows_what_changes(api: Api, editor: Any, goods: Goods) -> None:
    rule = {"field": "category", "operator": "is", "value": "shirts"}
    editor.post(URL, {"name": "Deals", "rules": [rule]})
    assert names(api) == ["tee"]

    editor.patch("/api/v1/categories/shirts", {"slug": "tops"})
    update_product(product_id=Product.objects.get(name="mug").pk, changes={"categories": ["tops"]})

    assert set(names(api)) == {"tee", "mug"}


@pytest.mark.covers("PEER-74")
def test_shoppers_see_of_a_collection_what_is_on_show(api: Api, editor: Any, goods: Goods) -> None:
    editor.post(URL, {"name": "Deals", "products": [*goods.values()]})
    product = Product.objects.get(name="mug")
    ProductDocument.objects.filter(name="free").update(
        hidden_from=timezone.now() - timedelta(seconds=1)
    )

    update_product(product_id=product.pk, changes={"is_active": False})

    assert names(api) == ["tee", "coat"]
    editor.patch(f"{URL}/deals", {"is_active": False})
    for address in (f"{URL}/deals", f"{URL}/deals/products"):
        assert api().get(address).json()["code"] == "collection_not_found"
    assert api().get(URL).json()["count"] == 0
    assert editor.get(f"{URL}/deals?include=all").json()["is_active"] is False
    assert api().get(f"{URL}/deals?include=all").status_code == 401


@pytest.mark.covers("PEER-74", "NFR-15")
def test_reading_costs_few_queries_and_is_kept(api: Api, editor: Any, goods: Goods) -> None:
    editor.post(URL, {"name": "Deals", "products": [*goods.values()]})
    shopper = api()

    with at_most(3):
        page = shopper.get(f"{URL}/deals/products", {"limit": 2})
    with at_most(0):
        again = shopper.get(f"{URL}/deals/products", {"limit": 2})
    with at_most(2):
        shopper.get(URL)
    with at_most(1):
        shopper.get(f"{URL}/deals")

    assert again.content == page.content
    assert page.json()["count"] == 4
    assert page.json()["next"].endswith("limit=2&offset=2")
    kept = shopper.get(f"{URL}/deals/products?limit=2", HTTP_IF_NONE_MATCH=page["ETag"])
    assert kept.status_code == 304


@pytest.mark.covers("PEER-74")
@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"field": "brand", "operator": "above", "value": "x"}, "rules.0.operator"),
        ({"field": "price", "operator": "above", "value": -1}, "rules.0.value"),
        ({"field": "price", "operator": "above", "value": True}, "rules.0.value"),
        ({"field": "price", "operator": "above", "value": "5"}, "rules.0.value"),
        ({"field": "created", "operator": "within", "value": 10**9}, "rules.0.value"),
        ({"field": "in_stock", "operator": "is", "value": "yes"}, "rules.0.value"),
        ({"field": "brand", "operator": "is", "value": ""}, "rules.0.value"),
        ({"field": "brand", "operator": "is", "value": ["a"]}, "rules.0.value"),
        ({"field": "category", "operator": "is", "value": "nothing"}, "rules.0.value"),
        ({"field": "vendor", "operator": "is", "value": str(uuid4())}, "rules.0.value"),
        ({"field": "option", "operator": "is", "value": "M"}, "rules.0.name"),
        (
            {"field": "attribute", "name": "source", "operator": "is", "value": "x"},
            "rules.0.name",
        ),
        (
            {"field": "brand", "operator": "is", "value": "' OR 1=1 --\n"},
            "rules.0.value",
        ),
    ],
)
def test_a_rule_that_means_nothing_is_refused(
    editor: Any, store: StoreRef, rule: dict[str, Any], field: str
) -> None:
    make_shirt()

    response = editor.post(URL, {"name": "Deals", "rules": [rule]})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
    assert not Collection.objects.exists()


@pytest.mark.covers("PEER-74")
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"rules": [{"field": "sql", "operator": "is", "value": "1"}]}, 400, "rules.0.field"),
        ({"rules": [{"field": "featured", "operator": "is", "value": True}] * 21}, 400, "rules"),
        ({"products": [str(uuid4())]}, 422, "products.0"),
        ({"products": ["x"]}, 400, "products.0"),
        ({"ordering": "random"}, 400, "ordering"),
        (
            {
                "rules": [{"field": "featured", "operator": "is", "value": True}],
                "ordering": "manual",
            },
            422,
            "ordering",
        ),
    ],
)
def test_what_is_no_collection_is_refused(
    editor: Any, body: dict[str, Any], status: int, field: str
) -> None:
    response = editor.post(URL, {"name": "Deals", **body})

    assert response.status_code == status
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.covers("PEER-74")
def test_rules_and_members_exclude_each_other(editor: Any, goods: Goods) -> None:
    rule = {"field": "featured", "operator": "is", "value": True}
    editor.post(URL, {"name": "Deals", "rules": [rule]})

    refused = editor.patch(f"{URL}/deals", {"products": [goods["tee"]]})
    allowed = editor.patch(
        f"{URL}/deals", {"rules": [], "ordering": "manual", "products": [goods["tee"]]}
    )

    assert refused.json()["errors"][0]["field"] == "products"
    assert allowed.json()["products"] == [goods["tee"]]


@pytest.mark.covers("PEER-74", "PEER-59")
def test_a_collection_has_fields_of_the_stores_own_and_is_deleted(api: Api, editor: Any) -> None:
    make_attribute("banner", "colour", entity="collection_field")
    make_attribute("note", "text", entity="collection_field", is_public=False)

    editor.post(URL, {"name": "Deals", "custom_fields": {"banner": "#FF0000", "note": "x"}})

    assert api().get(f"{URL}/deals").json()["custom_fields"] == {"banner": "#ff0000"}
    assert api().get(URL).json()["results"][0]["custom_fields"] == {"banner": "#ff0000"}
    assert editor.delete(f"{URL}/deals").status_code == 204
    assert api().get(f"{URL}/deals").status_code == 404


@pytest.mark.covers("PEER-74", "CAT-05")
def test_what_staff_read_of_a_collection_can_be_sent_back(editor: Any, goods: Goods) -> None:
    editor.post(URL, {"name": "Deals", "products": [goods["mug"], goods["tee"]]})
    editor.delete(f"/api/v1/products/{goods['mug']}")

    read = editor.get(f"{URL}/deals?include=all").json()["products"]

    assert read == [goods["tee"]]
    assert editor.patch(f"{URL}/deals", {"products": read}).status_code == 200


@pytest.mark.covers("PEER-74", "T12")
def test_a_vendors_people_see_no_hidden_collection(api: Api, editor: Any) -> None:
    editor.post(URL, {"name": "Deals", "is_active": False})
    seller = api(make_user("vendor_owner", vendor_id=make_vendor("Own").pk))

    answer = seller.get(f"{URL}/deals?include=all")

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert seller.get(f"{URL}/deals").status_code == 404


@pytest.mark.covers("PEER-74")
@pytest.mark.parametrize("name", ["ΜΕΓΕΘΟΣ", "İç Rengi", "Größe"])
def test_a_rule_knows_an_option_in_any_language(
    api: Api, editor: Any, store: StoreRef, name: str
) -> None:
    make_product(name="hat", variants=[{"sku": "H", "price_cents": 1, "options": {name: "M"}}])
    rule = {"field": "option", "name": name, "operator": "is", "value": "M"}

    editor.post(URL, {"name": "Deals", "rules": [rule]})

    assert names(api) == ["hat"]
    found = api().get("/api/v1/search", {f"option.{name}": "M"}).json()
    assert [row["name"] for row in found["results"]] == ["hat"]
