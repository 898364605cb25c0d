"""The tokens of invitations: worked out from the row and a key, kept nowhere (PEER-32, T15).

A token is the row's id and an HMAC over the store, the row's nonce and what it promises, so it is
worth nothing in another store, and ends when the invitation is sent again, accepted or revoked.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.errors import InvalidLink
from apps.accounts.models import Invitation, InvitationState
from apps.accounts.roles import Role
from apps.common.actors import actor_names
from apps.common.context import current_store

KIND = "invitation"
LIFETIME = timedelta(days=7)
_ID_BYTES = 16
_TOKEN_BYTES = _ID_BYTES + 32


def state_of(invitation: Invitation) -> InvitationState:
    """Where the invitation stands at this moment."""
    if invitation.accepted_at is not None:
        return InvitationState.ACCEPTED
    if invitation.revoked_at is not None:
        return InvitationState.REVOKED
    if invitation.expires_at <= timezone.now():
        return InvitationState.EXPIRED
    return InvitationState.OPEN


def token_of(invitation: Invitation) -> str:
    """The token of an open invitation, for the mail that carries it."""
    return base64.urlsafe_b64encode(invitation.pk.bytes + _mac(invitation)).decode()


def find_by_token(token: str) -> Invitation:
    """The open invitation of this token.

    Raises InvalidLink for every other token: used, replaced, revoked, expired, of another store,
    or made up.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidLink from error
    if len(raw) != _TOKEN_BYTES:
        raise InvalidLink
    found = Invitation.objects.filter(pk=UUID(bytes=raw[:_ID_BYTES])).first()
    if found is None or not hmac.compare_digest(_mac(found), raw[_ID_BYTES:]):
        raise InvalidLink
    if state_of(found) != InvitationState.OPEN:
        raise InvalidLink
    return found


def secrets_of_invitation(reference_id: UUID) -> dict[str, str] | None:
    """What the mail of an invitation needs; None when it was accepted or revoked meanwhile."""
    found = Invitation.objects.filter(pk=reference_id).first()
    if found is None or state_of(found) != InvitationState.OPEN:
        return None
    inviter = actor_names([found.invited_by])[found.invited_by]
    return {"token": token_of(found), "role": Role(found.role).label, "inviter": inviter}


def _mac(invitation: Invitation) -> bytes:
    bound = (
        current_store().id,
        invitation.pk,
        invitation.nonce,
        invitation.email,
        invitation.role,
        invitation.vendor_id,
    )
    text = "\n".join(str(part) for part in bound)
    return salted_hmac("fusioncommerce.accounts.invitation", text, algorithm="sha256").digest()
