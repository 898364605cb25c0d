"""Joining: one place a person, an order at the group price, and success exactly once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.events.models import Event
from apps.group_commerce.errors import AlreadyJoined, CampaignFull, CampaignNotActive
from apps.group_commerce.models import Campaign, Participant
from apps.group_commerce.pricing import group_price
from apps.inventory.facade import availability
from apps.orders.facade import cancel_order, get_order
from tests.catalog.factories import make_product
from tests.group_commerce.factories import join, let_time_pass, make_campaign, soon, topics
from tests.support.people import make_user

pytestmark = pytest.mark.usefixtures("store")


def fresh(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


@pytest.mark.covers("GRP-03", "GRP-05", "GRP-10")
def test_joining_gives_a_place_and_a_confirmed_order_at_the_group_price() -> None:
    campaign, user = make_campaign(price_cents=1999), make_user()
    joining = join(campaign, user, quantity=3)
    order = get_order(joining.order.id)
    assert order is not None
    assert (order.status, order.customer_id, order.source) == (
        "confirmed",
        user.id,
        f"campaign:{campaign.id}",
    )
    # 25 % off 19.99 is 14.9925.
    assert (order.lines[0].unit_price_cents, order.total_cents) == (1499, 4497)
    place = Participant.objects.get(campaign=campaign)
    assert (place.user_id, place.order_id, place.quantity, place.unit_price_cents) == (
        user.id,
        order.id,
        3,
        1499,
    )
    assert fresh(campaign).actual_participants == 1
    event = Event.objects.get(topic="group-commerce.campaign.joined")
    assert event.payload == {
        "id": str(campaign.id),
        "productId": str(campaign.product_id),
        "minParticipants": 2,
        "maxParticipants": 4,
        "actualParticipants": 1,
        "status": "active",
        "productName": joining.order.lines[0].name,
        "userId": str(user.id),
        "orderId": str(order.id),
    }


@pytest.mark.covers("GRP-04", "GRP-05")
def test_the_place_that_reaches_the_minimum_makes_it_successful_once_and_full_closes_it() -> None:
    campaign = make_campaign(minimum=2, maximum=4)
    seen, users = [], [make_user() for _ in range(4)]
    for user in users:
        join(campaign, user)
        seen.append((fresh(campaign).status, fresh(campaign).succeeded_at is not None))
    assert seen == [
        ("active", False),
        ("successful", True),
        ("successful", True),
        ("closed", True),
    ]
    assert topics(campaign) == [
        "created",
        "joined",
        "joined",
        "successful",
        "joined",
        "joined",
    ]
    told = Event.objects.get(topic="group-commerce.campaign.successful").payload
    assert told["participantIds"] == [str(user.id) for user in users[:2]]
    with pytest.raises(CampaignFull):
        join(campaign, make_user())


@pytest.mark.covers("GRP-03")
def test_nobody_joins_twice() -> None:
    campaign, user = make_campaign(), make_user()
    join(campaign, user)
    with pytest.raises(AlreadyJoined):
        join(campaign, user)
    assert fresh(campaign).actual_participants == 1


@pytest.mark.covers("GRP-03")
def test_a_campaign_cannot_be_joined_before_its_start_or_after_its_end() -> None:
    later = make_campaign(starts_at=soon(hours=1))
    over = make_campaign()
    let_time_pass(over)
    for campaign in (later, over):
        with pytest.raises(CampaignNotActive):
            join(campaign, make_user())
    assert (later.status, fresh(over).actual_participants) == ("scheduled", 0)


@pytest.mark.covers("C-19")
def test_a_scheduled_campaign_whose_time_has_come_is_joined_without_waiting_for_the_clock() -> None:
    campaign = make_campaign(starts_at=soon(hours=1))
    Campaign.objects.filter(pk=campaign.pk).update(starts_at=soon(minutes=-1))
    join(campaign, make_user())
    assert fresh(campaign).status == "active"


@pytest.mark.covers("GRP-10")
def test_without_stock_nobody_joins_and_the_shortage_is_told() -> None:
    campaign, user = make_campaign(stock=1), make_user()
    joining = join(campaign, user, quantity=2)
    assert joining.participant is None
    assert [(row.requested, row.available) for row in joining.shortages] == [(2, 1)]
    assert not Participant.objects.exists()
    assert fresh(campaign).actual_participants == 0
    join(campaign, user, quantity=1)
    assert fresh(campaign).actual_participants == 1


@pytest.mark.covers("GRP-10")
def test_the_order_lives_a_day_longer_than_its_campaign() -> None:
    campaign = make_campaign()
    order = get_order(join(campaign, make_user()).order.id)
    assert order is not None
    assert order.expires_at is not None
    assert (order.expires_at - campaign.expires_at).total_seconds() == 86_400


def test_a_product_of_several_variants_needs_one_named() -> None:
    rows = [{"sku": f"V-{size}", "price_cents": 1000, "options": {"Size": size}} for size in "SM"]
    product = make_product(variants=rows, stock=5)
    campaign = make_campaign(product_id=product.id)
    with pytest.raises(ValidationFailed) as missing:
        join(campaign, make_user())
    assert [(row.field, row.code) for row in missing.value.errors] == [("sku", "required")]
    with pytest.raises(ValidationFailed) as unknown:
        join(campaign, make_user(), sku="V-XL")
    assert [(row.field, row.code) for row in unknown.value.errors] == [("sku", "unknown_sku")]
    joining = join(campaign, make_user(), sku="V-M")
    assert [line.sku for line in joining.order.lines] == ["V-M"]
    again = join(campaign, make_user(), variant_id=product.variant_ids[0])
    assert [line.variant_id for line in again.order.lines] == [product.variant_ids[0]]


def test_without_an_address_the_field_is_named() -> None:
    campaign = make_campaign()
    with pytest.raises(ValidationFailed) as refused:
        join(campaign, make_user(), shipping_address=None)
    assert [row.field for row in refused.value.errors] == ["shipping_address"]
    assert fresh(campaign).actual_participants == 0


@pytest.mark.covers("GRP-10")
def test_who_cancels_the_order_gives_up_the_place_and_may_join_again(drain: Any) -> None:
    campaign, user = make_campaign(), make_user()
    joining = join(campaign, user)
    cancel_order(order_id=joining.order.id, reason="customer")
    drain()
    assert fresh(campaign).actual_participants == 0
    assert Participant.objects.get().status == "released"
    join(campaign, user)
    assert fresh(campaign).actual_participants == 1


@pytest.mark.covers("GRP-01", "C-05")
@pytest.mark.parametrize(
    ("catalog", "percent", "expected"),
    [
        (1999, "25", 1499),
        (1999, "0", 1999),
        (1999, "100", 0),
        (999, "12.5", 874),
        (100, "33.33", 67),
        (1, "50", 1),
        (3, "50", 2),
        (10**11 - 1, "0.01", 99_990_000_000 - 1),
    ],
)
def test_the_discount_is_rounded_half_up_to_a_whole_subunit(
    catalog: int, percent: str, expected: int
) -> None:
    campaign = Campaign(discount_percentage=Decimal(percent), currency="USD")
    assert group_price(campaign, catalog) == expected


@pytest.mark.covers("C-05")
def test_yen_have_no_decimals_and_round_to_whole_yen() -> None:
    product = make_product(sku="JP", price_cents=1980, currency="JPY", stock=5)
    campaign = make_campaign(
        product_id=product.id, currency="JPY", discount_percentage=Decimal("33.3")
    )
    order = join(campaign, make_user()).order
    # 1980 × 0.667 = 1320.66
    assert (order.currency, order.total_cents) == ("JPY", 1321)


def test_a_fixed_price_needs_no_catalog_price() -> None:
    campaign = make_campaign(fixed_cents=777, currency="EUR")
    order = join(campaign, make_user(), quantity=2).order
    assert (order.currency, order.total_cents) == ("EUR", 1554)


@pytest.mark.covers("GRP-08")
def test_joining_holds_stock_that_others_cannot_buy(store: StoreRef) -> None:
    product = make_product(sku="TEE", stock=5)
    campaign = make_campaign(product_id=product.id)
    join(campaign, make_user(), quantity=4)
    assert availability(product.variant_ids) == {product.variant_ids[0]: 1}


@pytest.mark.covers("GRP-03")
def test_joining_costs_a_bounded_number_of_queries(django_assert_max_num_queries: Any) -> None:
    campaign, user = make_campaign(), make_user()
    join(campaign, make_user())
    with django_assert_max_num_queries(30):
        join(campaign, user)
