"""The event bus."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    """Log, deliveries and subscribers."""

    name = "apps.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every app's `handlers`, which subscribe as they load."""
        autodiscover_modules("handlers")
