"""The log of messages in admin: to be read, not written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.common.admin import store_admin
from apps.notifications.models import Notification
from apps.notifications.render import render

_COLOURS = {"Queued": "info", "Sent": "success", "Failed": "danger", "Bounced": "danger"}


@admin.register(Notification, site=store_admin)
class NotificationAdmin(ModelAdmin):
    """Who was told what, and whether it got out."""

    list_display = [
        "created_at",
        "recipient",
        "template_name",
        "subject",
        "show_status",
        "retry_count",
        "sent_at",
    ]
    list_filter = ["status", "template_name", "channel"]
    search_fields = ["=recipient", "subject"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    fields = [
        "recipient",
        "template_name",
        "subject",
        "status",
        "sent_at",
        "retry_count",
        "failure_reason",
        "delivery_id",
        "body",
        "created_at",
    ]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Messages come from events and from POST notifications/send."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was told was told."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The log stays whole."""
        return False

    @display(description="Status", ordering="status", label=_COLOURS)
    def show_status(self, notification: Notification) -> str:
        """The status in colour."""
        return notification.get_status_display()

    @display(description="Text")
    def body(self, notification: Notification) -> str:
        """The message as it was written, from what the log keeps of it."""
        try:
            return render(notification.template_name, notification.payload).text
        except (LookupError, TypeError, ValueError):
            # Written by an older version, whose context the template of today does not fit.
            return "–"
