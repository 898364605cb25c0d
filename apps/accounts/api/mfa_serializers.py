"""Shapes of two-step sign-in on the wire (ACC-20)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import PasswordField
from apps.accounts.models import MfaKind
from apps.accounts.services.spend_code import BACKUP

_LONGEST_TOKEN = 200
METHODS = [*MfaKind.choices, (BACKUP, "Backup code")]


class CodeField(serializers.CharField):
    """A code as people type it: six digits or a backup code, with blanks or hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, write_only=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError for what is no text: a number has lost its zeros."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class MfaChallengedSerializer(serializers.Serializer[Any]):
    """The password was right; `POST auth/mfa/verify` takes this token and a code."""

    mfa_required = serializers.BooleanField(help_text="Always true.")
    mfa_token = serializers.CharField(help_text="Opens nothing by itself; at most five tries.")
    methods = serializers.ListField(child=serializers.ChoiceField(METHODS))
    expires_in = serializers.IntegerField(help_text="Seconds until the token expires.")


class MfaVerifySerializer(serializers.Serializer[Any]):
    """The second step of a sign-in."""

    mfa_token = serializers.CharField(max_length=_LONGEST_TOKEN)
    method = serializers.ChoiceField(METHODS)
    code = CodeField()


class MfaTokenSerializer(serializers.Serializer[Any]):
    """Which sign-in a code is to be mailed for."""

    mfa_token = serializers.CharField(max_length=_LONGEST_TOKEN)


class MfaCodeSerializer(serializers.Serializer[Any]):
    """A code of the app, or one that was mailed."""

    code = CodeField()


class MfaProofSerializer(serializers.Serializer[Any]):
    """What proves that it is not just a stolen session: the password, and a code of any kind."""

    password = PasswordField()
    code = CodeField()


class MfaStatusSerializer(serializers.Serializer[Any]):
    """What two-step sign-in one has."""

    required: Any = serializers.BooleanField(help_text="Whether one's role must have it.")
    methods = serializers.ListField(child=serializers.ChoiceField(MfaKind.choices))
    backup_codes_left = serializers.IntegerField()


class EnrolmentSerializer(serializers.Serializer[Any]):
    """What sets up an authenticator app. It is shown this once."""

    secret = serializers.CharField(help_text="The key in base32, to be typed.")
    otpauth_uri = serializers.CharField(help_text="The same, as apps take it.")
    qr_svg = serializers.CharField(
        source="qr_data_uri", help_text="The same, to be scanned: a data URI for an image."
    )


class BackupCodesSerializer(serializers.Serializer[Any]):
    """Backup codes, shown this once; none where one has some already."""

    backup_codes = serializers.ListField(child=serializers.CharField())
