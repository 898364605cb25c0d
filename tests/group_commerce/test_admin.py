"""Campaigns in Django admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.group_commerce.models import Campaign
from tests.group_commerce.factories import join, make_campaign
from tests.support.people import make_user

CAMPAIGNS = "/admin/group_commerce/campaign/"


@pytest.fixture
def browser(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


@pytest.mark.covers("GRP-02", "GRP-06")
def test_the_list_shows_progress_and_a_campaign_shows_who_takes_part(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    campaign = make_campaign(name="Together", minimum=3)
    people = [make_user() for _ in range(3)]
    joinings = [join(campaign, person) for person in people]
    for _ in range(5):
        make_campaign()
    page = browser.get(CAMPAIGNS).content.decode()
    assert "Together" in page
    assert "3 of 3 (at most 4)" in page
    with django_assert_max_num_queries(15):
        detail = browser.get(f"{CAMPAIGNS}{campaign.pk}/change/").content.decode()
    assert all(person.email in detail for person in people)
    assert all(joining.order.number in detail for joining in joinings)


@pytest.mark.covers("C-19")
def test_the_cancel_action_goes_through_the_service_and_tells_what_it_cannot(
    browser: Client,
) -> None:
    open_one, done = make_campaign(name="Open"), make_campaign(name="Done", minimum=1)
    join(done, make_user())
    answer = browser.post(
        CAMPAIGNS,
        {"action": "cancel", "_selected_action": [str(open_one.pk), str(done.pk)]},
        follow=True,
    )
    page = answer.content.decode()
    assert "Open is cancelled." in page
    assert "Done: A campaign that is successful goes on." in page
    states = dict(Campaign.objects.values_list("name", "status"))
    assert states == {"Open": "cancelled", "Done": "successful"}


def test_campaigns_are_neither_added_nor_deleted_by_hand(browser: Client) -> None:
    campaign = make_campaign()
    assert browser.get(f"{CAMPAIGNS}add/").status_code == 403
    assert browser.get(f"{CAMPAIGNS}{campaign.pk}/delete/").status_code == 403
