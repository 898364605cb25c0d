"""Give a member of the team another role."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.locks import lock_user
from apps.accounts.models import User
from apps.accounts.roles import VENDOR_ROLES, may_hand_out
from apps.accounts.services.change_user import change_user
from apps.accounts.services.invite_member import check_place
from apps.accounts.team import find_member
from apps.accounts.types import Principal
from apps.common.errors import PermissionDenied


def change_member(
    *, by: User | Principal, user_id: UUID, role: str, vendor_id: UUID | None = None
) -> User:
    """Another role, and for a vendor's people perhaps another vendor; all sessions end.

    vendor_id: not named, a vendor's member stays with the vendor. Locks the user. Publishes
    UserUpdated. Raises UserNotFound, ValidationFailed, PermissionDenied, LastOwner. Serves ACC-15,
    PEER-32, T16.
    """
    member = check_member(by, user_id)
    if vendor_id is None and role in VENDOR_ROLES:
        vendor_id = member.vendor_id
    check_place(by=by, role=role, vendor_id=vendor_id)
    with transaction.atomic():
        lock_member(by, user_id)
        return change_user(user_id=user_id, values={"role": role, "vendor_id": vendor_id})


def check_member(by: User | Principal, user_id: UUID) -> User:
    """The member, whom `by` may change. Raises UserNotFound, PermissionDenied."""
    member = find_member(by, user_id)
    if member.pk == by.id:
        raise PermissionDenied("Your own place in the team is decided by others.")
    if not may_hand_out(by, role=member.role, vendor_id=member.vendor_id):
        raise PermissionDenied("You cannot change a member with more rights than your own.")
    return member


def lock_member(by: User | Principal, user_id: UUID) -> User:
    """The member, locked and still one whom `by` may change; for a transaction that changes it.

    Raises UserNotFound, PermissionDenied.
    """
    lock_user(user_id)
    return check_member(by, user_id)
