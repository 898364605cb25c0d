"""What time does: campaigns begin, close or expire, and an expired one gives everything back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from apps.events.models import Event
from apps.group_commerce.errors import CampaignStepNotPossible
from apps.group_commerce.models import Campaign, CampaignStatus, Participant
from apps.group_commerce.services.advance_campaign import advance_campaigns
from apps.group_commerce.services.cancel_campaign import cancel_campaign
from apps.group_commerce.services.release_participants import release_participants
from apps.group_commerce.states import can_move
from apps.group_commerce.tasks import expire
from apps.inventory.facade import availability
from apps.orders.facade import cancel_order, get_order
from tests.catalog.factories import make_product
from tests.group_commerce.factories import join, let_time_pass, make_campaign, soon, topics
from tests.support.people import make_user

pytestmark = pytest.mark.usefixtures("store")


def status(campaign: Campaign) -> str:
    return Campaign.objects.get(pk=campaign.pk).status


@pytest.mark.covers("GRP-08", "R5")
def test_below_its_minimum_it_expires_and_orders_and_stock_come_back(drain: Any) -> None:
    product = make_product(sku="TEE", stock=5)
    campaign = make_campaign(product_id=product.id, minimum=3)
    users = [make_user() for _ in range(2)]
    orders = [join(campaign, user).order.id for user in users]
    let_time_pass(campaign)
    assert advance_campaigns() == 1
    assert (status(campaign), topics(campaign)[-1]) == ("expired", "expired")
    told = Event.objects.get(topic="group-commerce.campaign.expired").payload
    assert told["participantIds"] == [str(user.id) for user in users]
    drain()
    found = [get_order(order_id) for order_id in orders]
    assert [(row.status, row.cancel_reason) for row in found if row] == [
        ("cancelled", "campaign_expired")
    ] * 2
    assert set(Participant.objects.values_list("status", flat=True)) == {"released"}
    assert availability(product.variant_ids) == {product.variant_ids[0]: 5}
    # The figures of an ended campaign stay as they were.
    assert Campaign.objects.get(pk=campaign.pk).actual_participants == 2
    assert advance_campaigns() == 0


@pytest.mark.covers("GRP-08")
def test_a_successful_campaign_closes_at_its_end_and_orders_stay(drain: Any) -> None:
    campaign = make_campaign(minimum=1)
    order_id = join(campaign, make_user()).order.id
    let_time_pass(campaign)
    assert advance_campaigns() == 1
    drain()
    order = get_order(order_id)
    assert order is not None
    assert (status(campaign), order.status) == ("closed", "confirmed")
    assert "expired" not in topics(campaign)


@pytest.mark.covers("C-19")
def test_a_scheduled_campaign_begins_when_its_time_has_come() -> None:
    campaign = make_campaign(starts_at=soon(hours=1))
    assert advance_campaigns() == 0
    Campaign.objects.filter(pk=campaign.pk).update(starts_at=soon(minutes=-1))
    assert advance_campaigns() == 1
    assert status(campaign) == "active"


@pytest.mark.covers("GRP-08")
def test_the_beat_task_and_the_command_do_the_same(store: Any, capsys: Any) -> None:
    first, second = make_campaign(), make_campaign()
    let_time_pass(first)
    call_command("expire_campaigns", store=store.slug)
    assert capsys.readouterr().out == "1 campaigns moved in acme.\n"
    let_time_pass(second)
    assert expire() == 1
    assert [status(first), status(second)] == ["expired", "expired"]


@pytest.mark.covers("GRP-08")
def test_releasing_twice_cancels_nothing_twice_and_passes_over_cancelled_orders() -> None:
    campaign = make_campaign()
    gone = join(campaign, make_user()).order.id
    join(campaign, make_user())
    cancel_order(order_id=gone, reason="customer")
    assert release_participants(campaign_id=campaign.id, reason="campaign_expired") == 2
    assert release_participants(campaign_id=campaign.id, reason="campaign_expired") == 0
    assert Event.objects.filter(topic="order.cancelled").count() == 2


@pytest.mark.covers("C-19")
def test_a_campaign_is_called_off_with_its_orders_unless_it_has_succeeded(drain: Any) -> None:
    campaign = make_campaign()
    order_id = join(campaign, make_user()).order.id
    cancel_campaign(campaign_id=campaign.id)
    drain()
    order = get_order(order_id)
    assert order is not None
    assert (status(campaign), order.cancel_reason) == ("cancelled", "campaign_cancelled")
    done = make_campaign(minimum=1)
    join(done, make_user())
    with pytest.raises(CampaignStepNotPossible):
        cancel_campaign(campaign_id=done.id)


@pytest.mark.covers("C-19")
def test_what_has_ended_never_moves_again() -> None:
    over = [CampaignStatus.CLOSED, CampaignStatus.EXPIRED, CampaignStatus.CANCELLED]
    assert not any(can_move(old, new) for old in over for new in CampaignStatus.values)
    assert not can_move(CampaignStatus.SUCCESSFUL, CampaignStatus.EXPIRED)
