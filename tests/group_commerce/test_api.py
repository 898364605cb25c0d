"""Campaigns over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.common.stores import enter_store
from apps.group_commerce.models import Campaign, Participant
from tests.catalog.factories import make_product
from tests.group_commerce.factories import join, make_campaign, soon
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

BASE = "/api/v1/campaigns"


@pytest.fixture
def editor(api: Any) -> Any:
    return api(make_user("editor"))


def body(**changes: Any) -> dict[str, Any]:
    values = {
        "product_id": str(make_product(sku=f"SKU-{uuid4().hex[:6]}", price_cents=2000).id),
        "min_participants": 2,
        "max_participants": 10,
        "discount_percentage": 12.5,
        "expires_at": soon(days=3).isoformat(),
        **changes,
    }
    return {name: value for name, value in values.items() if value is not ...}


@pytest.mark.covers("GRP-01", "GRP-06", "GRP-07")
def test_a_campaign_is_created_active_with_its_price_and_the_time_left(editor: Any) -> None:
    answer = editor.post(BASE, body(name="Together"))
    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in made if not name.endswith(("_at", "id", "_name"))} == {
        "name": "Together",
        "status": "active",
        "min_participants": 2,
        "max_participants": 10,
        "actual_participants": 0,
        "discount_percentage": 12.5,
        "price_cents": None,
        "currency": "USD",
        "unit_price_cents": 1750,
        "regular_price_cents": 2000,
        "seconds_left": made["seconds_left"],
    }
    assert 3 * 86_400 - 10 < made["seconds_left"] <= 3 * 86_400
    assert answer.headers["Location"] == f"{BASE}/{made['id']}"


@pytest.mark.covers("GRP-01", "C-19")
def test_one_that_starts_later_is_scheduled_and_one_with_a_fixed_price_needs_no_discount(
    editor: Any,
) -> None:
    later = editor.post(BASE, body(starts_at=soon(days=1).isoformat())).json()
    fixed = editor.post(BASE, body(discount_percentage=..., price_cents=999)).json()
    assert (later["status"], fixed["status"]) == ("scheduled", "active")
    assert (fixed["unit_price_cents"], fixed["discount_percentage"]) == (999, None)


@pytest.mark.covers("GRP-01")
@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"product_id": "x"}, 400, "product_id"),
        ({"product_id": str(uuid4())}, 422, "product_id"),
        ({"product_id": ...}, 400, "product_id"),
        ({"min_participants": 0}, 400, "min_participants"),
        ({"min_participants": -1}, 400, "min_participants"),
        ({"min_participants": "2"}, 400, "min_participants"),
        ({"min_participants": 2.5}, 400, "min_participants"),
        ({"min_participants": True}, 400, "min_participants"),
        ({"max_participants": 2}, 422, "max_participants"),
        ({"max_participants": 1}, 400, "max_participants"),
        ({"max_participants": 10**12}, 400, "max_participants"),
        ({"discount_percentage": -0.01}, 400, "discount_percentage"),
        ({"discount_percentage": 100.01}, 400, "discount_percentage"),
        ({"discount_percentage": 10.125}, 400, "discount_percentage"),
        ({"discount_percentage": "many"}, 400, "discount_percentage"),
        ({"discount_percentage": True}, 400, "discount_percentage"),
        ({"discount_percentage": ...}, 422, "discount_percentage"),
        ({"price_cents": 500}, 422, "discount_percentage"),
        ({"price_cents": -1, "discount_percentage": ...}, 400, "price_cents"),
        ({"price_cents": 1.5, "discount_percentage": ...}, 400, "price_cents"),
        ({"currency": "usd"}, 400, "currency"),
        ({"currency": "EUR"}, 422, "currency"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, 422, "expires_at"),
        ({"expires_at": "tomorrow"}, 400, "expires_at"),
        ({"expires_at": ...}, 400, "expires_at"),
        ({"starts_at": "2999-01-01T00:00:00Z"}, 422, "expires_at"),
        ({"name": "x" * 151}, 400, "name"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    editor: Any, changes: dict[str, Any], status: int, field: str
) -> None:
    answer = editor.post(BASE, body(**changes))
    assert (answer.status_code, [row["field"] for row in answer.json()["errors"]]) == (
        status,
        [field],
    )
    assert not Campaign.objects.exists()


@pytest.mark.covers("GRP-02")
def test_anybody_lists_and_reads_campaigns_with_filters(api: Any) -> None:
    first, second = make_campaign(minimum=1), make_campaign()
    join(first, make_user())
    client = api()

    def listed(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{BASE}?{query}").json()["results"]]

    assert listed("") == [str(second.id), str(first.id)]
    assert listed("status=successful") == [str(first.id)]
    assert listed(f"product={second.product_id}") == [str(second.id)]
    assert client.get(f"{BASE}?status=nothing").status_code == 400
    assert client.get(f"{BASE}/{first.id}").json()["actual_participants"] == 1
    assert client.get(f"{BASE}/{uuid4()}").status_code == 404


@pytest.mark.covers("GRP-02")
def test_the_list_costs_the_same_for_any_number_of_campaigns(
    api: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        make_campaign()
    client = api()
    client.get(BASE)
    # Entering the store, the count and the page.
    with django_assert_max_num_queries(3):
        assert client.get(BASE).json()["count"] == 8


@pytest.mark.covers("GRP-03")
def test_joining_ignores_any_user_in_the_body_and_answers_place_order_and_campaign(
    api: Any,
) -> None:
    campaign, user, other = make_campaign(), make_user(), make_user()
    answer = api(user).post(
        f"{BASE}/{campaign.id}/join",
        {"userId": str(other.id), "user_id": str(other.id), "shipping_address": ADDRESS},
    )
    assert answer.status_code == 201
    joined = answer.json()
    assert joined["participant"]["user_id"] == str(user.id)
    assert joined["participant"]["unit_price_cents"] == 1500
    assert (joined["order"]["status"], joined["order"]["total_cents"]) == ("confirmed", 1500)
    assert joined["campaign"]["actual_participants"] == 1
    again = api(user).post(f"{BASE}/{campaign.id}/join", {"shipping_address": ADDRESS})
    assert (again.status_code, again.json()["code"]) == (409, "already_joined")


@pytest.mark.covers("GRP-03", "R8")
def test_the_same_key_joins_once(api: Any) -> None:
    campaign, client = make_campaign(), api(make_user())
    path, sent = f"{BASE}/{campaign.id}/join", {"shipping_address": ADDRESS}
    first = client.post(path, sent, HTTP_IDEMPOTENCY_KEY="k")
    again = client.post(path, sent, HTTP_IDEMPOTENCY_KEY="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Participant.objects.count() == 1


@pytest.mark.covers("GRP-10")
def test_short_stock_is_a_409_with_the_shortages(api: Any) -> None:
    campaign = make_campaign(stock=1)
    sent = {"quantity": 3, "shipping_address": ADDRESS}
    answer = api(make_user()).post(f"{BASE}/{campaign.id}/join", sent)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "out_of_stock")
    assert [(row["requested"], row["available"]) for row in problem["shortages"]] == [(3, 1)]
    assert not Participant.objects.exists()


@pytest.mark.covers("GRP-03")
def test_the_users_own_address_is_taken_by_id_or_by_default_and_none_is_named(api: Any) -> None:
    from apps.accounts.models import Address

    user, client = make_user(), None
    client = api(user)
    bare = client.post(f"{BASE}/{make_campaign().id}/join", {})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "shipping_address")
    fields = {"line1": "1 Main St", "city": "Springfield", "country": "US", "name": "Ada"}
    mine = Address.objects.create(user=user, **fields)
    theirs = Address.objects.create(user=make_user(), **fields)
    by_id = client.post(f"{BASE}/{make_campaign().id}/join", {"shipping_address_id": str(mine.id)})
    assert by_id.status_code == 201
    wrong = client.post(
        f"{BASE}/{make_campaign().id}/join", {"shipping_address_id": str(theirs.id)}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "shipping_address_id")
    Address.objects.filter(pk=mine.pk).update(is_default=True)
    assert client.post(f"{BASE}/{make_campaign().id}/join", {}).status_code == 201


def test_who_may_do_what(api: Any) -> None:
    campaign = make_campaign()
    path = f"{BASE}/{campaign.id}/join"
    assert api().post(path, {"shipping_address": ADDRESS}).status_code == 401
    assert api(make_user()).post(BASE, body()).status_code == 403
    assert api(make_user("vendor_owner")).post(BASE, body()).status_code == 403
    assert api().post(BASE, body()).status_code == 401


@pytest.mark.covers("GRP-03", "TEN-01")
def test_another_stores_campaign_is_a_404(api: Any, globex: Any) -> None:
    campaign = make_campaign()
    with enter_store(globex):
        user = make_user()
    client = api(user, store=globex)
    assert client.get(f"{BASE}/{campaign.id}").status_code == 404
    sent = {"shipping_address": ADDRESS}
    assert client.post(f"{BASE}/{campaign.id}/join", sent).status_code == 404
    assert client.get(BASE).json()["count"] == 0


@pytest.mark.parametrize("quantity", [0, -1, "1", 1.0, True, 10_001])
def test_a_quantity_that_is_no_count_is_a_400(api: Any, quantity: Any) -> None:
    campaign = make_campaign()
    sent = {"quantity": quantity, "shipping_address": ADDRESS}
    answer = api(make_user()).post(f"{BASE}/{campaign.id}/join", sent)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "quantity")
