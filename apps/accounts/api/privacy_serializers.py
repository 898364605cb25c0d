"""Shapes of consents, exports and erasures."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import EmailField, PasswordField, RegisterSerializer
from apps.accounts.models import Consent, ConsentKind, Erasure
from apps.common.api.fields import CleanCharField


class GivenConsentSerializer(serializers.Serializer[Any]):
    """A yes or a no to a version of a text."""

    kind = serializers.ChoiceField(ConsentKind.choices)
    version = CleanCharField(max_length=40)
    granted = serializers.BooleanField()


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """What was said, and when; the newest of a kind is what holds."""

    class Meta:
        model = Consent
        fields = ["id", "kind", "version", "granted", "created_at"]
        read_only_fields = fields


class RegistrationSerializer(RegisterSerializer):
    """A visitor who registers, and what is agreed to with it."""

    consents = GivenConsentSerializer(
        many=True,
        required=False,
        max_length=10,  # type: ignore[call-arg]  # of the list
    )


class SectionStoreSerializer(serializers.Serializer[Any]):
    """Whose export it is."""

    slug = serializers.CharField()
    name = serializers.CharField()


class ExportedProfileSerializer(serializers.Serializer[Any]):
    """The account itself."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    phone = serializers.CharField()
    role = serializers.CharField()
    status = serializers.CharField()
    email_verified = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ExportSerializer(serializers.Serializer[Any]):
    """All that is held on a person. `records` has one list per kind of record."""

    exported_at = serializers.DateTimeField()
    store = SectionStoreSerializer()
    email = serializers.CharField()
    profile = ExportedProfileSerializer(allow_null=True)
    records = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()),
        help_text="addresses, sessions, consents, orders, payments, shipments, …",
    )


class SubjectSerializer(serializers.Serializer[Any]):
    """Whom a request is about, who may have no account."""

    email = EmailField()


class ProofSerializer(serializers.Serializer[Any]):
    """The password, so that an open browser alone erases nobody."""

    password = PasswordField()


class ErasureSerializer(serializers.ModelSerializer[Erasure]):
    """An erasure. It is finished once nothing is left that has to go."""

    class Meta:
        model = Erasure
        fields = ["id", "user_id", "requested_by", "created_at", "finished_at"]
        read_only_fields = fields
