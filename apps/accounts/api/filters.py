"""Filters of the list of users."""

from __future__ import annotations

import django_filters

from apps.accounts.models import AccountStatus, User
from apps.accounts.roles import Role


class UserFilter(django_filters.FilterSet):
    """By role, status and e-mail address (whole, whatever its letter case)."""

    role = django_filters.ChoiceFilter(choices=Role.choices)
    status = django_filters.ChoiceFilter(choices=AccountStatus.choices)
    email = django_filters.CharFilter(method="filter_email")

    class Meta:
        model = User
        fields = ["role", "status", "email"]

    def filter_email(self, queryset: object, name: str, value: str) -> object:
        """The kept form is lower case, so the index serves."""
        return queryset.filter(email=value.strip().lower())  # type: ignore[attr-defined]
