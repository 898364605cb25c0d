"""The composition root as an app: it holds the commands that need every other app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds `bootstrap`, which the layers below may not know."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Make the Celery application the one that every process's tasks are sent through."""
        from config import checks  # noqa: F401
        from config.celery import app

        app.set_default()
