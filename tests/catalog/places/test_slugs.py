"""Slugs: unique in a race, changeable, and old addresses lead to new ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.catalog.errors import SlugTaken
from apps.catalog.models import FormerSlug, Product
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
URL = "/api/v1/products"


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


@pytest.mark.covers("PEER-75")
def test_an_old_address_leads_to_the_new_one(api: Api, editor: Any) -> None:
    product = make_product(name="Tee")

    editor.patch(f"{URL}/tee", {"slug": "tee-2026"})
    editor.patch(f"{URL}/tee-2026", {"slug": "tee-2027"})

    for old in ("tee", "tee-2026"):
        answer = api().get(f"{URL}/{old}?currency=USD")
        assert answer.status_code == 301
        assert answer["Location"] == f"{URL}/tee-2027?currency=USD"
        assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert api().get(f"{URL}/tee/inventory")["Location"] == f"{URL}/tee-2027/inventory"
    assert api().get(f"{URL}/tee-2027").json()["id"] == str(product.id)
    assert FormerSlug.objects.count() == 2


@pytest.mark.covers("PEER-75")
def test_a_slug_that_comes_back_leads_nowhere_else(api: Api, editor: Any) -> None:
    make_product(name="Tee")

    editor.patch(f"{URL}/tee", {"slug": "other"})
    editor.patch(f"{URL}/other", {"slug": "tee"})

    assert api().get(f"{URL}/tee").status_code == 200
    assert api().get(f"{URL}/other")["Location"] == f"{URL}/tee"


@pytest.mark.covers("PEER-75")
def test_who_has_a_slug_goes_before_who_had_it(api: Api, editor: Any) -> None:
    make_product(sku="A", name="Tee")
    editor.patch(f"{URL}/tee", {"slug": "first"})
    second = make_product(sku="B", name="Second", slug="tee")

    assert api().get(f"{URL}/tee").json()["id"] == str(second.id)
    editor.patch(f"{URL}/tee", {"slug": "second"})

    assert api().get(f"{URL}/tee")["Location"] == f"{URL}/second"


@pytest.mark.covers("PEER-75")
def test_what_is_deleted_or_hidden_is_a_404_at_its_old_address_too(api: Api, editor: Any) -> None:
    for sku in ("hidden", "deleted"):
        make_product(sku=sku, name=sku)
        editor.patch(f"{URL}/{sku}", {"slug": f"{sku}-2"})
    editor.patch(f"{URL}/hidden-2", {"is_active": False})
    editor.delete(f"{URL}/deleted-2")

    for slug in ("hidden", "hidden-2", "deleted", "deleted-2", "never", "x" * 300):
        answer = api().get(f"{URL}/{slug}")
        assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")


@pytest.mark.covers("PEER-75", "CAT-10")
def test_categories_lead_on_as_well(api: Api, editor: Any) -> None:
    make_category("Shirts")

    editor.patch("/api/v1/categories/shirts", {"slug": "tops"})

    answer = api().get("/api/v1/categories/shirts")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/categories/tops")


@pytest.mark.covers("PEER-75", "PEER-74")
def test_collections_lead_on_as_well(api: Api, editor: Any) -> None:
    editor.post("/api/v1/collections", {"name": "Sale"})

    editor.patch("/api/v1/collections/sale", {"slug": "deals"})

    for rest in ("", "/products"):
        answer = api().get(f"/api/v1/collections/sale{rest}")
        assert answer["Location"] == f"/api/v1/collections/deals{rest}"
    editor.patch("/api/v1/collections/deals", {"is_active": False})
    assert api().get("/api/v1/collections/sale").status_code == 404


@pytest.mark.covers("CAT-08")
@pytest.mark.parametrize(
    "slug", ["018f0000-0000-7000-8000-000000000000", "a" * 32, "", "a b", "x" * 256]
)
def test_what_is_never_found_is_no_slug(editor: Any, slug: str) -> None:
    make_product(name="Tee")

    response = editor.patch(f"{URL}/tee", {"slug": slug})

    assert response.status_code in {400, 422}
    assert response.json()["errors"][0]["field"] == "slug"


@pytest.mark.covers("CAT-08")
def test_of_two_products_that_race_for_a_slug_one_gets_it(live_store: StoreRef) -> None:
    ids = [make_product(sku=f"S{n}", name=f"P{n}").id for n in range(4)]

    done = at_once(
        live_store,
        [partial(update_product, product_id=pk, changes={"slug": "wanted"}) for pk in ids]
        + [partial(make_product, sku="NEW", name="New", slug="wanted")],
    )

    assert sum(isinstance(row, SlugTaken) for row in done) == 4, done
    assert Product.objects.filter(slug="wanted").count() == 1
    # Who lost keeps its own slug, and no history of one that it never had.
    assert set(FormerSlug.objects.values_list("slug", flat=True)) <= {f"p{n}" for n in range(4)}
    assert FormerSlug.objects.count() <= 1


@pytest.mark.covers("PEER-75", "API-03")
@pytest.mark.parametrize("key", ["%F0%9F%98%80", "a%2Fb", "%27%20OR%201%3D1%20--", "x" * 400])
@pytest.mark.parametrize("kind", ["products", "categories", "collections", "product-types"])
def test_a_key_of_nonsense_finds_nothing(editor: Any, kind: str, key: str) -> None:
    assert editor.get(f"/api/v1/{kind}/{key}").status_code == 404


@pytest.mark.covers("CAT-08")
def test_a_name_that_reads_as_an_id_makes_a_slug_that_is_found(api: Api, editor: Any) -> None:
    name = "d41d8cd98f00b204e9800998ecf8427e"
    make_product(sku="A", name=name)
    editor.post("/api/v1/categories", {"name": name})

    for kind in ("products", "categories"):
        answer = api().get(f"/api/v1/{kind}/{name}-2")
        assert (answer.status_code, answer.json()["name"]) == (200, name)
