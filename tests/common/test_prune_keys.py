"""Stored answers are kept for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.common.stores import enter_store
from apps.common.tasks import prune_keys


@pytest.mark.covers("PEER-52", "I-34", "T6")
def test_keys_older_than_a_day_are_forgotten_in_every_store(
    acme: StoreRef, globex: StoreRef
) -> None:
    for store in (acme, globex):
        with enter_store(store):
            for key in ("old", "new"):
                IdempotencyKey.objects.create(
                    principal="p", operation="POST /x", key=key, fingerprint="f"
                )
            old = timezone.now() - timedelta(hours=25)
            IdempotencyKey.objects.filter(key="old").update(created_at=old)

    pruned = prune_keys()

    assert pruned == 2
    for store in (acme, globex):
        with enter_store(store):
            assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
