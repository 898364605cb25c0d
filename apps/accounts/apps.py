"""People and what they may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles, tokens, addresses."""

    name = "apps.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new store begins with its owner."""
        from apps.accounts.seeds import seed_owner
        from apps.tenancy.provisioning import register_seed

        register_seed("accounts", seed_owner)
