"""Join the team by a mailed link."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts import attempts
from apps.accounts.api_keys import standing_key
from apps.accounts.errors import AlreadyInTeam, InvalidLink
from apps.accounts.invitations import find_by_token, state_of
from apps.accounts.locks import lock_invitation, lock_user
from apps.accounts.models import AccountStatus, Invitation, InvitationState, User
from apps.accounts.roles import STAFF_ROLES, Holder, may_hand_out
from apps.accounts.services.change_user import change_user
from apps.accounts.services.create_user import give_password, insert_user
from apps.accounts.services.prove_password import prove_password
from apps.common.errors import FieldError


def accept_invitation(
    *, token: str, password: str, first_name: str = "", last_name: str = ""
) -> User:
    """Make who holds the link a member of the team with the role that was promised.

    Where the address has no account, one is made with this password and these names. Where it has
    one, `password` must be that account's present one: having the mail alone raises nobody's
    rights. Either way the address counts as confirmed, nobody is signed in by it, and the link is
    spent. It is worth nothing once who invited could not invite to this place any more.

    Locks the user and the invitation. Publishes UserRegistered or UserUpdated. Raises InvalidLink,
    ValidationFailed, WrongPassword, AlreadyInTeam, EmailTaken, TooManyAttempts. Serves PEER-32,
    PEER-84, ACC-24, T15.
    """
    attempts.check_links()
    try:
        invitation = find_by_token(token)
        _check_sender(invitation)
    except InvalidLink:
        attempts.note_wrong_link()
        raise
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        return _register(invitation, password, first_name, last_name)
    return _raise(invitation, user, password)


def _register(invitation: Invitation, password: str, first_name: str, last_name: str) -> User:
    user = User(
        email=invitation.email,
        role=invitation.role,
        vendor_id=invitation.vendor_id,
        first_name=first_name,
        last_name=last_name,
        email_verified=True,
    )
    give_password(user, password)
    with transaction.atomic():
        _spend(invitation, user.pk)
        return insert_user(user)


def _raise(invitation: Invitation, user: User, password: str) -> User:
    prove_password(user_id=user.pk, password=password)
    with transaction.atomic():
        locked = lock_user(user.pk)
        if locked.status != AccountStatus.ACTIVE or locked.email != invitation.email:
            raise InvalidLink
        if locked.role in STAFF_ROLES:
            raise AlreadyInTeam(
                errors=[FieldError("token", AlreadyInTeam.code, AlreadyInTeam.title)]
            )
        _spend(invitation, user.pk)
        if not locked.email_verified:
            locked.email_verified = True
            locked.save(update_fields=["email_verified", "updated_at"])
        values = {"role": invitation.role, "vendor_id": invitation.vendor_id}
        return change_user(user_id=user.pk, values=values)


def _check_sender(invitation: Invitation) -> None:
    kind, _, sender_id = invitation.invited_by.partition(":")
    sender: Holder | None
    if kind == "user":
        sender = User.objects.filter(pk=UUID(sender_id), status=AccountStatus.ACTIVE).first()
    elif kind == "api_key":
        sender = standing_key(UUID(sender_id))
    else:
        return  # a command: whoever runs those runs the platform
    if sender is None or not may_hand_out(
        sender, role=invitation.role, vendor_id=invitation.vendor_id
    ):
        raise InvalidLink


def _spend(invitation: Invitation, member_id: UUID) -> None:
    row = lock_invitation(invitation.pk)
    if state_of(row) != InvitationState.OPEN or row.nonce != invitation.nonce:
        raise InvalidLink
    row.accepted_at = timezone.now()
    row.member_id = member_id
    row.save(update_fields=["accepted_at", "member_id", "updated_at"])
