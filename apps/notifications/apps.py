"""Telling people."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mails and their log."""

    name = "apps.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
