"""Promotions over HTTP: what each kind needs, who may, and what stays when it was used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.facade import get_variants
from apps.orders.models import Promotion
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.orders.rules.factories import make_market, make_promotion, use, wrong
from tests.support.people import make_user

Api = Callable[..., Any]
PROMOTIONS = "/api/v1/promotions"
PERCENT = {"code": "summer", "name": "Summer", "kind": "percent", "percent": "12.5"}

pytestmark = pytest.mark.usefixtures("store")


def variant_of(sku: str) -> Any:
    make_product(sku=sku)
    return get_variants(skus=[sku], currency="USD")[0].id


@pytest.mark.covers("PEER-01")
def test_an_editor_creates_reads_changes_and_deletes_a_promotion(api: Api) -> None:
    editor = api(make_user("editor"))
    product, vendor, category = make_product(), make_vendor(), make_category("Shoes")
    make_market("eu")
    body = {
        **PERCENT,
        "target": {
            "products": [str(product.id)],
            "vendors": [str(vendor.id)],
            "categories": [str(category.id)],
        },
        "minimums": {"EUR": 5000, "JPY": 800, "KWD": 15000},
        "markets": ["eu", "eu"],
        "customer_groups": ["wholesale"],
        "starts_at": "2026-11-27T00:00:00Z",
        "ends_at": "2026-12-01T00:00:00+01:00",
        "max_uses": 100,
        "max_uses_per_customer": 1,
        "budget_cents": 500_000,
        "budget_currency": "EUR",
        "combinable": False,
    }

    made = editor.post(PROMOTIONS, body, format="json")

    assert made.status_code == 201, made.content
    shown = made.json()
    assert made.headers["Location"] == f"{PROMOTIONS}/summer"
    assert {**shown, **{key: body[key] for key in ("starts_at", "ends_at")}} == {
        **shown,
        **body,
        "markets": ["eu"],
    }
    assert shown["ends_at"] == "2026-11-30T23:00:00Z"
    assert (shown["used"], shown["spent_cents"], shown["is_active"]) == (0, 0, True)
    read = editor.get(f"{PROMOTIONS}/summer")
    assert read.json() == shown
    changed = editor.patch(
        f"{PROMOTIONS}/summer",
        {"percent": "20.0000", "target": {}, "markets": []},
        format="json",
        HTTP_IF_MATCH=read.headers["ETag"],
    )
    assert changed.status_code == 200, changed.content
    assert (changed.json()["percent"], changed.json()["target"]) == ("20", {})
    stale = editor.patch(
        f"{PROMOTIONS}/summer", {"name": "X"}, format="json", HTTP_IF_MATCH=read.headers["ETag"]
    )
    assert stale.status_code == 412
    assert editor.delete(f"{PROMOTIONS}/summer").status_code == 204
    assert not Promotion.objects.exists()


@pytest.mark.covers("PEER-01")
def test_each_kind_is_made_of_what_it_needs(api: Api) -> None:
    editor = api(make_user("editor"))
    gift = str(variant_of("GIFT"))
    kinds: list[dict[str, Any]] = [
        {"kind": "percent", "percent": 100},
        {"kind": "fixed", "amounts": {"EUR": 500, "JPY": 80, "KWD": 1500}},
        {"kind": "fixed_each", "amounts": {"EUR": 50}},
        {"kind": "free_shipping", "requires_coupon": True},
        {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1},
        {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "percent": "50"},
        {"kind": "gift", "gift_variant_id": gift, "gift_quantity": 2},
    ]

    for place, given in enumerate(kinds):
        body = {"code": f"p-{place}", "name": "P", **given}
        made = editor.post(PROMOTIONS, body, format="json")
        assert made.status_code == 201, made.content

    listed = editor.get(f"{PROMOTIONS}?kind=buy_x_get_y&ordering=-code").json()
    assert [(row["code"], row["percent"]) for row in listed["results"]] == [
        ("p-5", "50"),
        ("p-4", None),
    ]
    assert editor.get(f"{PROMOTIONS}?requires_coupon=true").json()["count"] == 1


@pytest.mark.covers("PEER-01")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"percent": None}, {"percent": "required"}),
        ({"percent": "0"}, {"percent": "out_of_range"}),
        ({"percent": "100.0001"}, {"percent": "out_of_range"}),
        ({"percent": "1.00001"}, {"percent": "too_precise"}),
        ({"amounts": {"EUR": 1}}, {"amounts": "not_for_kind"}),
        ({"buy_quantity": 1}, {"buy_quantity": "not_for_kind"}),
        ({"kind": "fixed"}, {"percent": "not_for_kind", "amounts": "required"}),
        (
            {"kind": "fixed", "percent": None, "amounts": {"EUR": -1, "XXX": 5}},
            {"amounts.EUR": "out_of_range", "amounts.XXX": "unknown_currency"},
        ),
        (
            {"kind": "buy_x_get_y", "buy_quantity": 0, "get_quantity": 10_001},
            {"buy_quantity": "out_of_range", "get_quantity": "out_of_range"},
        ),
        ({"kind": "gift", "percent": None}, {"gift_variant_id": "required"}),
        (
            {"kind": "gift", "percent": None, "gift_variant_id": str(uuid4())},
            {"gift_variant_id": "unknown"},
        ),
        ({"minimums": {"JPY": 100_000_000_000}}, {"minimums.JPY": "out_of_range"}),
        (
            {"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"},
            {"ends_at": "before_start"},
        ),
        ({"target": {"products": [str(uuid4())]}}, {"target.products.0": "unknown"}),
        ({"target": {"variants": [str(uuid4())]}}, {"target.variants.0": "unknown"}),
        ({"markets": ["nowhere"]}, {"markets.0": "unknown_market"}),
        ({"customer_groups": ["a b"]}, {"customer_groups.0": "invalid"}),
        ({"max_uses": 0}, {"max_uses": "out_of_range"}),
        ({"budget_cents": 100}, {"budget_currency": "unknown_currency"}),
        ({"budget_currency": "EUR"}, {"budget_currency": "not_for_kind"}),
        ({"priority": -1}, {"priority": "out_of_range"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    api: Api, body: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = api(make_user("editor")).post(PROMOTIONS, {**PERCENT, **body}, format="json")

    assert (answer.status_code, wrong(answer)) == (422, errors)
    assert not Promotion.objects.exists()


@pytest.mark.covers("PEER-01")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"kind": "half_price"}, "kind"),
        ({"percent": "NaN"}, "percent"),
        ({"percent": True}, "percent"),
        ({"amounts": {"EUR": "5"}}, "amounts.EUR"),
        ({"amounts": [5]}, "amounts"),
        ({"is_active": "yes"}, "is_active"),
        ({"starts_at": "2026-12-01T00:00:00"}, "starts_at"),
        ({"target": {"products": ["x"]}}, "target.products.0"),
        ({"target": []}, "target"),
        ({"budget_currency": "euro"}, "budget_currency"),
        ({"name": "A\u0000B"}, "name"),
    ],
)
def test_what_has_the_wrong_form_is_refused_by_its_field(
    api: Api, body: dict[str, Any], field: str
) -> None:
    answer = api(make_user("editor")).post(PROMOTIONS, {**PERCENT, **body}, format="json")

    assert (answer.status_code, list(wrong(answer))) == (400, [field]), answer.content


@pytest.mark.covers("PEER-01")
def test_a_code_is_one_promotions_alone(api: Api) -> None:
    make_promotion("summer")

    answer = api(make_user("editor")).post(PROMOTIONS, PERCENT, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "promotion_exists")
    assert wrong(answer) == {"code": "promotion_exists"}


@pytest.mark.covers("PEER-01")
def test_one_that_was_used_is_switched_off_instead_of_deleted(api: Api) -> None:
    promotion = make_promotion("summer", requires_coupon=True)
    use(promotion)
    editor = api(make_user("editor"))

    answer = editor.delete(f"{PROMOTIONS}/summer")

    assert (answer.status_code, answer.json()["code"]) == (409, "promotion_used")
    assert editor.get(f"{PROMOTIONS}/summer").json()["is_active"] is False
    assert editor.delete(f"{PROMOTIONS}/autumn").json()["code"] == "promotion_not_found"


@pytest.mark.covers("PEER-01", "PEER-02")
def test_a_limit_set_later_counts_what_was_used_and_is_never_below_it(api: Api) -> None:
    promotion = make_promotion("summer", requires_coupon=True)
    use(promotion, amount_cents=200)
    use(promotion, amount_cents=300)
    use(promotion, amount_cents=1000, currency="JPY")
    editor = api(make_user("editor"))

    low = editor.patch(f"{PROMOTIONS}/summer", {"max_uses": 2}, format="json")
    poor = editor.patch(
        f"{PROMOTIONS}/summer", {"budget_cents": 499, "budget_currency": "USD"}, format="json"
    )
    fine = editor.patch(
        f"{PROMOTIONS}/summer",
        {"max_uses": 3, "budget_cents": 500, "budget_currency": "USD"},
        format="json",
    )

    assert (low.status_code, wrong(low)) == (422, {"max_uses": "below_used"})
    assert (poor.status_code, wrong(poor)) == (422, {"budget_cents": "below_spent"})
    assert fine.status_code == 200, fine.content
    assert (fine.json()["used"], fine.json()["spent_cents"]) == (3, 500)
    again = editor.patch(f"{PROMOTIONS}/summer", {"max_uses": 2}, format="json")
    assert wrong(again) == {"max_uses": "below_used"}
    # What did not count towards the budget gives nothing back to it.
    assert sorted(promotion.uses.values_list("amount_cents", "counted")) == [
        (200, True),
        (300, True),
        (1000, False),
    ]


@pytest.mark.covers("PEER-01", "ACC-10")
def test_who_may_see_and_who_may_change_promotions(api: Api) -> None:
    make_promotion("summer")
    look = {"owner", "admin", "editor", "support", "finance", "analyst"}
    change = {"owner", "admin", "editor"}

    for role in (*look, "vendor_owner", "customer"):
        vendor = make_vendor().id if role == "vendor_owner" else None
        client = api(make_user(role, vendor_id=vendor))
        assert (client.get(PROMOTIONS).status_code == 200) is (role in look), role
        patched = client.patch(f"{PROMOTIONS}/summer", {"priority": 7}, format="json")
        assert (patched.status_code == 200) is (role in change), role
    assert api().get(PROMOTIONS).status_code == 401


@pytest.mark.covers("PEER-01")
def test_a_list_costs_the_same_however_long(api: Api, django_assert_max_num_queries: Any) -> None:
    for place in range(12):
        make_promotion(f"p-{place}")
    editor = api(make_user("editor"))
    editor.get(PROMOTIONS)

    with django_assert_max_num_queries(4):
        answer = editor.get(f"{PROMOTIONS}?limit=10")

    assert (answer.json()["count"], len(answer.json()["results"])) == (12, 10)


@pytest.mark.covers("PEER-52")
def test_the_same_key_creates_one_promotion(api: Api) -> None:
    editor = api(make_user("editor"))
    first, second = (
        editor.post(PROMOTIONS, PERCENT, format="json", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Promotion.objects.count() == 1
