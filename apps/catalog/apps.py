"""What is for sale."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Vendors, categories, products, variants, prices, import."""

    name = "apps.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have new stores begin with a vendor and a price list; tell accounts of vendors."""
        from apps.accounts.facade import register_vendor_directory
        from apps.catalog.seeds import seed
        from apps.catalog.vendor_directory import CatalogVendors
        from apps.tenancy.provisioning import register_seed

        register_seed("catalog", seed)
        register_vendor_directory(CatalogVendors())
