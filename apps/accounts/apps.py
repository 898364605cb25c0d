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
        from django.db.models.signals import post_migrate

        from apps.accounts.actors import names_of_actors
        from apps.accounts.admin_login import AdminDoor
        from apps.accounts.api import openapi  # noqa: F401
        from apps.accounts.api_keys import key_origins
        from apps.accounts.audit import after_migrations
        from apps.accounts.invitations import KIND, secrets_of_invitation
        from apps.accounts.links import no_secrets, secrets_of_link
        from apps.accounts.messages import register_message
        from apps.accounts.models import Purpose
        from apps.accounts.roles import Role
        from apps.accounts.scrubbing import NOT_CLONED, settle_people
        from apps.accounts.seeds import seed_owner, seed_signing_keys
        from apps.accounts.services.send_mfa_code import secrets_of_code
        from apps.accounts.services.tell_mfa_changed import what_is_on
        from apps.common.actors import register_actor_names
        from apps.common.admin import StoreAdminSite
        from apps.common.api.cors import register_origins
        from apps.tenancy.provisioning import register_restored, register_roles, register_seed

        StoreAdminSite.door = AdminDoor()
        for purpose in Purpose.values:
            register_message(purpose, secrets_of_link)
        for note in ("already_registered", "email_change_requested"):
            register_message(note, no_secrets)
        register_message("mfa_code", secrets_of_code)
        register_message(KIND, secrets_of_invitation)
        register_actor_names(names_of_actors)
        register_origins(key_origins)
        register_message("mfa_changed", what_is_on)
        register_seed("signing_keys", seed_signing_keys)
        register_seed("accounts", seed_owner)
        register_roles(Role.values)
        register_restored("accounts", settle_people, not_cloned=NOT_CLONED)
        post_migrate.connect(after_migrations, sender=self, dispatch_uid="accounts.audit")
