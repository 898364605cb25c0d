"""Filters that refuse what they do not understand, an empty value included."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, CharFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView


class StrictFilters(DjangoFilterBackend):
    """django-filter takes `?order_id=` for no filter at all and answers with every row.

    A client whose variable was empty then works on rows that it did not ask for; here it is told.
    Texts may be empty: they are searched for.
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        """The rows that pass. Raises ValidationError, naming each parameter."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is not None:
            wrong = {
                name: reason
                for name, one in filterset.filters.items()
                if name in request.query_params
                and (reason := _reason(one, request.query_params[name]))
            }
            if wrong:
                raise ValidationError(wrong)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def _reason(one: Any, value: str) -> str:
    """Why the value is none that the filter takes, where django-filter would ignore it."""
    if isinstance(one, BooleanFilter):
        return "" if value in {"true", "false"} else "Send true or false."
    if value == "" and not isinstance(one, CharFilter):
        return "Send a value, or leave the parameter out."
    return ""
