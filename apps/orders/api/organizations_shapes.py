"""What is sent and answered about companies that buy."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import (
    AddressSerializer,
    AmountField,
    CleanCharField,
    CurrencyField,
    StrictIntegerField,
)
from apps.orders.api.rules_shapes import CodeField, StrictFlagField
from apps.orders.models import Organization, OrganizationMember, OrganizationRole
from apps.orders.services.save_organization import MOST_TERMS_DAYS


class OrganizationChangeSerializer(serializers.Serializer[Any]):
    """A company. Amounts are in the subunit of its `currency`; null lifts a limit.

    net_terms_days: so many days after ordering it pays; null: before the goods are sent.
    """

    code = CodeField()
    name = CleanCharField(max_length=200)
    vat_id = CleanCharField(max_length=40, required=False, allow_blank=True)
    tax_exempt = StrictFlagField(required=False)
    customer_group = CleanCharField(max_length=50, required=False, allow_blank=True)
    billing_address = AddressSerializer(required=False, allow_null=True)
    currency = CurrencyField()
    net_terms_days = StrictIntegerField(
        min_value=0, max_value=MOST_TERMS_DAYS, required=False, allow_null=True
    )
    credit_limit_cents = AmountField(required=False, allow_null=True)
    approval_limit_cents = AmountField(required=False, allow_null=True)
    is_active = StrictFlagField(required=False)


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """A company as staff see it."""

    billing_address = AddressSerializer(read_only=True, allow_null=True)
    member_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Organization
        fields = [
            "id",
            "code",
            "name",
            "vat_id",
            "tax_exempt",
            "customer_group",
            "billing_address",
            "currency",
            "net_terms_days",
            "credit_limit_cents",
            "approval_limit_cents",
            "is_active",
            "member_count",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class OrganizationMemberInputSerializer(serializers.Serializer[Any]):
    """Who is to buy for the company."""

    user_id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=OrganizationRole.choices, default=OrganizationRole.BUYER)


class OrganizationMemberChangeSerializer(serializers.Serializer[Any]):
    """A member's new role."""

    role = serializers.ChoiceField(choices=OrganizationRole.choices)


class OrganizationMemberSerializer(serializers.ModelSerializer[OrganizationMember]):
    """Somebody who buys for a company."""

    user_id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    first_name = serializers.CharField(source="user.first_name", read_only=True)
    last_name = serializers.CharField(source="user.last_name", read_only=True)

    class Meta:
        model = OrganizationMember
        fields = ["id", "user_id", "email", "first_name", "last_name", "role", "created_at"]
        read_only_fields = fields


class MyOrganizationSerializer(serializers.ModelSerializer[OrganizationMember]):
    """A company that one buys for oneself; `id` is what an order names as `organization_id`."""

    id = serializers.UUIDField(source="organization_id", read_only=True)
    code = serializers.CharField(source="organization.code", read_only=True)
    name = serializers.CharField(source="organization.name", read_only=True)
    currency = serializers.CharField(source="organization.currency", read_only=True)
    net_terms_days = serializers.IntegerField(
        source="organization.net_terms_days", read_only=True, allow_null=True
    )
    approval_limit_cents = serializers.IntegerField(
        source="organization.approval_limit_cents", read_only=True, allow_null=True
    )

    class Meta:
        model = OrganizationMember
        fields = [
            "id",
            "code",
            "name",
            "role",
            "currency",
            "net_terms_days",
            "approval_limit_cents",
        ]
        read_only_fields = fields


class DecisionSerializer(serializers.Serializer[Any]):
    """Why; the order's history keeps it."""

    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")
