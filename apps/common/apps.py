"""The ground floor."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Knows no domain; every app may stand on it."""

    name = "apps.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"
