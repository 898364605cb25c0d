"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.notifications.api import views

urlpatterns: list[URLPattern] = [
    path("notifications/send", views.SendNotificationView.as_view(), name="send-notification"),
    path("notifications/<str:user_id>", views.NotificationListView.as_view(), name="notifications"),
]
