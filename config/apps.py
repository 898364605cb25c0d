"""The composition root as an app: the commands that need every other app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds `bootstrap`, which the layers below may not know."""

    name = "config"
    label = "config"
