"""Mail somebody a link."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts.links import LIFETIME
from apps.accounts.models import Confirmation, User
from apps.events.contracts import UserMessageRequested
from apps.events.facade import publish


def open_confirmation(*, user: User, purpose: str, email: str) -> None:
    """A new link of this purpose to `email`; the user's older one of the purpose ends.

    Call it in a transaction, with the user locked or just created. Publishes UserMessageRequested,
    at which the link is mailed. Serves ACC-23, ACC-24.
    """
    Confirmation.objects.filter(user=user, purpose=purpose).delete()
    row = Confirmation.objects.create(
        user=user, purpose=purpose, email=email, expires_at=timezone.now() + LIFETIME[purpose]
    )
    publish(
        UserMessageRequested(
            reference_id=row.pk, kind=purpose, email=email, name=user.first_name, user_id=user.pk
        )
    )
