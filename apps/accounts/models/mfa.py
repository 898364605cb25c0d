"""The second step of signing in: what is on, backup codes, and challenges that are open."""

from __future__ import annotations

from django.db import models

from apps.accounts.models.users import User
from apps.common.models import BaseModel


class MfaKind(models.TextChoices):
    """Where a user's codes come from."""

    TOTP = "totp", "Authenticator app"
    EMAIL = "email", "E-mail"


class MfaMethod(BaseModel):
    """A source of codes that a user has set up; it counts once it is confirmed.

    `secret` is the encrypted key of the authenticator app. `last_step` is the time step of the
    newest code that was taken: none up to it is taken again.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="mfa_methods", db_index=False
    )
    kind = models.CharField(max_length=5, choices=MfaKind.choices)
    secret = models.CharField(max_length=200, blank=True, default="")
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="accounts_mfamethod_once")
        ]


class BackupCode(BaseModel):
    """A code for the day the telephone is lost: its keyed hash. It works once."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="backup_codes", db_index=False
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="accounts_backupcode_once")
        ]


class ChallengeKind(models.TextChoices):
    """What an open challenge waits for."""

    SIGN_IN = "sign_in", "The second step of a sign-in"
    EMAIL = "email", "A code that was mailed"


class MfaChallenge(BaseModel):
    """Something that a code will settle. It is deleted when it is settled.

    It holds no secret: the token and the mailed code are worked out from its id with the
    installation's key, so reading this table does not help to pass.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mfa_challenges")
    kind = models.CharField(max_length=7, choices=ChallengeKind.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="accounts_mfachallenge_expiry")]
