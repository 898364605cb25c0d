"""Teams: a store's staff and its vendors' people, and who was asked to join them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.accounts.models.recovery import new_nonce
from apps.accounts.models.users import User, UserManager
from apps.accounts.roles import PLATFORM_ROLES, STAFF_ROLES, Role
from apps.common.models import BaseModel


class InvitationState(models.TextChoices):
    """Told by the row and the clock, kept nowhere."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"


class Invitation(BaseModel):
    """Somebody was asked by mail to join the team with a role (PEER-32, PEER-84).

    The link's token is not in here: it is worked out from the row and a key of the installation.
    `nonce` is new with every mail, so that a link ends when the next one is sent. `invited_by` is
    an actor (`user:<id>`, `api_key:<id>`), `member_id` the user who accepted.
    """

    email = models.EmailField(max_length=255)
    role = models.CharField(max_length=20, choices=Role.choices)
    vendor_id = models.UUIDField(null=True, blank=True)
    invited_by = models.CharField(max_length=80)
    nonce = models.CharField(max_length=32, default=new_nonce)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    member_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # One per address and team; what another vendor has sent is nobody else's business.
            models.UniqueConstraint(
                fields=["email", "vendor_id"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="accounts_invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return self.email


class TeamManager(UserManager):
    """Those with a role of the team."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Everybody but customers and operators."""
        return super().get_queryset().filter(role__in=STAFF_ROLES - PLATFORM_ROLES)


class TeamMember(User):
    """A user as a member of the team: the rows that those who manage teams see in admin."""

    objects: ClassVar[UserManager] = TeamManager()

    class Meta:
        proxy = True
        verbose_name = "team member"
