"""`publish` and the worker: what is promised of events."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction

from apps.common.context import StoreRef
from apps.events.contracts import UserRegistered
from apps.events.facade import NotInTransaction, publish
from apps.events.models import Event


@pytest.mark.covers("EVT-02")
def test_publishing_outside_a_transaction_is_refused(live_store: StoreRef) -> None:
    with pytest.raises(NotInTransaction):
        publish(UserRegistered(user_id=uuid4(), email="a@example.com"))


@pytest.mark.covers("EVT-02")
def test_an_event_of_a_rolled_back_transaction_was_never_published(live_store: StoreRef) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(UserRegistered(user_id=uuid4(), email="a@example.com"))
        raise ZeroDivisionError

    assert Event.objects.count() == 0


@pytest.mark.covers("EVT-02", "TEN-01")
def test_a_published_event_stands_in_its_own_store_alone(store: StoreRef, globex: StoreRef) -> None:
    publish(UserRegistered(user_id=uuid4(), email="a@example.com"))

    assert Event.objects.get().payload["email"] == "a@example.com"
