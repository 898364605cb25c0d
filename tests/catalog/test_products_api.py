"""Making, changing and deleting products over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.facade import get_variants
from apps.catalog.models import Product, ProductDocument, Variant
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/products"
FLAT = {"sku": "TEE", "name": "Tee", "price_cents": 1999, "currency": "USD", "inventory": 5}


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


def seen_by_all(product: dict[str, Any]) -> dict[str, Any]:
    """What staff are answered, without what nobody else sees."""
    own = {"external_id", "review", "publish_at", "unpublish_at", "tax_category"}
    of_variant = {"external_id", "cost_cents"}
    variants = [
        {name: value for name, value in row.items() if name not in of_variant}
        for row in product["variants"]
    ]
    rest = {name: value for name, value in product.items() if name not in own}
    return {**rest, "variants": variants}


@pytest.mark.covers("CAT-01", "CAT-06")
def test_the_flat_form_makes_a_product_with_one_variant(api: Api, editor: Any) -> None:
    response = editor.post(URL, {**FLAT, "description": "Soft"})

    assert response.status_code == 201
    made = response.json()
    assert seen_by_all(made) == api().get(f"{URL}/{made['id']}").json()
    assert (made["sku"], made["price_cents"], made["inventory"]) == ("TEE", 1999, 5)
    assert (made["slug"], made["description"], made["kind"]) == ("tee", "Soft", "simple")
    assert Event.objects.get(topic="product.created").key == made["id"]


@pytest.mark.covers("CAT-01", "C-05")
@pytest.mark.parametrize(
    ("price", "currency", "cents"),
    [
        (19.99, "USD", 1999),
        ("19.99", "USD", 1999),
        (0, "USD", 0),
        (500, "JPY", 500),
        (5, "EUR", 500),
    ],
)
def test_a_price_may_be_a_decimal_of_the_main_unit(
    editor: Any, price: Any, currency: str, cents: int
) -> None:
    response = editor.post(URL, {"sku": "A", "name": "A", "price": price, "currency": currency})

    assert response.status_code == 201
    assert (response.json()["price_cents"], response.json()["currency"]) == (cents, currency)


@pytest.mark.covers("CAT-08", "CAT-15")
def test_the_form_with_variants_makes_them_all(editor: Any) -> None:
    make_category("Shirts")
    make_vendor("Other")
    response = editor.post(
        URL,
        {
            "name": "Tee",
            "slug": "my-tee",
            "brand": "B",
            "vendor": "other",
            "categories": ["shirts"],
            "tags": ["new", "new"],
            "images": ["https://example.com/1.png"],
            "is_featured": True,
            "variants": [
                {"sku": "S", "price": "10", "options": {"Size": "S"}, "inventory": 2},
                {
                    "sku": "M",
                    "prices": [
                        {"currency": "USD", "amount_cents": 900, "compare_at_cents": 1100},
                        {"currency": "JPY", "amount_cents": 1500},
                    ],
                    "options": {"Size": "M"},
                    "weight_grams": 120,
                    "barcode": "4006381333931",
                },
            ],
        },
    )

    assert response.status_code == 201, response.json()
    made = response.json()
    assert (made["slug"], made["brand"], made["tags"]) == ("my-tee", "B", ["new"])
    assert (made["price_cents"], made["compare_at_price_cents"]) == (900, 1100)
    assert made["vendor"]["slug"] == "other"
    assert [row["slug"] for row in made["categories"]] == ["shirts"]
    assert made["is_featured"] is True
    assert [row["sku"] for row in made["variants"]] == ["S", "M"]
    assert made["variants"][1]["barcode"] == "4006381333931"
    assert (made["kind"], made["option_names"], made["inventory"]) == ("variable", ["Size"], 2)


@pytest.mark.covers("CAT-20", "API-09", "C-05")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": "a\u200bb"}, "sku"),
        ({"price_cents": -1}, "price_cents"),
        ({"price_cents": "1999"}, "price_cents"),
        ({"price_cents": 19.5}, "price_cents"),
        ({"price_cents": True}, "price_cents"),
        ({"price_cents": 10**11}, "price_cents"),
        ({"price_cents": 10**30}, "price_cents"),
        ({"price": "1"}, "price"),
        ({"price_cents": ..., "price": 1e9}, "price"),
        ({"price_cents": ..., "price": 1e300}, "price"),
        ({"price_cents": ..., "price": "1.999"}, "price"),
        ({"price_cents": ..., "price": "-1"}, "price"),
        ({"price_cents": ..., "price": True}, "price"),
        ({"price_cents": ..., "price": "9" * 5000}, "price"),
        ({"price_cents": ...}, "price"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": 7}, "currency"),
        ({"inventory": -1}, "inventory"),
        ({"inventory": 2**31}, "inventory"),
        ({"inventory": 1.0}, "inventory"),
        ({"slug": "a b"}, "slug"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": "a"}, "tags"),
        ({"images": ["javascript:alert(1)"]}, "images.0"),
        ({"is_active": "yes"}, "is_active"),
        ({"vendor": "nobody"}, "vendor"),
        ({"description": "x" * 100_001}, "description"),
        ({"variants": [{"sku": "A", "price_cents": 1}]}, "sku"),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(
    editor: Any, change: dict[str, Any], field: str
) -> None:
    body = {name: value for name, value in {**FLAT, **change}.items() if value is not ...}

    response = editor.post(URL, body)

    assert response.status_code == 400, response.content
    assert field in fields(response)
    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("variants", "field"),
    [
        ([], "variants"),
        ([{"price_cents": 1}], "variants.0.sku"),
        ([{"sku": "A"}], "variants.0.price"),
        ([{"sku": "A", "price": "x"}], "variants.0.price"),
        ([{"sku": "A", "price_cents": 1, "options": {"Size": ["S"]}}], "variants.0.options.Size"),
        ([{"sku": "A", "price_cents": 1, "options": {"a\nb": "S"}}], "variants.0.options"),
        ([{"sku": "A", "price_cents": 1, "options": []}], "variants.0.options"),
        ([{"sku": "A", "prices": []}], "variants.0.prices"),
        (["A"], "variants.0"),
    ],
)
def test_bad_variants_are_named_by_their_place(
    editor: Any, variants: list[Any], field: str
) -> None:
    response = editor.post(URL, {"name": "Tee", "variants": variants})

    assert response.status_code == 400, response.content
    assert field in fields(response)


def test_a_body_with_nul_is_refused(editor: Any) -> None:
    assert editor.post(URL, {**FLAT, "description": "a\x00b"}).status_code == 400


def test_script_in_a_description_is_taken_out(editor: Any) -> None:
    hostile = (
        '<p onclick="x()">Hi<script>alert(1)</script><img src="javascript:x" onerror=x alt="a">'
        '<a href="https://example.com">l</a><iframe src="https://evil.example"></iframe></p>'
    )

    made = editor.post(URL, {**FLAT, "description": hostile}).json()

    assert made["description"] == (
        '<p>Hi<img alt="a"><a href="https://example.com" rel="noopener noreferrer nofollow">l</a>'
        "</p>"
    )


def test_a_control_character_in_a_description_is_refused(editor: Any) -> None:
    response = editor.post(URL, {**FLAT, "description": "a\x01b"})

    assert (response.status_code, fields(response)) == (422, {"description"})


@pytest.mark.covers("C-15")
def test_a_sku_that_is_taken_is_a_conflict(editor: Any) -> None:
    editor.post(URL, FLAT)

    response = editor.post(URL, {**FLAT, "name": "Other"})

    assert (response.status_code, response.json()["code"]) == (409, "sku_taken")
    assert Product.objects.count() == 1


def test_equal_names_get_slugs_of_their_own_and_a_chosen_one_must_be_free(editor: Any) -> None:
    slugs = [editor.post(URL, {**FLAT, "sku": f"S{n}"}).json()["slug"] for n in range(3)]
    assert slugs == ["tee", "tee-2", "tee-3"]

    response = editor.post(URL, {**FLAT, "sku": "S9", "slug": "tee"})

    assert (response.status_code, response.json()["code"]) == (409, "slug_taken")


def test_a_name_without_a_latin_letter_still_gets_a_slug(editor: Any) -> None:
    assert editor.post(URL, {**FLAT, "name": "日本語"}).json()["slug"] == "tee"


@pytest.mark.covers("PEER-52")
def test_a_repeated_key_makes_one_product(editor: Any) -> None:
    first = editor.post(URL, FLAT, HTTP_IDEMPOTENCY_KEY="k1")
    again = editor.post(URL, FLAT, HTTP_IDEMPOTENCY_KEY="k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert Product.objects.count() == 1


@pytest.mark.covers("CAT-18")
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("customer", 403), ("support", 403)])
def test_only_those_who_may_write_products_do(
    store: StoreRef, api: Api, role: str | None, status: int
) -> None:
    product = make_product()
    client = api(make_user(role) if role else None)

    assert client.post(URL, FLAT).status_code == status
    assert client.patch(f"{URL}/{product.id}", {"name": "x"}).status_code == status
    assert client.delete(f"{URL}/{product.id}").status_code == status
    assert client.post("/api/v1/categories", {"name": "x"}).status_code == status
    assert client.post("/api/v1/vendors", {"name": "x"}).status_code == status


@pytest.mark.covers("CAT-11", "T12")
def test_a_vendors_user_writes_only_their_own_vendors_products(store: StoreRef, api: Api) -> None:
    own = make_vendor("Own")
    theirs = make_product(sku="B", name="Theirs")
    seller = api(make_user("vendor_owner", vendor_id=own.id))

    made = seller.post(URL, {**FLAT, "vendor": "store"}).json()

    assert made["vendor"]["slug"] == "own"
    assert seller.patch(f"{URL}/{made['id']}", {"name": "New"}).status_code == 200
    for call in (seller.patch, seller.put):
        assert call(f"{URL}/{theirs.id}", {"name": "Mine"}).status_code == 404
    assert seller.delete(f"{URL}/{theirs.slug}").status_code == 404
    assert seller.post("/api/v1/categories", {"name": "x"}).status_code == 403
    assert seller.post("/api/v1/vendors", {"name": "x"}).status_code == 403
    assert api(make_user("vendor_staff")).post(URL, {**FLAT, "sku": "C"}).status_code == 403


@pytest.mark.covers("CAT-04", "CAT-07", "C-08")
def test_patch_changes_what_it_names_and_nothing_else(api: Api, editor: Any) -> None:
    made = editor.post(URL, {**FLAT, "brand": "B", "tags": ["a"]}).json()

    changed = editor.patch(f"{URL}/{made['id']}", {"name": "New", "price": "25.00"}).json()

    assert (changed["name"], changed["price_cents"], changed["sku"]) == ("New", 2500, "TEE")
    assert (changed["brand"], changed["tags"], changed["slug"]) == ("B", ["a"], "tee")
    assert changed["inventory"] == 5
    assert api().get(f"{URL}/tee").json() == seen_by_all(changed)
    event = Event.objects.get(topic="product.updated")
    assert event.payload["changed"] == ["name", "variants"]
    assert event.payload["variants"][0]["priceCents"] == 2500


def test_a_patch_that_changes_nothing_tells_nothing(editor: Any) -> None:
    made = editor.post(URL, FLAT).json()

    same = editor.patch(f"{URL}/{made['id']}", {"name": "Tee", "price_cents": 1999}).json()

    assert same == made
    assert not Event.objects.filter(topic="product.updated").exists()


@pytest.mark.covers("CAT-04", "C-08")
def test_put_replaces_the_product(editor: Any) -> None:
    make_category("Shirts")
    made = editor.post(
        URL, {**FLAT, "brand": "B", "tags": ["a"], "categories": ["shirts"], "weight_grams": 9}
    ).json()

    replaced = editor.put(
        f"{URL}/{made['id']}", {"name": "New", "sku": "NEW", "price_cents": 5, "currency": "EUR"}
    ).json()

    assert (replaced["name"], replaced["brand"], replaced["tags"]) == ("New", "", [])
    assert replaced["categories"] == []
    (variant,) = replaced["variants"]
    assert variant["id"] == made["variants"][0]["id"]
    assert (variant["sku"], variant["weight_grams"]) == ("NEW", None)
    assert [row["currency"] for row in variant["prices"]] == ["EUR"]
    assert replaced["inventory"] == 5


def test_put_without_a_price_is_refused(editor: Any) -> None:
    made = editor.post(URL, FLAT).json()

    response = editor.put(f"{URL}/{made['id']}", {"name": "New", "sku": "TEE"})

    assert (response.status_code, fields(response)) == (400, {"price"})


@pytest.mark.covers("CAT-15", "CAT-04")
def test_variants_are_added_changed_and_taken_away(editor: Any) -> None:
    rows = [{"sku": s, "price_cents": 100, "options": {"Size": s}} for s in ("S", "M")]
    made = editor.post(URL, {"name": "Tee", "variants": rows}).json()
    url = f"{URL}/{made['id']}"

    merged = editor.patch(
        url,
        {
            "variants": [
                {"sku": "M", "price_cents": 200},
                {"sku": "L", "price_cents": 300, "options": {"Size": "L"}, "inventory": 4},
            ]
        },
    ).json()
    assert [(row["sku"], row["prices"][0]["amount_cents"]) for row in merged["variants"]] == [
        ("S", 100),
        ("M", 200),
        ("L", 300),
    ]
    assert merged["variants"][2]["inventory"] == 4

    replaced = editor.put(url, {"name": "Tee", "variants": rows[:1]}).json()
    assert [row["sku"] for row in replaced["variants"]] == ["S"]
    (gone,) = get_variants(variant_ids=[Variant.objects.get(sku="L").id], currency="USD")
    assert not gone.is_sellable

    flat = editor.patch(url, {"price_cents": 1})
    assert flat.status_code == 200
    unknown = editor.patch(url, {"variants": [{"id": str(uuid4()), "price_cents": 1}]})
    assert (unknown.status_code, fields(unknown)) == (422, {"variants.0.id"})


def test_the_flat_form_cannot_mean_one_of_several_variants(editor: Any) -> None:
    rows = [{"sku": s, "price_cents": 100, "options": {"Size": s}} for s in ("S", "M")]
    made = editor.post(URL, {"name": "Tee", "variants": rows}).json()

    response = editor.patch(f"{URL}/{made['id']}", {"price_cents": 1})

    assert (response.status_code, fields(response)) == (400, {"variants"})


@pytest.mark.covers("CAT-05")
def test_a_deleted_product_is_gone_and_its_names_are_free(api: Api, editor: Any) -> None:
    made = editor.post(URL, FLAT).json()

    assert editor.delete(f"{URL}/{made['id']}").status_code == 204

    assert api().get(f"{URL}/{made['id']}").status_code == 404
    assert editor.delete(f"{URL}/{made['id']}").status_code == 404
    assert editor.get(f"{URL}/{made['id']}?include=all").status_code == 404
    assert not ProductDocument.objects.exists()
    assert Product.objects.get().deleted_at is not None
    event = Event.objects.get(topic="product.updated")
    assert (event.payload["changed"], event.payload["slug"]) == (["deleted"], "tee")
    assert editor.post(URL, FLAT).json()["slug"] == "tee"


def test_an_inactive_product_is_hidden_by_a_patch(api: Api, editor: Any) -> None:
    made = editor.post(URL, FLAT).json()
    assert api().get(f"{URL}/{made['id']}").status_code == 200

    assert editor.patch(f"{URL}/{made['id']}", {"is_active": False}).json()["is_active"] is False

    assert api().get(f"{URL}/{made['id']}").status_code == 404


def test_a_product_of_another_store_is_unknown_here(
    store: StoreRef, globex: StoreRef, api: Api
) -> None:
    product = make_product()
    from apps.common.stores import enter_store

    with enter_store(globex):
        stranger = make_user("owner")

    client = api(stranger, store=globex)
    assert client.get(f"{URL}/{product.id}").status_code == 404
    assert client.patch(f"{URL}/{product.id}", {"name": "x"}).status_code == 404


@pytest.mark.covers("CAT-10")
def test_categories_are_a_tree_and_never_a_circle(api: Api, editor: Any) -> None:
    url = "/api/v1/categories"
    root = editor.post(url, {"name": "Clothing", "sort_order": 1})
    assert root.status_code == 201
    child = editor.post(url, {"name": "Shirts", "parent": "clothing"}).json()
    assert child["parent_id"] == root.json()["id"]

    tree = api().get(url).json()
    assert tree["count"] == 2
    assert tree["results"][0]["children"][0]["slug"] == "shirts"

    circle = editor.patch(f"{url}/clothing", {"parent": "shirts"})
    assert (circle.status_code, circle.json()["code"]) == (409, "category_cycle")
    itself = editor.patch(f"{url}/clothing", {"parent": "clothing"})
    assert itself.json()["code"] == "category_cycle"
    twin = editor.post(url, {"name": "Shirts", "parent": "clothing"})
    assert (twin.status_code, twin.json()["code"]) == (409, "name_taken")
    assert editor.post(url, {"name": "x", "parent": "none"}).status_code == 422
    assert editor.patch(f"{url}/none", {"name": "x"}).status_code == 404
    assert editor.patch(f"{url}/shirts", {"parent": ""}).json()["parent_id"] is None


def test_a_renamed_category_is_renamed_in_the_products(api: Api, editor: Any) -> None:
    make_category("Shirts")
    editor.post(URL, {**FLAT, "categories": ["shirts"]})
    api().get(URL)

    editor.patch("/api/v1/categories/shirts", {"name": "Tops"})

    row = api().get(URL).json()["results"][0]
    tops = {"name": "Tops", "slug": "shirts"}
    assert row["categories"] == [{**tops, "path": [tops]}]


def test_an_unknown_category_of_a_product_is_named(editor: Any) -> None:
    response = editor.post(URL, {**FLAT, "categories": ["none"]})

    assert (response.status_code, fields(response)) == (422, {"categories"})


@pytest.mark.covers("CAT-11")
def test_vendors_are_listed_by_name_with_what_may_be_known(api: Api, editor: Any) -> None:
    body = {"name": "Potters", "email": "p@example.com"}
    assert editor.post("/api/v1/vendors", body).status_code == 403
    made = api(make_user("admin")).post("/api/v1/vendors", body)

    assert made.status_code == 201
    page = api().get("/api/v1/vendors").json()
    assert page["count"] == 2
    assert page["results"][1] == made.json()
    assert set(page["results"][0]) == {"id", "name", "slug"}
    assert api().get("/api/v1/vendors?limit=0").status_code == 400
