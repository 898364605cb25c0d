"""What the numbers say."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Analytics, recommendations and fraud scores; empty until its issue."""

    name = "apps.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"
