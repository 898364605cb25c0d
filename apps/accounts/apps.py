"""People and what they may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles, tokens, addresses."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new store begins with its owner; the OpenAPI document knows the bearer token."""
        from apps.accounts.api import openapi  # noqa: F401
        from apps.accounts.seeds import seed_owner
        from apps.tenancy.provisioning import register_seed

        register_seed("accounts", seed_owner)
