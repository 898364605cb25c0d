"""Goods out."""

from django.apps import AppConfig


class ShippingConfig(AppConfig):
    """Shipments, labels, tracking, carriers."""

    name = "apps.shipping"
    label = "shipping"
    default_auto_field = "django.db.models.BigAutoField"
