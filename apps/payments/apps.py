"""Money in and back."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments, refunds, gateways, webhook inbox."""

    name = "apps.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let a misconfigured gateway stop the start; take the money of checkouts; say what
        payments hold on a person.
        """
        from apps.accounts.facade import register_personal_data
        from apps.orders.facade import register_payment_starter
        from apps.payments import checks  # noqa: F401
        from apps.payments.personal import export_payments
        from apps.payments.services.erase_person import erase_person
        from apps.payments.starter import Payments

        register_payment_starter(Payments())
        register_personal_data("payments", export=export_payments, erase=erase_person)
