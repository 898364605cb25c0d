"""Forget stored answers that nobody will ask for again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.common.models import IdempotencyKey

KEPT = timedelta(hours=24)


def prune_keys() -> int:
    """Delete the current store's idempotency keys older than a day; returns how many (PEER-52)."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted


def forget_answers(principal: str) -> int:
    """Delete every stored answer to one caller, who may be told in them; returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(principal=principal).delete()
    return deleted
