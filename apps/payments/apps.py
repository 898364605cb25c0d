"""Money in and back."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments, refunds, gateways, webhook inbox."""

    name = "apps.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let a misconfigured gateway stop the start."""
        from apps.payments import checks  # noqa: F401
