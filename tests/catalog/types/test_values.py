"""Typed values of products: what is kept, what is refused, and by which name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.models import Price, Product, ProductDocument, Variant
from apps.catalog.services.create_product import NewProduct, create_product
from apps.catalog.services.save_product_type import update_product_type
from apps.catalog.services.show_products import show_products
from apps.catalog.services.update_product import update_product
from apps.catalog.types import VariantInput
from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from tests.catalog.factories import make_product
from tests.catalog.types.makers import make_attribute, make_shirt, shirt
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/products"


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


@pytest.mark.covers("PEER-76", "CAT-08")
def test_values_of_every_kind_are_kept_and_shown(api: Api, editor: Any) -> None:
    make_shirt()
    given = {"fabric": "wool", "weight": 0.5, "washable": False, "hue": "#AABBCC", "source": "me"}

    response = editor.post(URL, shirt(attributes=given))

    assert response.status_code == 201, response.content
    kept = {**given, "hue": "#aabbcc"}
    assert response.json()["attributes"] == kept
    assert response.json()["product_type"] == {"code": "shirt", "name": "Shirt"}
    seen = api().get(f"{URL}/tee").json()
    assert seen["attributes"] == {k: v for k, v in kept.items() if k != "source"}
    tokens = ProductDocument.objects.get().tokens
    assert [one for one in tokens if one.startswith("attr:")] == ["attr:fabric:wool"]


@pytest.mark.covers("PEER-76")
@pytest.mark.parametrize(
    ("code", "value", "reason"),
    [
        ("fabric", "silk", "not_a_choice"),
        ("fabric", ["wool"], "not_a_choice"),
        ("weight", "heavy", "invalid"),
        ("weight", True, "invalid"),
        ("weight", 1e308, "out_of_range"),
        ("weight", 10**400, "out_of_range"),
        ("weight", float("nan"), "out_of_range"),
        ("weight", float("-inf"), "out_of_range"),
        ("washable", "yes", "invalid"),
        ("washable", 1, "invalid"),
        ("hue", "red", "invalid"),
        ("hue", "#12345", "invalid"),
        ("care", 5, "invalid"),
        ("care", "x" * 1_001, "too_long"),
        ("care", "a\x00b", "control"),
        ("care", "\ud800", "control"),
        ("size", "S", "unknown"),
        ("nothing", "x", "unknown"),
        ("nothing", None, "unknown"),
        ("downloads", [], "read_only"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_attribute(
    store: StoreRef, code: str, value: Any, reason: str
) -> None:
    make_shirt()
    variants = [VariantInput(sku="T", options={"Size": "S"})]
    attributes = {"fabric": "wool", code: value}

    with pytest.raises(ValidationFailed) as refused:
        create_product(
            NewProduct(name="Tee", variants=variants, product_type="shirt", attributes=attributes)
        )

    (error,) = refused.value.errors
    assert (error.field, error.code) == (f"attributes.{code}", reason)
    assert not Product.objects.exists()


@pytest.mark.covers("PEER-76")
def test_over_http_a_wrong_value_is_a_422_and_no_json_a_400(editor: Any) -> None:
    make_shirt()

    wrong = editor.post(URL, shirt(attributes={"fabric": "wool", "weight": 1e308}))
    broken = editor.post(URL, '{"attributes": {"weight": NaN}}', content_type="application/json")
    list_ = editor.post(URL, shirt(attributes=["wool"]))
    large = editor.post(URL, shirt(attributes={"care": "x" * 5_000_000}))

    assert (wrong.status_code, fields(wrong)) == (422, {"attributes.weight"})
    assert (broken.status_code, list_.status_code, large.status_code) == (400, 400, 413)
    assert fields(list_) == {"attributes"}


@pytest.mark.covers("PEER-76")
def test_attributes_by_the_thousand_are_refused_before_they_are_looked_at(editor: Any) -> None:
    make_shirt()

    response = editor.post(URL, shirt(attributes={f"a{n}": n for n in range(20_000)}))

    assert (response.status_code, fields(response)) == (400, {"attributes"})


@pytest.mark.covers("PEER-76", "PEER-80")
def test_a_draft_may_lack_what_is_required_until_it_is_published(editor: Any) -> None:
    make_shirt()

    refused = editor.post(URL, shirt(attributes={}))
    draft = editor.post(URL, shirt(attributes={}, is_active=False))
    too_early = editor.patch(f"{URL}/tee", {"is_active": True})
    published = editor.patch(f"{URL}/tee", {"is_active": True, "attributes": {"fabric": "wool"}})
    emptied = editor.patch(f"{URL}/tee", {"attributes": {"fabric": None}})

    assert (refused.status_code, fields(refused)) == (422, {"attributes.fabric"})
    assert draft.status_code == 201
    assert (too_early.status_code, fields(too_early)) == (422, {"attributes.fabric"})
    assert published.status_code == 200
    assert (emptied.status_code, fields(emptied)) == (422, {"attributes.fabric"})


@pytest.mark.covers("PEER-76")
def test_a_change_names_single_values_and_a_replacement_all_of_them(editor: Any) -> None:
    make_shirt()
    editor.post(URL, shirt(attributes={"fabric": "wool", "weight": 5}))

    merged = editor.patch(f"{URL}/tee", {"attributes": {"care": "Cold", "weight": None}})
    replaced = editor.put(f"{URL}/tee", shirt(attributes={"fabric": "cotton"}))

    assert merged.json()["attributes"] == {"fabric": "wool", "care": "Cold"}
    assert replaced.json()["attributes"] == {"fabric": "cotton"}


@pytest.mark.covers("CAT-16", "PEER-76")
def test_what_an_import_brought_stays_through_every_change(editor: Any) -> None:
    make_shirt()
    editor.post(URL, shirt())
    brought = {"downloads": [{"name": "a"}], "children_skus": ["A"]}
    Product.objects.update(attributes={"fabric": "wool", **brought})

    for change in (
        {"attributes": {"fabric": "cotton", **brought}},
        {"product_type": ""},
        {"product_type": "shirt", "attributes": {"fabric": "wool"}},
    ):
        assert editor.patch(f"{URL}/tee", change).status_code == 200, change
    assert editor.put(f"{URL}/tee", shirt()).status_code == 200

    assert Product.objects.get().attributes == {"fabric": "wool", **brought}


@pytest.mark.covers("PEER-76")
def test_another_type_takes_away_what_it_does_not_know(editor: Any) -> None:
    make_shirt()
    editor.post(URL, shirt())

    response = editor.patch(f"{URL}/tee", {"product_type": ""})

    assert response.json()["attributes"] == {}
    assert response.json()["product_type"] is None


@pytest.mark.covers("PEER-76")
def test_a_type_that_asks_for_more_leaves_its_products_as_they_are(api: Api, editor: Any) -> None:
    make_shirt()
    editor.post(URL, shirt())

    update_product_type(
        code="shirt",
        changes={
            "name": "Top",
            "fields": [
                {"attribute": "fabric"},
                {"attribute": "care", "required": True},
                {"attribute": "weight", "axis": True},
            ],
        },
    )

    assert api().get(f"{URL}/tee").json()["product_type"] == {"code": "shirt", "name": "Top"}
    assert editor.patch(f"{URL}/tee", {"name": "Other"}).status_code == 200
    asked = editor.patch(f"{URL}/tee", {"attributes": {"fabric": "cotton"}})
    assert (asked.status_code, fields(asked)) == (422, {"attributes.care"})
    variant = editor.patch(f"{URL}/tee", {"variants": [{"sku": "T-S", "barcode": "1"}]})
    assert (variant.status_code, fields(variant)) == (422, {"variants.0.options"})


@pytest.mark.covers("PEER-76", "CAT-15")
@pytest.mark.parametrize(
    ("options", "reason"),
    [({}, "required"), ({"Colour": "Red"}, "required"), ({"Size": "XXL"}, "not_a_choice")],
)
def test_a_variant_without_its_axis_is_refused(
    editor: Any, options: dict[str, str], reason: str
) -> None:
    make_shirt()
    good = {"sku": "T-S", "price": "10", "options": {"Size": "S"}}

    made = editor.post(
        URL, shirt(variants=[good, {"sku": "T-M", "price": "10", "options": options}])
    )
    editor.post(URL, shirt())
    added = editor.patch(
        f"{URL}/tee", {"variants": [{"sku": "T-M", "price": "10", "options": options}]}
    )

    assert (made.status_code, fields(made)) == (422, {"variants.1.options"})
    assert (added.status_code, fields(added)) == (422, {"variants.0.options"})
    assert added.json()["errors"][0]["code"] == reason
    assert Variant.objects.count() == 1


@pytest.mark.covers("CAT-15")
def test_a_product_has_at_most_two_thousand_variants(editor: Any) -> None:
    rows = [{"sku": f"S{n}", "price": "1", "options": {"Size": str(n)}} for n in range(3_000)]

    response = editor.post(URL, {"name": "Many", "variants": rows})

    assert (response.status_code, fields(response)) == (422, {"variants"})
    with pytest.raises(ValidationFailed) as refused:
        make_product(variants=[{"sku": f"S{n}", "price_cents": 1} for n in range(2_001)])
    assert refused.value.errors[0].field == "variants"
    assert not Product.objects.exists()


@pytest.mark.covers("CAT-15")
def test_variants_are_not_added_beyond_the_limit(store: StoreRef) -> None:
    rows = [{"sku": f"S{n}", "price_cents": 1, "options": {"N": str(n)}} for n in range(2_000)]
    product = make_product(variants=rows)

    with pytest.raises(ValidationFailed) as refused:
        update_product(
            product_id=product.id,
            changes={},
            variants=[{"sku": "X", "price_cents": 1, "options": {"N": "x"}}],
        )

    assert refused.value.errors[0].code == "too_many"


@pytest.mark.covers("CAT-15")
def test_a_product_has_at_most_ten_options(editor: Any) -> None:
    options = {f"O{n}": "x" for n in range(11)}

    response = editor.post(
        URL, {"name": "A", "variants": [{"sku": "A", "price": "1", "options": options}]}
    )

    assert (response.status_code, fields(response)) == (422, {"variants"})


@pytest.mark.covers("PEER-59")
def test_custom_fields_of_products_and_variants_have_types_too(api: Api, editor: Any) -> None:
    make_attribute("depth", "number", entity="product_field")
    make_attribute("secret", "text", entity="product_field", is_public=False)
    make_attribute("bin", "text", entity="variant_field", is_public=False)
    make_attribute("lot", "text", entity="variant_field")
    body = {"sku": "A", "name": "A", "price": "1", "custom_fields": {"depth": 4, "secret": "s"}}

    made = editor.post(URL, body)
    changed = editor.patch(
        f"{URL}/a", {"variants": [{"sku": "A", "custom_fields": {"bin": "7", "lot": "L"}}]}
    )
    wrong = editor.patch(f"{URL}/a", {"custom_fields": {"depth": "deep"}})
    wrong_variant = editor.patch(
        f"{URL}/a", {"variants": [{"sku": "A", "custom_fields": {"bin": 7}}]}
    )

    assert made.json()["custom_fields"] == {"depth": 4, "secret": "s"}
    assert changed.json()["variants"][0]["custom_fields"] == {"bin": "7", "lot": "L"}
    assert fields(wrong) == {"custom_fields.depth"}
    assert fields(wrong_variant) == {"variants.0.custom_fields.bin"}
    seen = api().get(f"{URL}/a").json()
    assert seen["custom_fields"] == {"depth": 4}
    assert seen["variants"][0]["custom_fields"] == {"lot": "L"}


@pytest.mark.covers("PEER-80")
def test_the_publish_window_has_an_order_and_a_zone(editor: Any) -> None:
    flat = {"sku": "A", "name": "A", "price": "1"}
    soon = timezone.now() + timedelta(days=1)

    turned = editor.post(URL, {**flat, "publish_at": soon, "unpublish_at": soon})
    local = editor.post(URL, {**flat, "publish_at": "2026-11-27T09:00:00"})
    made = editor.post(URL, {**flat, "publish_at": "2030-01-01T01:00:00+01:00"})
    ended = editor.patch(f"{URL}/a", {"unpublish_at": "2029-01-01T00:00:00Z"})

    assert (turned.status_code, fields(turned)) == (422, {"unpublish_at"})
    assert (local.status_code, fields(local)) == (400, {"publish_at"})
    assert made.json()["publish_at"] == "2030-01-01T00:00:00.000000Z"
    assert (ended.status_code, fields(ended)) == (422, {"unpublish_at"})
    assert not ProductDocument.objects.exists()


@pytest.mark.covers("PEER-59")
def test_what_a_product_costs_is_never_public(api: Api, editor: Any) -> None:
    flat = {"sku": "A", "name": "A", "price": "1", "external_id": "ERP-1", "cost_cents": 77}

    made = editor.post(URL, flat).json()
    show_products([Product.objects.get().pk])

    assert (made["external_id"], made["review"]) == ("ERP-1", "approved")
    assert made["variants"][0]["cost_cents"] == 77
    for address in (f"{URL}/a", URL):
        text = api().get(address).content
        assert b"cost_cents" not in text
        assert b"ERP-1" not in text
        assert b"publish_at" not in text


@pytest.mark.covers("CAT-04", "CAT-15", "NFR-03")
def test_sending_many_variants_as_they_are_costs_as_many_queries_as_one(store: StoreRef) -> None:
    make_attribute("shelf", "text", entity="variant_field")
    product = make_product(
        variants=[
            {
                "sku": f"S{n}",
                "price_cents": 100 + n,
                "options": {"N": str(n)},
                "custom_fields": {"shelf": str(n)},
            }
            for n in range(20)
        ]
    )

    def cost(count: int) -> int:
        rows = [
            {"sku": f"S{n}", "price_cents": 100 + n, "custom_fields": {"shelf": str(n)}}
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            update_product(product_id=product.id, changes={}, variants=rows)
        return len(captured)

    assert cost(20) == cost(1)
    update_product(product_id=product.id, changes={}, variants=[{"sku": "S3", "price_cents": 7}])
    amounts = Price.objects.filter(variant__product=product.id).order_by("amount_cents")
    assert list(amounts.values_list("variant__sku", "amount_cents")[:2]) == [("S3", 7), ("S0", 100)]
