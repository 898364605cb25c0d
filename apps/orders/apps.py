"""What was bought."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, vendor orders, lines, history."""

    name = "apps.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what orders hold on a person, and have the catalog know the markets."""
        from apps.accounts.facade import register_personal_data
        from apps.catalog.facade import register_market_directory
        from apps.orders.market_directory import OrderMarkets
        from apps.orders.personal import export_carts, export_orders
        from apps.orders.services.clear_carts import erase_carts
        from apps.orders.services.erase_person import erase_person

        register_market_directory(OrderMarkets())
        register_personal_data("orders", export=export_orders, erase=erase_person)
        register_personal_data("carts", export=export_carts, erase=erase_carts)
