"""Categories: the tree with counts, the way to one, and what of them cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.category_reads import category_body, category_tree
from apps.catalog.errors import CategoryCycle
from apps.catalog.indexing import FORMAT
from apps.catalog.models import Category, ProductDocument
from apps.catalog.services.create_category import create_category
from apps.catalog.services.delete_category import delete_category
from apps.catalog.services.update_category import update_category
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_category, make_product
from tests.catalog.types.makers import at_most, make_attribute
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
URL = "/api/v1/categories"


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


@pytest.fixture
def wool(store: StoreRef) -> Category:
    """Clothes > Shirts > Wool, with a product in each of the lower two."""
    clothes = make_category("Clothes")
    shirts = make_category("Shirts", clothes)
    wool = make_category("Wool", shirts)
    make_product(sku="A", categories=["shirts"], name="A")
    make_product(sku="B", categories=["wool", "clothes"], name="B")
    make_product(sku="H", categories=["wool"], is_active=False)
    return wool


@pytest.mark.covers("CAT-10")
def test_the_tree_counts_what_is_listed_in_a_category_and_below_it(
    api: Api, wool: Category
) -> None:
    make_category("Empty")
    with at_most(2):
        tree = api().get(URL).json()

    clothes, empty = tree["results"]
    (shirts,) = clothes["children"]
    assert tree["count"] == 4
    assert [row["product_count"] for row in (clothes, shirts, shirts["children"][0], empty)] == [
        2,
        2,
        1,
        0,
    ]


@pytest.mark.covers("CAT-10")
def test_a_category_tells_the_way_to_it_and_what_is_below(api: Api, wool: Category) -> None:
    with at_most(3):
        shirts = api().get(f"{URL}/shirts").json()

    assert shirts["path"] == [
        {"name": "Clothes", "slug": "clothes"},
        {"name": "Shirts", "slug": "shirts"},
    ]
    assert [row["slug"] for row in shirts["children"]] == ["wool"]
    assert (shirts["product_count"], shirts["children"][0]["product_count"]) == (2, 1)
    assert api().get(f"{URL}/{wool.pk}").json()["slug"] == "wool"
    assert api().get(f"{URL}/nothing").status_code == 404


@pytest.mark.covers("CAT-10")
def test_a_product_tells_the_way_to_each_of_its_categories(
    api: Api, editor: Any, wool: Category
) -> None:
    editor.patch(f"{URL}/shirts", {"name": "Tops", "slug": "tops"})

    categories = api().get("/api/v1/products/b").json()["categories"]

    assert categories == [
        {
            "name": "Clothes",
            "slug": "clothes",
            "path": [{"name": "Clothes", "slug": "clothes"}],
        },
        {
            "name": "Wool",
            "slug": "wool",
            "path": [
                {"name": "Clothes", "slug": "clothes"},
                {"name": "Tops", "slug": "tops"},
                {"name": "Wool", "slug": "wool"},
            ],
        },
    ]


@pytest.mark.covers("CAT-10")
def test_moving_a_category_moves_its_counts_and_paths(
    api: Api, editor: Any, wool: Category
) -> None:
    make_category("Sale")

    moved = editor.patch(f"{URL}/wool", {"parent": "sale"})

    assert moved.status_code == 200
    counts = {row["slug"]: row["product_count"] for row in api().get(URL).json()["results"]}
    assert counts == {"clothes": 2, "sale": 1}
    assert api().get(f"{URL}/shirts").json()["product_count"] == 1
    assert [one["slug"] for one in api().get(f"{URL}/wool").json()["path"]] == ["sale", "wool"]


@pytest.mark.covers("CAT-10")
def test_a_category_is_never_its_own_ancestor(editor: Any, wool: Category) -> None:
    for parent in ("wool", "clothes"):
        response = editor.patch(f"{URL}/clothes", {"parent": parent})
        assert (response.status_code, response.json()["code"]) == (409, "category_cycle")

    assert Category.objects.get(slug="clothes").parent is None


@pytest.mark.covers("CAT-10")
def test_a_circle_of_three_at_once_is_not_closed(live_store: StoreRef) -> None:
    for name in "abc":
        make_category(name)

    moved = at_once(
        live_store,
        [
            partial(update_category, slug=one, changes={"parent": above})
            for one, above in (("a", "b"), ("b", "c"), ("c", "a"))
        ],
    )

    assert sum(isinstance(row, CategoryCycle) for row in moved) == 1, moved
    for row in Category.objects.all():
        assert row.path[-1] == row.pk
        assert len(set(row.path)) == len(row.path) <= 3


@pytest.mark.covers("CAT-10")
def test_only_an_empty_category_is_deleted(api: Api, editor: Any, wool: Category) -> None:
    with_children = editor.delete(f"{URL}/shirts")
    with_products = editor.delete(f"{URL}/wool")
    editor.patch("/api/v1/products/b", {"categories": []})
    hidden = editor.delete(f"{URL}/wool")

    for answer in (with_children, with_products, hidden):
        assert (answer.status_code, answer.json()["code"]) == (409, "category_in_use")
    make_category("Empty")
    assert editor.delete(f"{URL}/empty").status_code == 204
    assert editor.delete(f"{URL}/empty").status_code == 404
    assert api().get(f"{URL}/empty").status_code == 404


@pytest.mark.covers("CAT-10")
def test_nothing_is_put_into_a_category_while_it_is_deleted(live_store: StoreRef) -> None:
    for n in range(4):
        make_category(f"c{n}")

    done = at_once(
        live_store,
        [partial(delete_category, slug=f"c{n}") for n in range(4)]
        + [partial(make_product, sku=f"S{n}", categories=[f"c{n}"]) for n in range(4)]
        + [partial(create_category, name="below", parent=f"c{n}") for n in range(4)],
    )

    codes = {getattr(row, "code", "") for row in done if isinstance(row, Exception)}
    assert codes <= {"category_in_use", "validation_failed"}, done


@pytest.mark.covers("CAT-10", "EVT-01")
def test_every_change_of_a_category_is_told(editor: Any, drain: Callable[[], int]) -> None:
    editor.post(URL, {"name": "Shirts"})
    editor.patch(f"{URL}/shirts", {"name": "Tops", "sort_order": 3})
    editor.delete(f"{URL}/shirts")

    told = Event.objects.filter(topic="category.updated").order_by("occurred_at", "id")
    assert [row.payload["changed"] for row in told] == [
        ["created"],
        ["name", "sort_order"],
        ["deleted"],
    ]
    assert drain() >= 3


@pytest.mark.covers("PEER-59")
def test_a_category_has_typed_fields_of_the_stores_own(api: Api, editor: Any) -> None:
    make_attribute("season", "choice", entity="category_field", choices=["summer"])
    make_attribute("note", "text", entity="category_field", is_public=False)

    made = editor.post(URL, {"name": "Shirts", "custom_fields": {"season": "summer", "note": "n"}})
    wrong = editor.patch(f"{URL}/shirts", {"custom_fields": {"season": "winter"}})

    assert made.json()["custom_fields"] == {"season": "summer", "note": "n"}
    assert wrong.json()["errors"][0]["field"] == "custom_fields.season"
    assert api().get(f"{URL}/shirts").json()["custom_fields"] == {"season": "summer"}
    assert api().get(URL).json()["results"][0]["custom_fields"] == {"season": "summer"}


@pytest.mark.covers("CAT-10")
def test_an_image_that_is_not_there_is_refused(editor: Any) -> None:
    response = editor.post(URL, {"name": "S", "image": "018f0000-0000-7000-8000-000000000000"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "image"


@pytest.mark.covers("CAT-10", "EVT-11")
def test_documents_are_written_anew_only_for_what_they_say_of_a_category(
    editor: Any, wool: Category
) -> None:
    ProductDocument.objects.update(format=0)

    editor.patch(f"{URL}/clothes", {"name": "Clothes", "description": "All", "sort_order": 3})
    assert set(ProductDocument.objects.values_list("format", flat=True)) == {0}
    editor.patch(f"{URL}/clothes", {"name": "Garments"})

    assert set(ProductDocument.objects.values_list("format", flat=True)) == {FORMAT}


@pytest.mark.covers("CAT-10", "EVT-01")
def test_a_category_that_stays_as_it_is_tells_nothing(editor: Any) -> None:
    editor.post(URL, {"name": "Shirts"})
    told = Event.objects.filter(topic="category.updated")

    answer = editor.patch(f"{URL}/shirts", {"name": "Shirts", "parent": "", "sort_order": 0})

    assert (answer.status_code, told.count()) == (200, 1)
    editor.patch(f"{URL}/shirts", {"name": "Shirts", "sort_order": 2})
    assert sorted(row.payload["changed"] for row in told) == [["created"], ["sort_order"]]


@pytest.mark.covers("CAT-10")
def test_a_category_is_changed_and_deleted_by_its_id_too(editor: Any) -> None:
    made = make_category("Shirts")

    changed = editor.patch(f"{URL}/{made.pk}", {"name": "Tops"})

    assert (changed.status_code, changed.json()["slug"]) == (200, "shirts")
    assert editor.delete(f"{URL}/{made.pk}").status_code == 204
    assert editor.delete(f"{URL}/{made.pk}").status_code == 404


@pytest.mark.covers("CAT-10", "PEER-58")
def test_what_has_left_its_window_is_not_counted(api: Api, wool: Category) -> None:
    past = timezone.now() - timedelta(minutes=1)
    ProductDocument.objects.filter(name="B").update(hidden_from=past)

    tree = api().get(URL).json()["results"]

    assert [tree[0]["product_count"], tree[0]["children"][0]["product_count"]] == [1, 1]
    assert api().get(f"{URL}/wool").json()["product_count"] == 0


@pytest.mark.covers("CAT-10", "PEER-58")
def test_a_count_is_kept_until_the_next_product_disappears(wool: Category) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    ProductDocument.objects.filter(name="B").update(hidden_from=soon)

    assert (category_tree().until, category_body("wool").until) == (soon, soon)
