"""The ground floor."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Knows no domain; every app may stand on it."""

    name = "apps.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A store's origins are its own to list."""
        from corsheaders.signals import check_request_enabled

        from apps.common import storage_checks  # noqa: F401
        from apps.common.api.cors import allows

        check_request_enabled.connect(allows, dispatch_uid="common.cors")
