"""Money in and back."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments, refunds, gateways, webhook inbox."""

    name = "apps.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
