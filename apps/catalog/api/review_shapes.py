"""What change requests look like over HTTP, and what a decision takes."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.reviews import MOST_REASON


class ReviewedSerializer(serializers.Serializer[Any]):
    """A product or vendor that a request is about."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()


@extend_schema_field({"description": "Text, a number, a flag or a list; null where nothing is"})
class _AnyField(serializers.JSONField):
    """A value as people read it."""


class DifferenceSerializer(serializers.Serializer[Any]):
    """One field that would be different; a variant's is `variants.SKU.field`."""

    field = serializers.CharField()
    before = _AnyField(allow_null=True)
    after = _AnyField(allow_null=True)


class RequestSummarySerializer(serializers.ModelSerializer[ChangeRequest]):
    """A change request without its diff; `changes` is how many fields it would change."""

    product = ReviewedSerializer()
    vendor = ReviewedSerializer()
    changes = serializers.IntegerField()

    class Meta:
        model = ChangeRequest
        fields = [
            "id",
            "product",
            "vendor",
            "kind",
            "status",
            "changes",
            "note",
            "reason",
            "submitted_by",
            "decided_by",
            "decided_at",
            "created_at",
            "updated_at",
        ]


class ChangeRequestSerializer(RequestSummarySerializer):
    """A change request with what it would make different."""

    changes: Any = serializers.SerializerMethodField()
    diff = DifferenceSerializer(many=True)

    class Meta(RequestSummarySerializer.Meta):
        fields = [*RequestSummarySerializer.Meta.fields, "diff"]

    def get_changes(self, request: ChangeRequest) -> int:
        """How many fields."""
        return len(request.diff)


class _SeenSerializer(serializers.Serializer[Any]):
    updated_at = serializers.DateTimeField(
        required=False,
        help_text="The request's `updated_at` as you have seen it; 409 `stale` if it has changed",
    )


class ApprovalSerializer(_SeenSerializer):
    """Nothing needs to be said."""


class RefusalSerializer(_SeenSerializer):
    """Why; the vendor is told."""

    reason = serializers.CharField(max_length=MOST_REASON)


class SubmissionSerializer(serializers.Serializer[Any]):
    """What the vendor wants the staff to know."""

    note = serializers.CharField(
        max_length=MOST_REASON, required=False, allow_blank=True, default=""
    )


class RequestFilter(filters.FilterSet):
    """`?status=open&kind=new&vendor=slug&product=id`."""

    status = filters.MultipleChoiceFilter(choices=RequestStatus.choices, distinct=False)
    kind = filters.ChoiceFilter(choices=ChangeRequest.Kind.choices)
    vendor = filters.CharFilter(field_name="vendor__slug", max_length=120)
    product = filters.UUIDFilter(field_name="product_id")

    class Meta:
        model = ChangeRequest
        fields: list[str] = []
