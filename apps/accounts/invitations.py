"""The tokens of invitations: worked out from the row and a key, kept nowhere (PEER-32, T15).

A token is the row's id and an HMAC over the store, the row's nonce and what it promises, so it is
worth nothing in another store, and ends when the invitation is sent again, accepted or revoked.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.accounts.errors import InvalidLink
from apps.accounts.link_tokens import find_row, pack, seal
from apps.accounts.models import Invitation, InvitationState
from apps.accounts.roles import Role
from apps.common.actors import actor_names

KIND = "invitation"
LIFETIME = timedelta(days=7)


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
    return pack(invitation.pk, _seal_of(invitation))


def find_by_token(token: str) -> Invitation:
    """The open invitation of this token.

    Raises InvalidLink for every other token: used, replaced, revoked, expired, of another store,
    or made up.
    """
    found = find_row(token, find=_row, seal_of=_seal_of)
    if state_of(found) != InvitationState.OPEN:
        raise InvalidLink
    return found


def secrets_of_invitation(reference_id: UUID) -> dict[str, str] | None:
    """What the mail of an invitation needs; None when it was accepted or revoked meanwhile."""
    found = _row(reference_id)
    if found is None or state_of(found) != InvitationState.OPEN:
        return None
    inviter = actor_names([found.invited_by])[found.invited_by]
    return {"token": token_of(found), "role": Role(found.role).label, "inviter": inviter}


def _row(invitation_id: UUID) -> Invitation | None:
    return Invitation.objects.filter(pk=invitation_id).first()


def _seal_of(invitation: Invitation) -> bytes:
    promised = (invitation.email, invitation.role, invitation.vendor_id)
    return seal("invitation", invitation.pk, invitation.nonce, *promised)
