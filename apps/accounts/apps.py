"""People and what they may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles, tokens, addresses."""

    name = "apps.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
