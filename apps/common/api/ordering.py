"""Ordering that always ends in the key, so that pages never overlap."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.views import APIView


class StableOrdering(OrderingFilter):
    """`?ordering=-created_at,name` by the fields that the view lists; others are a 400."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        """The fields to order by. Raises ValidationError for one the view does not list."""
        ordering = super().get_ordering(request, queryset, view)
        if ordering is None:
            return None
        return [*ordering, "pk"] if "pk" not in ordering else ordering

    def remove_invalid_fields(
        self, queryset: QuerySet[Any], fields: Any, view: APIView, request: Request
    ) -> Any:
        """All or nothing: a misspelt field is told, not dropped. Raises ValidationError."""
        kept = super().remove_invalid_fields(queryset, fields, view, request)
        if len(kept) != len(fields):
            known = ", ".join(
                name for name, _ in self.get_valid_fields(queryset, view, {"request": request})
            )
            raise ValidationError({"ordering": f"Order by one of: {known or 'nothing here'}."})
        return kept
