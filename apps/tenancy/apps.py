"""Stores."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Store, Domain, provisioning, and which store a request means."""

    name = "apps.tenancy"
    label = "tenancy"
    verbose_name = "Stores"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the ground floor how to list and find the stores."""
        from apps.common.stores import register_directory
        from apps.tenancy.directory import find_serving
        from apps.tenancy.selectors import serving_stores

        register_directory(serving_stores, find_serving)
