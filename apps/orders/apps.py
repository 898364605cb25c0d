"""What was bought."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, vendor orders, lines, history."""

    name = "apps.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"
