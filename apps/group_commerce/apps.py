"""Buying together."""

from django.apps import AppConfig


class GroupCommerceConfig(AppConfig):
    """Campaigns and participants."""

    name = "apps.group_commerce"
    label = "group_commerce"
    verbose_name = "Group buying"
    default_auto_field = "django.db.models.BigAutoField"
