"""Take an invitation back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.errors import InvitationClosed
from apps.accounts.locks import lock_invitation
from apps.accounts.models import Invitation, User
from apps.accounts.roles import may_hand_out
from apps.accounts.team import find_invitation
from apps.accounts.types import Principal
from apps.common.errors import PermissionDenied


def revoke_invitation(*, by: User | Principal, invitation_id: UUID) -> Invitation:
    """End the link of an invitation; once more is harmless.

    Locks the invitation. Raises InvitationNotFound, PermissionDenied, and InvitationClosed for one
    that was accepted. Serves PEER-84.
    """
    found = find_invitation(by, invitation_id)
    if not may_hand_out(by, role=found.role, vendor_id=found.vendor_id):
        raise PermissionDenied("You cannot take back an invitation with more rights than yours.")
    with transaction.atomic():
        row = lock_invitation(found.pk)
        if row.accepted_at is not None:
            raise InvitationClosed("It was accepted; remove the member instead.")
        if row.revoked_at is None:
            row.revoked_at = timezone.now()
            row.save(update_fields=["revoked_at", "updated_at"])
        return row
