"""How a list of notifications is narrowed."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.notifications.models import Notification, NotificationStatus


class NotificationFilter(filters.FilterSet):
    """By status or template."""

    status = filters.ChoiceFilter(choices=NotificationStatus.choices)
    template_name = filters.CharFilter(max_length=60)

    class Meta:
        model = Notification
        fields: list[str] = []
