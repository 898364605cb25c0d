"""What is for sale."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Vendors, categories, products, variants, prices, import."""

    name = "apps.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have new stores begin with a vendor and a price list; tell accounts of vendors, and of
        what applicants said of themselves.
        """
        from django.core.checks import register

        from apps.accounts.facade import register_personal_data, register_vendor_directory
        from apps.catalog.personal import export_applications
        from apps.catalog.search.provider import check_provider
        from apps.catalog.seeds import seed
        from apps.catalog.services.erase_person import erase_person
        from apps.catalog.services.refresh_documents import refresh_all
        from apps.catalog.services.settle_media import settle_media
        from apps.catalog.vendor_directory import CatalogVendors
        from apps.tenancy.provisioning import register_migrated, register_restored, register_seed

        register(check_provider, "search")
        register_seed("catalog", seed)
        register_restored("catalog", settle_media)
        register_vendor_directory(CatalogVendors())
        register_personal_data("catalog", export=export_applications, erase=erase_person)
        register_migrated("catalog", refresh_all)
        register_restored("catalog_documents", lambda restored: refresh_all())
