"""Goods out."""

from django.apps import AppConfig


class ShippingConfig(AppConfig):
    """Shipments, labels, tracking, carriers."""

    name = "apps.shipping"
    label = "shipping"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what shipments hold on a person."""
        from apps.accounts.facade import register_personal_data
        from apps.shipping.personal import export_shipments
        from apps.shipping.services.erase_person import erase_person

        register_personal_data("shipping", export=export_shipments, erase=erase_person)
