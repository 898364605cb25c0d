"""What is for sale."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Vendors, categories, products, variants, prices, import."""

    name = "apps.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
