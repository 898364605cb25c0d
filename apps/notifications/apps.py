"""Telling people."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mails and their log."""

    name = "apps.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the log of messages holds on a person."""
        from apps.accounts.facade import register_personal_data
        from apps.notifications.personal import export_notifications
        from apps.notifications.services.erase_person import erase_person

        register_personal_data("notifications", export=export_notifications, erase=erase_person)
