"""`GET audit`: who changed what (ANA-01, PEER-84)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.audit_reads import actor_names, audit_entries
from apps.accounts.models import AuditAction, AuditEntry
from apps.common.api.pagination import Pagination
from apps.common.api.permissions import HasPermission

MOST_COUNTED = 10_000


class AuditPagination(Pagination):
    """Counts no further than 10,000: to count a log of years would cost more than to read it."""

    def get_count(self, queryset: Any) -> int:
        """How many there are, at most MOST_COUNTED."""
        # Ordered, the limited query would sort what it is to count.
        return int(queryset.order_by()[:MOST_COUNTED].count())


class AuditFilter(django_filters.FilterSet):
    """By who, what and when; `from` is inclusive, `to` is not."""

    action = django_filters.ChoiceFilter(choices=AuditAction.choices)
    actor = django_filters.CharFilter(max_length=80)
    entity_type = django_filters.CharFilter(max_length=63)
    entity_id = django_filters.CharFilter(max_length=80)
    operation = django_filters.CharFilter(lookup_expr="startswith", max_length=200)
    request_id = django_filters.CharFilter(max_length=80)
    # `from` is a word of Python's own.
    vars()["from"] = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    to = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One changed row. Secrets stand as `***`, personal data as `[personal]`."""

    actor_name = serializers.SerializerMethodField()
    old_values = serializers.DictField(read_only=True)
    new_values = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "at",
            "actor",
            "actor_name",
            "operation",
            "address",
            "request_id",
            "entity_type",
            "entity_id",
            "action",
            "old_values",
            "new_values",
        ]
        read_only_fields = fields

    def get_actor_name(self, entry: AuditEntry) -> str:
        """The e-mail address of the account, else a short form of the id."""
        names: dict[str, str] = self.context.get("names", {})
        return names.get(entry.actor, entry.actor)


@extend_schema(tags=["audit"])
class AuditListView(ListAPIView[AuditEntry]):
    """ANA-01, CMP-03, PEER-84."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "audit.read"}
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    pagination_class = AuditPagination
    ordering_fields = ["id"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[AuditEntry]:
        """The log of this store, or on the operators' host the platform's."""
        return audit_entries()

    @extend_schema(operation_id="audit_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What staff, vendors, API keys and commands changed, the newest first. `count` stops at
        10,000: narrow the time by `from` and `to`.
        """
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        names = actor_names(entry.actor for entry in page)
        context = {**self.get_serializer_context(), "names": names}
        return self.get_paginated_response(
            AuditEntrySerializer(page, many=True, context=context).data
        )
