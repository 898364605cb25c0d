"""What is there."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Warehouses, stock levels, reservations, movement ledger."""

    name = "apps.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
