"""Search over HTTP: pages, filters, facets and suggestions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import Attribute, Product
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.show_products import show_products
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product, make_vendor

Api = Callable[..., Any]
SEARCH = "/api/v1/search"
SUGGEST = "/api/v1/search/suggest"


@pytest.fixture
def shelf(store: StoreRef) -> StoreRef:
    """Shirts and mugs of two brands, in sizes, prices and stock of their own."""
    clothing = make_category("Clothing")
    shirts = make_category("Shirts", clothing)
    make_category("Kitchen")
    sizes = [
        {"sku": f"SHIRT-{size}", "price_cents": cents, "currency": "USD", "options": {"Size": size}}
        for size, cents in (("S", 3000), ("M", 3200))
    ]
    make_product(
        name="Linen shirt", variants=sizes, stock=5, brand="Acme", categories=[shirts.slug]
    )
    large = [
        {"sku": "WOOL-L", "price_cents": 8000, "currency": "USD", "options": {"Size": "L"}},
    ]
    make_product(name="Wool shirt", variants=large, brand="Bolt", stock=0, categories=["shirts"])
    make_product(
        sku="MUG-1",
        name="Stone mug",
        price_cents=900,
        brand="Bolt",
        stock=3,
        categories=["kitchen"],
    )
    return store


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def counts(answer: Any, code: str) -> dict[str, int]:
    facet = next(facet for facet in answer.json()["facets"] if facet["code"] == code)
    return {value["value"]: value["count"] for value in facet["values"]}


def chosen(answer: Any, code: str) -> list[str]:
    facet = next(facet for facet in answer.json()["facets"] if facet["code"] == code)
    return [value["value"] for value in facet["values"] if value["selected"]]


@pytest.mark.covers("CAT-13", "PEER-71")
def test_the_best_come_first_and_what_is_sold_out_last(shelf: StoreRef, api: Api) -> None:
    make_product(sku="X-1", name="Iron", description="For any shirt.", stock=1)

    answer = api().get(SEARCH, {"q": "shirt"})

    assert names(answer) == ["Linen shirt", "Wool shirt", "Iron"]
    assert answer.json()["count"] == 3
    assert answer.json()["did_you_mean"] == ""
    assert answer.json()["corrected"] is False
    assert answer.json()["results"][0]["inventory"] == 10


@pytest.mark.covers("PEER-71")
@pytest.mark.parametrize("query", ["WOOL-L", "wool-l", " Wool-L ", "WOOL-"])
def test_a_sku_is_found_whole_and_by_its_beginning(shelf: StoreRef, api: Api, query: str) -> None:
    make_product(sku="Z-9", name="Wool wool wool", stock=9, description="WOOL in bags of L")

    assert names(api().get(SEARCH, {"q": query, "limit": 1})) == ["Wool shirt"]


@pytest.mark.covers("CAT-13", "CAT-14", "PEER-72")
def test_filters_of_one_property_add_and_of_several_narrow(shelf: StoreRef, api: Api) -> None:
    def found(**query: Any) -> list[str]:
        answer = api().get(SEARCH, {"ordering": "name", **query})
        assert answer.json()["count"] == len(answer.json()["results"])
        return names(answer)

    assert found() == ["Linen shirt", "Stone mug", "Wool shirt"]
    assert found(category="clothing") == ["Linen shirt", "Wool shirt"]
    assert found(category=["kitchen", "shirts"]) == ["Linen shirt", "Stone mug", "Wool shirt"]
    assert found(category="no-such") == []
    assert found(brand=["Acme", "Bolt"], category="shirts") == ["Linen shirt", "Wool shirt"]
    assert found(**{"option.size": ["S", "L"]}) == ["Linen shirt", "Wool shirt"]
    assert found(**{"option.Size": "L"}, brand="Acme") == []
    assert found(price_min="900", price_max="3000") == ["Linen shirt", "Stone mug"]
    assert found(price_max="899") == []
    assert found(in_stock="false") == ["Wool shirt"]
    assert found(vendor="no-such") == []
    assert found(q="shirt", in_stock="true") == ["Linen shirt"]


@pytest.mark.covers("CAT-14")
def test_orderings_and_pages(shelf: StoreRef, api: Api) -> None:
    def order(ordering: str) -> list[str]:
        return names(api().get(SEARCH, {"ordering": ordering, "q": ""}))

    assert order("newest") == ["Stone mug", "Wool shirt", "Linen shirt"]
    assert order("price") == ["Stone mug", "Linen shirt", "Wool shirt"]
    assert order("-price") == ["Wool shirt", "Linen shirt", "Stone mug"]
    page = api().get(SEARCH, {"q": "shirt", "limit": 1, "brand": ["Acme", "Bolt"]})
    assert names(page) == ["Linen shirt"]
    assert page.json()["previous"] is None
    assert names(api().get(page.json()["next"])) == ["Wool shirt"]
    assert api().get(page.json()["next"]).json()["next"] is None


@pytest.mark.covers("PEER-72")
def test_a_facet_is_counted_without_its_own_choice(shelf: StoreRef, api: Api) -> None:
    answer = api().get(SEARCH, {"q": "shirt", "brand": "Acme", "in_stock": "true"})

    assert names(answer) == ["Linen shirt"]
    # Were another brand chosen besides, nothing would be added: the other shirt is sold out.
    assert counts(answer, "brand") == {"Acme": 1}
    assert chosen(answer, "brand") == ["Acme"]
    assert counts(answer, "availability") == {"true": 1, "false": 0}
    assert counts(answer, "option.size") == {"M": 1, "S": 1}
    both = api().get(SEARCH, {"q": "shirt", "brand": "Acme"})
    assert counts(both, "brand") == {"Acme": 1, "Bolt": 1}
    assert counts(both, "category") == {"clothing": 1, "shirts": 1}
    assert both.json()["facets_exact"] is True


@pytest.mark.covers("PEER-72")
def test_facets_of_everything(shelf: StoreRef, api: Api) -> None:
    answer = api().get(SEARCH)

    codes = [facet["code"] for facet in answer.json()["facets"]]
    assert codes == ["category", "price", "brand", "vendor", "availability", "option.size"]
    assert counts(answer, "category") == {"clothing": 2, "shirts": 2, "kitchen": 1}
    assert counts(answer, "brand") == {"Bolt": 2, "Acme": 1}
    assert counts(answer, "price") == {"750-999": 1, "3000-4999": 1, "7500-9999": 1}
    assert sum(counts(answer, "vendor").values()) == 3
    none = api().get(SEARCH, {"option.size": "XXL"})
    assert counts(none, "option.size") == {"L": 1, "M": 1, "S": 1, "XXL": 0}
    assert api().get(SEARCH, {"facets": "false"}).json()["facets"] == []


@pytest.mark.covers("PEER-72", "PEER-76")
def test_attributes_are_facets_where_staff_say_so(shelf: StoreRef, api: Api) -> None:
    kind = Attribute.Entity.PRODUCT
    Attribute.objects.create(entity=kind, code="wash", name="Washing", is_facetable=True)
    Attribute.objects.create(entity=kind, code="cost", name="Cost", is_public=False)
    product = Product.objects.get(name="Linen shirt")
    Product.objects.filter(pk=product.pk).update(attributes={"wash": "cold", "cost": "dear"})
    show_products([product.pk])
    cache.clear()

    answer = api().get(SEARCH, {"attr.wash": "cold"})

    assert names(answer) == ["Linen shirt"]
    assert counts(answer, "attr.wash") == {"cold": 1}
    (facet,) = [one for one in answer.json()["facets"] if one["code"].startswith("attr.")]
    assert (facet["name"], facet["kind"]) == ("Washing", "text")


@pytest.mark.covers("CAT-13", "I-60")
def test_a_price_in_another_currency(store: StoreRef, api: Api) -> None:
    prices = [{"currency": "USD", "amount_cents": 1000}, {"currency": "EUR", "amount_cents": 5000}]
    make_product(name="Both", variants=[{"sku": "B", "prices": prices}])
    make_product(sku="U", name="Dollars only", price_cents=4000)

    answer = api().get(SEARCH, {"currency": "EUR", "price_min": "4000", "ordering": "price"})

    assert names(answer) == ["Both"]
    assert answer.json()["results"][0]["price_cents"] == 5000


@pytest.mark.covers("NFR-03", "NFR-12")
def test_a_search_takes_four_queries_at_most(shelf: StoreRef, api: Api) -> None:
    client = api()
    client.get(SEARCH, {"q": "warm up"})
    queries = {"q": "shrit wool", "brand": "Bolt", "option.size": "L", "price_min": "1"}

    with CaptureQueriesContext(connection) as captured:
        client.get(SEARCH, {**queries, "ordering": "relevance"})
    # Entering the store is the connection's.
    asked = [query["sql"] for query in captured if "set_config(" not in query["sql"]]
    with CaptureQueriesContext(connection) as again:
        client.get(SEARCH, {**queries, "ordering": "relevance"})

    assert len(asked) <= 4, asked
    assert len(again) == 0


@pytest.mark.covers("CAT-13", "I-53")
def test_a_change_is_found_at_once(shelf: StoreRef, api: Api) -> None:
    product = Product.objects.get(name="Stone mug")
    assert names(api().get(SEARCH, {"q": "stone"})) == ["Stone mug"]

    update_product(product_id=product.pk, changes={"name": "Porcelain cup"})
    cache.clear()

    assert names(api().get(SEARCH, {"q": "stone"})) == []
    assert names(api().get(SEARCH, {"q": "porcelain"})) == ["Porcelain cup"]
    delete_product(product_id=product.pk)
    cache.clear()
    assert names(api().get(SEARCH, {"q": "porcelain"})) == []


@pytest.mark.covers("PEER-71")
def test_suggestions_go_on_from_what_was_typed(shelf: StoreRef, api: Api) -> None:
    make_vendor("Shining")
    found = api().get(SUGGEST, {"q": "shi"}).json()["results"]

    assert [(one["kind"], one["label"]) for one in found] == [
        ("category", "Shirts"),
        ("product", "Linen shirt"),
        ("product", "Wool shirt"),
    ]
    assert api().get(SUGGEST, {"q": "bol"}).json()["results"] == [
        {"kind": "brand", "label": "Bolt", "value": "Bolt"}
    ]
    assert api().get(SUGGEST, {"q": "wool sh"}).json()["results"][0]["label"] == "Wool shirt"
    assert api().get(SUGGEST).json() == {"results": []}
    for index in range(15):
        make_product(sku=f"N{index}", name=f"Shiny {index}")
    cache.clear()
    assert len(api().get(SUGGEST, {"q": "shin"}).json()["results"]) == 10


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"ordering": "created_at"}, "ordering"),
        ({"limit": "0"}, "limit"),
        ({"offset": "5001"}, "offset"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_max": "1e3"}, "price_max"),
        ({"currency": "euro"}, "currency"),
        ({"in_stock": "perhaps"}, "in_stock"),
        ({"facets": "perhaps"}, "facets"),
        ({"category": "a\x00b"}, "category"),
        ({"brand": "x" * 300}, "brand"),
        ({"option.size": [str(n) for n in range(60)]}, "option.size"),
    ],
)
def test_what_means_nothing_is_named(
    store: StoreRef, api: Api, query: dict[str, Any], field: str
) -> None:
    answer = api().get(SEARCH, query)

    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["field"] == field


@pytest.mark.covers("PEER-72")
def test_what_costs_nothing_is_a_range_of_its_own(store: StoreRef, api: Api) -> None:
    make_product(sku="A", name="Sticker", price_cents=0)
    make_product(sku="B", name="Mug", price_cents=1_500)

    (facet,) = [one for one in api().get(SEARCH).json()["facets"] if one["code"] == "price"]

    told = [(one["value"], one["label"], one["count"]) for one in facet["values"]]
    assert told == [("0-0", "0.00 – 0.00", 1), ("1000-1999", "10.00 – 19.99", 1)]
