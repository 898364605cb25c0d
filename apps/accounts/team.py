"""Reads of teams, scoped to what the caller may see (PEER-32, ACC-15)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.errors import InvitationNotFound, UserNotFound
from apps.accounts.models import Invitation, User
from apps.accounts.roles import PLATFORM_ROLES, STAFF_ROLES, VENDOR_ROLES, Holder, Role
from apps.common.ids import NO_VENDOR

TEAM_ROLES = sorted(STAFF_ROLES - PLATFORM_ROLES)
TEAM_CHOICES = [(str(role), Role(role).label) for role in TEAM_ROLES]


def vendor_of(by: Holder) -> UUID | None:
    """The only vendor whose team `by` sees; None for the store's own staff."""
    if by.role not in VENDOR_ROLES and by.vendor_id is None:
        return None
    return by.vendor_id or NO_VENDOR


def visible_team(by: Holder) -> QuerySet[User]:
    """The store's staff and its vendors' people; to a vendor its own. Customers are no team."""
    team = User.objects.filter(role__in=TEAM_ROLES)
    vendor_id = vendor_of(by)
    return team if vendor_id is None else team.filter(vendor_id=vendor_id)


def find_member(by: Holder, user_id: UUID) -> User:
    """One of the team that `by` sees. Raises UserNotFound."""
    found = visible_team(by).filter(pk=user_id).first()
    if found is None:
        raise UserNotFound
    return found


def visible_invitations(by: Holder) -> QuerySet[Invitation]:
    """All invitations; to a vendor those to its own team."""
    vendor_id = vendor_of(by)
    rows = Invitation.objects.all()
    return rows if vendor_id is None else rows.filter(vendor_id=vendor_id)


def find_invitation(by: Holder, invitation_id: UUID) -> Invitation:
    """One of the invitations that `by` sees. Raises InvitationNotFound."""
    found = visible_invitations(by).filter(pk=invitation_id).first()
    if found is None:
        raise InvitationNotFound
    return found
