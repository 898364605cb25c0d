"""What is there."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Warehouses, stock levels, reservations, movement ledger."""

    name = "apps.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give new stores their warehouse, the catalog its view of stock, and metrics the check."""
        from apps.catalog.facade import register_stock_source
        from apps.inventory.metrics import register_collector
        from apps.inventory.seeds import seed
        from apps.inventory.stock_source import InventoryStockSource
        from apps.tenancy.provisioning import register_seed

        register_seed("inventory", seed)
        register_stock_source(InventoryStockSource())
        register_collector()
