"""Forget sessions that ended long enough ago."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Session

# Longer than any access token of an ended session, and than the memory that they have ended.
KEPT = timedelta(days=1)


def prune_sessions() -> int:
    """Delete the current store's sessions that expired or were revoked over a day ago; returns
    how many.
    """
    before = timezone.now() - KEPT
    ended = Session.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))
    return ended.delete()[0]
