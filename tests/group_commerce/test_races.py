"""Campaign races on real connections."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.group_commerce.errors import AlreadyJoined, CampaignFull, CampaignNotActive
from apps.group_commerce.models import Campaign, Participant
from apps.group_commerce.services.advance_campaign import advance_campaign
from apps.inventory.facade import availability
from apps.orders.facade import get_order
from tests.catalog.factories import make_product
from tests.group_commerce.factories import join, make_campaign, soon, topics
from tests.support.people import make_user
from tests.support.work import at_once, drain_all


def outcome(result: Any) -> str:
    return type(result).__name__


@pytest.mark.slow
@pytest.mark.covers("R4", "GRP-04")
def test_a_hundred_race_for_twenty_places_and_success_is_told_once(live_store: StoreRef) -> None:
    campaign = make_campaign(minimum=15, maximum=20, stock=1000)
    users = [make_user() for _ in range(100)]
    results = at_once(live_store, [partial(join, campaign, user) for user in users], threads=20)
    counts = Counter(outcome(result) for result in results)
    assert counts == {"Joining": 20, CampaignFull.__name__: 80}
    assert Participant.objects.filter(campaign=campaign).count() == 20
    after = Campaign.objects.get(pk=campaign.pk)
    assert (after.actual_participants, after.status) == (20, "closed")
    assert Counter(topics(campaign)) == {"created": 1, "joined": 20, "successful": 1}


@pytest.mark.slow
@pytest.mark.covers("R4", "GRP-03")
def test_one_person_who_joins_thirty_times_at_once_has_one_place(live_store: StoreRef) -> None:
    product = make_product(sku="TEE", stock=100)
    campaign, user = make_campaign(product_id=product.id), make_user()
    results = at_once(live_store, [partial(join, campaign, user)] * 30, threads=15)
    counts = Counter(outcome(result) for result in results)
    assert counts == {"Joining": 1, AlreadyJoined.__name__: 29}
    assert Campaign.objects.get(pk=campaign.pk).actual_participants == 1
    assert availability(product.variant_ids) == {product.variant_ids[0]: 99}


@pytest.mark.slow
@pytest.mark.covers("R5", "GRP-08")
def test_expiry_and_joins_at_the_same_moment_end_in_one_of_both(live_store: StoreRef) -> None:
    product = make_product(sku="TEE", stock=10_000)
    sold = 0
    for _ in range(20):
        campaign = make_campaign(product_id=product.id, minimum=2, maximum=5)
        join(campaign, make_user())
        # It ends while they join: some come before, some after.
        Campaign.objects.filter(pk=campaign.pk).update(expires_at=soon(milliseconds=60))
        calls: list[Any] = [partial(join, campaign, make_user()) for _ in range(3)]
        calls += [partial(_expire_soon, campaign)] * 2
        results = at_once(live_store, calls)
        failures = [row for row in results if isinstance(row, Exception)]
        assert {type(row) for row in failures} <= {CampaignNotActive}
        while not advance_campaign(campaign_id=campaign.id) and _undecided(campaign):
            pass
        drain_all()
        sold += _check(campaign)
    assert availability(product.variant_ids) == {product.variant_ids[0]: 10_000 - sold}


def _expire_soon(campaign: Campaign) -> bool:
    from time import sleep

    sleep(0.06)
    return advance_campaign(campaign_id=campaign.id)


def _undecided(campaign: Campaign) -> bool:
    return Campaign.objects.get(pk=campaign.pk).status in {"active", "successful"}


def _check(campaign: Campaign) -> int:
    """Either everybody's order stands or nobody's; returns how many stand."""
    told = Counter(topics(campaign))
    after = Campaign.objects.get(pk=campaign.pk)
    places = Participant.objects.filter(campaign=campaign)
    orders = [get_order(place.order_id) for place in places]
    states = {order.status for order in orders if order is not None}
    assert places.count() == after.actual_participants == told["joined"]
    if after.status == "expired":
        assert (told["expired"], told["successful"], states) == (1, 0, {"cancelled"})
        return 0
    assert (after.status, told["expired"], told["successful"]) == ("closed", 0, 1)
    assert states == {"confirmed"}
    return after.actual_participants
