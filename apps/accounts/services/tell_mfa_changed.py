"""Tell the owner of an account that its two-step sign-in has changed."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.facts import tell_updated
from apps.accounts.models import MfaKind, User
from apps.accounts.selectors import mfa_methods
from apps.common.context import current_store
from apps.events.contracts import UserMessageRequested
from apps.events.facade import publish

MESSAGE = "mfa_changed"


def tell_mfa_changed(user: User) -> None:
    """Publish UserUpdated (`mfa`), and UserMessageRequested for the mail to the owner.

    Call it in the transaction of the change. Operators are no store's users: nothing is told.
    """
    if current_store().is_public:
        return
    tell_updated(user, ["mfa"])
    publish(
        UserMessageRequested(
            reference_id=user.pk,
            kind=MESSAGE,
            email=user.email,
            name=user.first_name,
            user_id=user.pk,
        )
    )


def what_is_on(reference_id: UUID) -> dict[str, str] | None:
    """What the mail says: the kinds that are on, or nothing; None for a closed account."""
    user = User.objects.filter(pk=reference_id).first()
    if user is None or not user.is_active:
        return None
    kinds = [str(MfaKind(kind).label).lower() for kind in mfa_methods(user.pk)]
    return {"kinds": " and ".join(kinds)}
