"""Ask somebody by mail to join the team."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import attempts
from apps.accounts.errors import AlreadyInTeam, InvitationOpen
from apps.accounts.invitations import KIND, LIFETIME
from apps.accounts.models import Invitation, User
from apps.accounts.ports import vendors
from apps.accounts.roles import STAFF_ROLES, VENDOR_ROLES, may_hand_out
from apps.accounts.rules import check_role, normalized_email
from apps.accounts.team import vendor_of
from apps.accounts.types import Principal
from apps.common.errors import FieldError, PermissionDenied, ValidationFailed
from apps.events.contracts import UserMessageRequested
from apps.events.facade import publish

# Each one is a mail to somebody who has not asked for it.
_PER_PERSON = "100/hour"


def invite_member(
    *, by: User | Principal, email: str, role: str, vendor_id: UUID | None = None
) -> Invitation:
    """Invite an address to the team with a role; the link is mailed and lives seven days.

    by: who invites, and hands out no more than the own rights. vendor_id: a vendor's owner need
    not name it. An expired invitation of the address is replaced. Publishes UserMessageRequested.
    Raises ValidationFailed, PermissionDenied, AlreadyInTeam, InvitationOpen, TooManyAttempts.
    Serves PEER-32, PEER-84, ACC-10.
    """
    wanted = normalized_email(email)
    if vendor_id is None and role in VENDOR_ROLES:
        vendor_id = vendor_of(by)
    check_place(by=by, role=role, vendor_id=vendor_id)
    _check_free(by, wanted)
    attempts.spend(_PER_PERSON, "invite", str(by.id))
    row = Invitation(
        email=wanted,
        role=role,
        vendor_id=vendor_id,
        invited_by=actor_of(by),
        expires_at=timezone.now() + LIFETIME,
    )
    with transaction.atomic():
        _end_expired(wanted, vendor_id)
        _insert(row)
        tell_invited(row)
    return row


def check_place(*, by: User | Principal, role: str, vendor_id: UUID | None) -> None:
    """Whether there is such a place in the team and `by` may give it to somebody.

    Raises ValidationFailed, PermissionDenied.
    """
    if role not in STAFF_ROLES:
        raise ValidationFailed.of("role", "invalid", "Name a role of the team.")
    check_role(role, vendor_id)
    if not may_hand_out(by, role=role, vendor_id=vendor_id):
        raise PermissionDenied("You cannot give a place in the team with more rights than yours.")
    if vendor_id is not None and vendor_id not in vendors().names([vendor_id]):
        raise ValidationFailed.of("vendor_id", "unknown", "There is no such vendor.")


def actor_of(by: User | Principal) -> str:
    """How rows and events name who did it."""
    return by.actor if isinstance(by, Principal) else f"user:{by.pk}"


def tell_invited(row: Invitation) -> None:
    """Have the link mailed. Publishes UserMessageRequested."""
    publish(UserMessageRequested(reference_id=row.pk, kind=KIND, email=row.email))


def _check_free(by: User | Principal, email: str) -> None:
    team = User.objects.filter(email=email, role__in=STAFF_ROLES)
    vendor_id = vendor_of(by)
    # A vendor learns nothing of people elsewhere; accepting will be refused.
    if vendor_id is not None:
        team = team.filter(vendor_id=vendor_id)
    if team.exists():
        raise AlreadyInTeam(
            errors=[FieldError("email", AlreadyInTeam.code, "Change the role instead.")]
        )


def _end_expired(email: str, vendor_id: UUID | None) -> None:
    now = timezone.now()
    former = Invitation.objects.filter(
        email=email,
        vendor_id=vendor_id,
        accepted_at=None,
        revoked_at=None,
        expires_at__lte=now,
    )
    former.update(revoked_at=now, updated_at=now)


def _insert(row: Invitation) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise InvitationOpen(
            errors=[FieldError("email", InvitationOpen.code, InvitationOpen.title)]
        ) from error
