"""Payments in admin: readable; money moves only through the services, by actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.ids import uuid7
from apps.common.money import Money
from apps.payments.gateways.base import GatewayError
from apps.payments.models import InboxStatus, Payment, Refund, WebhookMessage
from apps.payments.services.capture_payment import capture_payment
from apps.payments.services.refund_payment import refund_payment
from apps.payments.services.void_payment import void_payment
from apps.payments.services.work_inbox import work_again
from apps.payments.states import PaymentState
from apps.payments.wakeup import payments as wakeup

_STATES = {
    "Pending": "info",
    "Requires action": "warning",
    "Authorized": "info",
    "Captured": "success",
    "Partially refunded": "warning",
    "Refunded": "warning",
    "Failed": "danger",
    "Voided": "danger",
}
_INBOX = {"Received": "info", "Processed": "success", "Ignored": "info", "Failed": "danger"}


class RefundInline(ReadOnly, TabularInline):
    """What went back."""

    model = Refund
    hide_title = True
    fields = ["created_at", "show_amount", "status", "reason", "failure_message", "processed_at"]
    readonly_fields = fields
    extra = 0

    @display(description="Amount")
    def show_amount(self, refund: Refund) -> str:
        """The amount as people read it."""
        return str(Money(refund.amount_cents, refund.payment.currency))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        """With the payment, whose currency each row shows."""
        refunds: QuerySet[Refund] = super().get_queryset(request)
        return refunds.select_related("payment")


@admin.register(Payment, site=store_admin)
class PaymentAdmin(ReadOnly, ModelAdmin):
    """Payments, newest first."""

    list_display = [
        "created_at",
        "show_order",
        "show_amount",
        "show_status",
        "gateway",
        "show_captured",
        "show_refunded",
    ]
    list_filter = ["status", "gateway", "currency"]
    search_fields = ["=order__number", "=gateway_id", "=order__email"]
    list_select_related = ["order"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [RefundInline]
    actions = ["capture", "void", "refund_rest"]
    fields = [
        "show_order",
        "show_status",
        "show_amount",
        "show_captured",
        "show_refunded",
        "gateway",
        "gateway_id",
        "capture_method",
        "failure_code",
        "failure_message",
        "created_at",
        "authorized_at",
        "captured_at",
    ]
    readonly_fields = fields

    @display(description="Order")
    def show_order(self, payment: Payment) -> str:
        """The order's number."""
        return payment.order.number

    @display(description="Status", label=_STATES)
    def show_status(self, payment: Payment) -> str:
        """The status as a coloured label."""
        return PaymentState(payment.status).label

    @display(description="Amount")
    def show_amount(self, payment: Payment) -> str:
        """What is to be paid."""
        return str(Money(payment.amount_cents, payment.currency))

    @display(description="Captured")
    def show_captured(self, payment: Payment) -> str:
        """What was taken."""
        return str(Money(payment.captured_cents, payment.currency))

    @display(description="Refunded")
    def show_refunded(self, payment: Payment) -> str:
        """What went back."""
        return str(Money(payment.refunded_cents, payment.currency))

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who may capture and void."""
        return "payments.write" in getattr(request.user, "permissions", ())

    def has_refund_permission(self, request: HttpRequest) -> bool:
        """Who may give money back."""
        return "orders.refund" in getattr(request.user, "permissions", ())

    @admin.action(description="Capture what is due", permissions=["write"])
    def capture(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        """Take what the order owes of what is authorised."""
        _each(request, chosen, lambda pk: capture_payment(payment_id=pk, key=str(uuid7())))

    @admin.action(description="Void", permissions=["write"])
    def void(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        """Let go what is held."""
        _each(request, chosen, lambda pk: void_payment(payment_id=pk, key=str(uuid7())))

    @admin.action(description="Refund all that is left", permissions=["refund"])
    def refund_rest(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        """Give back what is captured and not given back."""
        _each(request, chosen, lambda pk: refund_payment(payment_id=pk, reason="by staff"))


def _each(request: HttpRequest, chosen: QuerySet[Payment], act: Callable[[Any], object]) -> None:
    done = 0
    for payment in chosen.select_related("order"):
        try:
            act(payment.pk)
            done += 1
        except (DomainError, GatewayError) as error:
            messages.error(request, f"{payment.order.number}: {error}")
    if done:
        messages.success(request, f"Done for {done} payments.")


@admin.register(WebhookMessage, site=store_admin)
class WebhookMessageAdmin(ReadOnly, ModelAdmin):
    """What gateways told, and what became of it."""

    list_display = ["received_at", "gateway", "type", "show_status", "attempts", "error"]
    list_filter = ["status", "gateway", "type"]
    search_fields = ["=event_id"]
    date_hierarchy = "received_at"
    ordering = ["-received_at"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["work_again"]

    @display(description="Status", label=_INBOX)
    def show_status(self, message: WebhookMessage) -> str:
        """The status as a coloured label."""
        return InboxStatus(message.status).label

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who may have a message worked again."""
        return "payments.write" in getattr(request.user, "permissions", ())

    @admin.action(description="Work the failed ones again", permissions=["write"])
    def work_again(self, request: HttpRequest, chosen: QuerySet[WebhookMessage]) -> None:
        """Make failed messages due now."""
        count = work_again([message.pk for message in chosen])
        wakeup.now()
        messages.success(request, f"{count} messages will be worked again.")
