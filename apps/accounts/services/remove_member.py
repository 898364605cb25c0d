"""Take somebody out of the team."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.change_member import lock_member
from apps.accounts.services.change_user import change_user
from apps.accounts.types import Principal


def remove_member(*, by: User | Principal, user_id: UUID) -> User:
    """Make a member a customer: every session ends at once, and the account with all that it did
    stays. Invitations that the member has sent can no longer be accepted.

    Locks the user. Publishes UserUpdated. Raises UserNotFound, PermissionDenied, LastOwner. Serves
    PEER-32, ACC-15, T16.
    """
    with transaction.atomic():
        lock_member(by, user_id)
        return change_user(user_id=user_id, values={"role": Role.CUSTOMER, "vendor_id": None})
