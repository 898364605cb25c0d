"""Make a customer the owner of a vendor that was admitted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.errors import AlreadyInTeam
from apps.accounts.locks import lock_user
from apps.accounts.models import AccountStatus
from apps.accounts.roles import Role
from apps.accounts.services.change_user import change_user


def make_vendor_owner(*, user_id: UUID, vendor_id: UUID) -> None:
    """Give a customer the role `vendor_owner` of the vendor; their sessions end, as with any other
    change of rights, and the next ones carry the new ones.

    The caller has decided that they may have it. Locks the user. Publishes UserUpdated. Raises
    UserNotFound, AlreadyInTeam for anybody who is no active customer. Serves PEER-31, T16.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        if user.role != Role.CUSTOMER or user.status != AccountStatus.ACTIVE:
            raise AlreadyInTeam("The applicant's account is not an active customer's any more.")
        change_user(user_id=user_id, values={"role": Role.VENDOR_OWNER, "vendor_id": vendor_id})
