"""Send an invitation again."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts import attempts
from apps.accounts.errors import InvitationClosed
from apps.accounts.invitations import LIFETIME
from apps.accounts.locks import lock_invitation
from apps.accounts.models import Invitation, User
from apps.accounts.models.recovery import new_nonce
from apps.accounts.services.invite_member import check_place, tell_invited
from apps.accounts.team import find_invitation
from apps.accounts.types import Principal

_PER_INVITATION = "5/hour"


def resend_invitation(*, by: User | Principal, invitation_id: UUID) -> Invitation:
    """Mail a new link that lives seven days from now; the one mailed before ends.

    Also an expired invitation comes to life. Locks the invitation. Publishes
    UserMessageRequested. Raises InvitationNotFound, InvitationClosed, PermissionDenied,
    TooManyAttempts. Serves PEER-84.
    """
    found = find_invitation(by, invitation_id)
    check_place(by=by, role=found.role, vendor_id=found.vendor_id)
    attempts.spend(_PER_INVITATION, "invite-again", str(found.pk))
    with transaction.atomic():
        row = lock_invitation(found.pk)
        if row.accepted_at is not None or row.revoked_at is not None:
            raise InvitationClosed
        row.nonce = new_nonce()
        row.expires_at = timezone.now() + LIFETIME
        row.save(update_fields=["nonce", "expires_at", "updated_at"])
        tell_invited(row)
        return row
