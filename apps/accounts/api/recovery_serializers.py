"""Shapes of registering, verifying, resetting and changing what one signs in with."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import EmailField, PasswordField, RegisterSerializer
from apps.accounts.link_tokens import TOKEN_LENGTH
from apps.accounts.roles import Role


class MailedSerializer(serializers.Serializer[Any]):
    """The one answer to whatever may or may not have been mailed."""

    status = serializers.ChoiceField(["mail_sent"], help_text="The same, whoever asks for whom.")


class EmailSerializer(serializers.Serializer[Any]):
    """An e-mail address, of somebody or of nobody."""

    email = EmailField()


class LinkSerializer(serializers.Serializer[Any]):
    """The token of a mailed link."""

    token = serializers.CharField(max_length=2 * TOKEN_LENGTH)


class NewPasswordSerializer(LinkSerializer):
    """The token of a mailed link, and the password to sign in with from now on."""

    password = PasswordField()


class ChangePasswordSerializer(serializers.Serializer[Any]):
    """The present password and the next one."""

    current = PasswordField()
    new = PasswordField()


class ChangeEmailSerializer(EmailSerializer):
    """The new address, and the present password."""

    password = PasswordField()


class VerifiedSerializer(serializers.Serializer[Any]):
    """The address that is confirmed now."""

    email = serializers.EmailField()
    email_verified = serializers.BooleanField()


class NewUserSerializer(RegisterSerializer):
    """A user whom staff create."""

    role = serializers.ChoiceField(Role.choices)
    vendor_id = serializers.UUIDField(required=False, allow_null=True, default=None)
