"""Paths of payments, below /api/v1/."""

from django.urls import path

from apps.payments.api import views, webhooks

urlpatterns = [
    path("payments", views.PaymentListView.as_view(), name="payment-list"),
    path("payments/<uuid:payment_id>", views.PaymentView.as_view(), name="payment"),
    path("payments/<uuid:payment_id>/capture", views.CaptureView.as_view(), name="payment-capture"),
    path("payments/<uuid:payment_id>/void", views.VoidView.as_view(), name="payment-void"),
    path("payments/<uuid:payment_id>/refund", views.RefundView.as_view(), name="payment-refund"),
    path("webhooks/stripe", webhooks.StripeWebhookView.as_view(), name="webhook-stripe"),
    path("webhooks/sandbox", webhooks.SandboxWebhookView.as_view(), name="webhook-sandbox"),
]
