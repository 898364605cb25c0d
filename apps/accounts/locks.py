"""Row locks of accounts: the user's row stands for everything that belongs to the user."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.errors import ApiKeyNotFound, InvitationNotFound, LastOwner, UserNotFound
from apps.accounts.models import AccountStatus, ApiKey, Invitation, User
from apps.accounts.roles import Holder, Role
from apps.accounts.selectors import api_keys_of
from apps.common.context import current_store


def lock_user(user_id: UUID) -> User:
    """The user, locked until the transaction ends. Raises UserNotFound."""
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def keep_an_owner(user: User) -> None:
    """See to it that the store has an active owner beside this user, who is about to be none.

    That other one is locked too, so that two cannot go at once; one whom somebody is changing at
    this moment does not count. Raises LastOwner.
    """
    if user.role != Role.OWNER or not user.is_active or current_store().is_public:
        return
    others = User.objects.filter(role=Role.OWNER, status=AccountStatus.ACTIVE).exclude(pk=user.pk)
    if others.select_for_update(skip_locked=True).order_by("pk").first() is None:
        raise LastOwner("Make somebody else an owner first.")


def lock_invitation(invitation_id: UUID) -> Invitation:
    """The invitation, locked until the transaction ends. Raises InvitationNotFound."""
    row = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if row is None:
        raise InvitationNotFound
    return row


def lock_api_key(key_id: UUID, by: Holder) -> ApiKey:
    """The key, if it is one that `by` may see, locked until the transaction ends.

    Raises ApiKeyNotFound.
    """
    row = api_keys_of(by).select_for_update().filter(pk=key_id).first()
    if row is None:
        raise ApiKeyNotFound
    return row
