"""Buying together."""

from django.apps import AppConfig


class GroupCommerceConfig(AppConfig):
    """Campaigns and participants."""

    name = "apps.group_commerce"
    label = "group_commerce"
    verbose_name = "Group buying"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what campaigns hold on a person: ids alone, so there is nothing to erase."""
        from apps.accounts.facade import register_personal_data
        from apps.group_commerce.personal import export_campaigns

        register_personal_data("group_commerce", export=export_campaigns)
