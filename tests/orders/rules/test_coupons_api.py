"""Coupons: generated and given, unique under races, listed, downloaded, switched off."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.common.context import StoreRef
from apps.orders import coupons as codes
from apps.orders.models import Coupon
from apps.orders.rule_errors import CouponExists
from apps.orders.services.generate_coupons import add_coupons, generate_coupons
from tests.orders.rules.factories import make_promotion, use, wrong
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
COUPONS = "/api/v1/promotions/summer/coupons"


@pytest.fixture
def editor(store: StoreRef, api: Api) -> Any:
    """An editor, and a promotion."""
    make_promotion("summer", requires_coupon=True)
    return api(make_user("editor"))


def post(client: Any, **body: Any) -> Any:
    return client.post(COUPONS, body, format="json")


def body_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.mark.covers("PEER-02")
def test_ten_thousand_coupons_come_in_a_few_statements(
    editor: Any, django_assert_max_num_queries: Any
) -> None:
    editor.get(COUPONS)

    with django_assert_max_num_queries(8):
        answer = post(editor, count=10_000, prefix="vip-", length=9, batch="Fair")

    made = answer.json()
    assert (answer.status_code, made["count"], made["batch"]) == (201, 10_000, "Fair")
    assert len(set(made["codes"])) == 10_000
    assert all(code[:4] == "VIP-" and len(code) == 13 for code in made["codes"])
    rows = Coupon.objects.filter(promotion__code="summer", batch="Fair")
    assert set(rows.values_list("max_uses", "used", "is_active")) == {(1, 0, True)}
    assert set(rows.values_list("code", flat=True)) == set(made["codes"])


@pytest.mark.covers("PEER-02")
def test_codes_of_ones_own_are_kept_in_capitals(editor: Any) -> None:
    answer = post(editor, codes=["Hello", " bye-1 "], max_uses=None, batch="Own")

    assert answer.status_code == 201
    assert answer.json() == {"batch": "Own", "count": 2, "codes": ["HELLO", "BYE-1"]}
    assert set(Coupon.objects.values_list("code", "max_uses")) == {("HELLO", None), ("BYE-1", None)}
    again = post(editor, codes=["new", "hello"])
    assert (again.status_code, again.json()["code"]) == (409, "coupon_exists")
    assert wrong(again) == {"codes.1": "coupon_exists"}
    assert Coupon.objects.count() == 2


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({}, 400, {"codes": "conflict"}),
        ({"codes": ["ABC"], "count": 1}, 400, {"codes": "conflict"}),
        ({"codes": ["ABC"], "prefix": "X"}, 400, {"prefix": "conflict"}),
        ({"codes": []}, 422, {"codes": "invalid"}),
        ({"codes": ["ABC", "a b"]}, 422, {"codes.1": "invalid_coupon_code"}),
        ({"codes": ["ABC", "abc"]}, 422, {"codes.1": "duplicate"}),
        ({"count": 0}, 422, {"count": "out_of_range"}),
        ({"count": 10_001}, 422, {"count": "out_of_range"}),
        ({"count": 1.5}, 400, {"count": "invalid"}),
        ({"count": 1, "length": 7}, 422, {"length": "out_of_range"}),
        ({"count": 1, "prefix": "Ä"}, 422, {"prefix": "invalid"}),
        ({"count": 1, "max_uses": 0}, 422, {"max_uses": "out_of_range"}),
    ],
)
def test_bad_input_is_refused_by_its_field(
    editor: Any, body: dict[str, Any], status: int, errors: dict[str, str]
) -> None:
    answer = post(editor, **body)

    assert (answer.status_code, wrong(answer)) == (status, errors)
    assert not Coupon.objects.exists()


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize("code", ["NONE-1", "a b", "ÿ", "x"])
def test_what_is_no_code_names_no_coupon(editor: Any, code: str) -> None:
    url = f"/api/v1/coupons/{code}"

    answers = [
        editor.get(url),
        editor.patch(url, {"is_active": False}, format="json"),
        editor.delete(url),
    ]

    told = [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert told == [(404, "coupon_not_found")] * 3


@pytest.mark.covers("PEER-02")
def test_coupons_are_listed_by_batch_use_and_state(
    editor: Any, django_assert_max_num_queries: Any
) -> None:
    post(editor, count=3, batch="A", length=8)
    post(editor, codes=["SOLD"], batch="B")
    sold = Coupon.objects.get(code="SOLD")
    use(sold.promotion, coupon=sold)
    editor.patch("/api/v1/coupons/sold", {"is_active": False}, format="json")

    for query, count in {
        "": 4,
        "batch=A": 3,
        "used=true": 1,
        "used=false": 3,
        "is_active=false": 1,
        "batch=C": 0,
    }.items():
        with django_assert_max_num_queries(5):
            answer = editor.get(f"{COUPONS}?{query}")
        assert answer.json()["count"] == count, query
    (row,) = editor.get(f"{COUPONS}?used=true").json()["results"]
    assert (row["code"], row["used"], row["promotion"]) == ("SOLD", 1, "summer")
    assert editor.get(f"{COUPONS}?used=perhaps").status_code == 400
    assert editor.get("/api/v1/promotions/none/coupons").status_code == 404


@pytest.mark.covers("PEER-02")
def test_a_coupon_is_changed_and_deleted_or_switched_off(editor: Any) -> None:
    post(editor, codes=["GONE", "SOLD"])
    sold = Coupon.objects.get(code="SOLD")
    use(sold.promotion, coupon=sold)
    use(sold.promotion, coupon=sold)

    low = editor.patch("/api/v1/coupons/sold", {"max_uses": 1}, format="json")
    fine = editor.patch("/api/v1/coupons/Sold", {"max_uses": 2}, format="json")
    kept = editor.delete("/api/v1/coupons/SOLD")

    assert (low.status_code, wrong(low)) == (422, {"max_uses": "below_used"})
    assert (fine.status_code, fine.json()["max_uses"], fine.json()["used"]) == (200, 2, 2)
    assert set(sold.uses.values_list("coupon_counted", flat=True)) == {True}
    assert (kept.status_code, kept.json()["code"]) == (409, "coupon_used")
    assert editor.get("/api/v1/coupons/SOLD").json()["is_active"] is False
    assert editor.delete("/api/v1/coupons/gone").status_code == 204
    assert editor.get("/api/v1/coupons/gone").json()["code"] == "coupon_not_found"
    assert editor.get("/api/v1/coupons/a%20b").status_code == 404


@pytest.mark.covers("PEER-02", "I6")
def test_a_batch_is_downloaded_and_no_cell_runs(editor: Any) -> None:
    post(editor, codes=["-CMD", "ABC"], batch="=HYPERLINK(1)")
    post(editor, codes=["OTHER"], batch="B")

    answer = editor.get(f"{COUPONS}.csv", {"batch": "=HYPERLINK(1)"})

    rows = list(csv.DictReader(io.StringIO(body_of(answer))))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["code"], row["batch"], row["used"]) for row in rows] == [
        ("'-CMD", "'=HYPERLINK(1)", "0"),
        ("ABC", "'=HYPERLINK(1)", "0"),
    ]
    assert len(body_of(editor.get(f"{COUPONS}.csv")).splitlines()) == 4


@pytest.mark.slow
@pytest.mark.covers("PEER-02", "R8")
def test_two_who_generate_at_once_never_get_the_same_code(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_promotion("summer")
    # So few codes that the two cannot but meet: 1024 of them for 200 coupons.
    monkeypatch.setattr(codes, "ALPHABET", "AB")
    make = partial(generate_coupons, promotion_code="summer", count=100, length=10)

    results = at_once(live_store, [make, make])

    assert [one for one in results if isinstance(one, Exception)] == []
    made = [code for batch in results for code in batch.codes]  # type: ignore[union-attr]
    assert len(made) == len(set(made)) == 200
    assert Coupon.objects.count() == 200


@pytest.mark.slow
@pytest.mark.covers("PEER-02", "R8")
def test_of_two_who_add_the_same_codes_one_gets_all(live_store: StoreRef) -> None:
    make_promotion("summer")
    own = [f"CODE-{place}" for place in range(300)]
    calls = [
        partial(add_coupons, promotion_code="summer", codes=order) for order in (own, own[::-1])
    ]

    results = at_once(live_store, calls)

    assert sum(isinstance(one, CouponExists) for one in results) == 1
    assert set(Coupon.objects.values_list("code", flat=True)) == set(own)


@pytest.mark.covers("PEER-02")
def test_the_command_prints_the_codes(store: StoreRef) -> None:
    make_promotion("summer")
    out, err = io.StringIO(), io.StringIO()

    call_command(
        "generate_coupons", "summer", store="acme", count=3, batch="X", stdout=out, stderr=err
    )

    assert set(out.getvalue().split()) == set(Coupon.objects.values_list("code", flat=True))
    assert "Batch X of acme: 3 coupon(s)." in err.getvalue()
    with pytest.raises(CommandError, match="count: Send 1 to 10000"):
        call_command("generate_coupons", "summer", store="acme", count=0)
